"""The channels on which customers are reached, and what they are called in events."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Channel = Literal[
    "email",
    "sms",
    "push",
    "web_push",
    "whatsapp",
    "messenger",
    "telegram",
    "viber",
    "line",
    "in_app",
    "webhook",
    "voice",
]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
"""Ways to reach a customer that consent can be given for."""

NO_SENDING: Final[Mapping[str, str]] = {
    "webhook": "sends no message: write a `call` step",
    "voice": "is not available yet; a `task` step has a person call",
}
"""Channels on which no `send` step sends, and why."""

SENDING: Final[tuple[str, ...]] = tuple(channel for channel in CHANNELS if channel not in NO_SENDING)

ATTRIBUTES: Final[Mapping[str, str]] = {
    "email": "email",
    "sms": "phone",
    "whatsapp": "phone",
    "messenger": "messenger_id",
    "telegram": "telegram_id",
    "viber": "viber_id",
    "line": "line_id",
}
"""The attribute that holds the address, for the channels of which the profile has it."""

ADDRESSES: Final = frozenset(ATTRIBUTES.values())

DEVICES: Final = frozenset({"push", "web_push"})
"""The channels that reach devices, of which a customer may have several."""

IN_HOUSE: Final = frozenset({"in_app"})
"""The channels whose messages wait in the product itself until the customer comes: nobody is without an address."""

AT_MOST_ONCE: Final = frozenset({"sms", "whatsapp", "voice"})
"""Where a message that came twice costs more than one that did not come: the default of `delivery` (M4)."""

TITLES: Final[Mapping[str, str]] = {
    "email": "Email",
    "sms": "SMS",
    "push": "Push Notification",
    "web_push": "Web Push",
    "whatsapp": "WhatsApp",
    "messenger": "Messenger",
    "telegram": "Telegram",
    "viber": "Viber",
    "line": "LINE",
    "in_app": "In-App Message",
}
"""How the names of receipts begin; those of e-mail and apps are Segment's."""

VERBS: Final[Mapping[str, str]] = {
    "delivered": "Delivered",
    "opened": "Opened",
    "clicked": "Link Clicked",
    "bounced": "Bounced",
    "complained": "Marked as Spam",
}
UNSUBSCRIBED: Final = "Unsubscribed"
REPLIED: Final = "Reply Received"
_SEGMENTS: Final[Mapping[tuple[str, str], str]] = {
    ("push", "delivered"): "Push Notification Received",
    ("push", "clicked"): "Push Notification Tapped",
    ("web_push", "clicked"): "Web Push Clicked",
    ("in_app", "clicked"): "In-App Message Clicked",
    ("in_app", "dismissed"): "In-App Message Dismissed",
}
"""Names of Segment's spec for mobile apps, which are otherwise than the rest."""


def receipt_name(channel: str, moment: str) -> str:
    """What the event is called that tells that a message was delivered, opened, clicked, …"""
    if moment == "unsubscribed":
        return UNSUBSCRIBED
    return _SEGMENTS.get((channel, moment)) or f"{TITLES[channel]} {VERBS[moment]}"


RECEIPTS: Final[Mapping[str, str]] = {
    receipt_name(channel, moment): moment for channel in TITLES for moment in (*VERBS, "unsubscribed")
}
"""What the name of a receipt says of a message."""
