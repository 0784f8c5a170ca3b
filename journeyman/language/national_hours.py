"""The hours in which countries, or their networks, want no advertising by text message.

A rule set to begin with, and no legal advice: states, holidays and networks have rules beside these. The strictest of
what is found for a country stands here, with where it was found.
"""

from collections.abc import Mapping
from typing import Final

from journeyman.language.contact import QuietHours

TEXTS: Final = frozenset({"sms", "voice"})
"""The channels that the rules are about."""


def _hours(begin: str, end: str, *days: str) -> QuietHours:
    return QuietHours.model_validate({"from": begin, "until": end, "days": days})


_NIGHT: Final = _hours("20:00", "08:00")
NATIONAL_HOURS: Final[Mapping[str, tuple[QuietHours, ...]]] = {
    "AE": (_hours("21:00", "07:00"),),
    "BR": (_hours("21:00", "08:00"),),
    "CA": (_NIGHT,),
    "FR": (_hours("22:00", "08:00"), _hours("00:00", "24:00", "sunday")),
    "IN": (_hours("21:00", "10:00"),),
    "KZ": (_hours("22:00", "09:00"),),
    "MX": (_NIGHT,),
    "US": (_NIGHT,),
}
"""By ISO 3166 code, in the customer's local time.

AE: twilio.com/en/guidelines/ae/sms. BR, CA, KZ, MX: help.getvero.com, "SMS quiet hours compliance". FR:
developers.brevo.com, "Send SMS message" (and public holidays, which are not in here). IN: TRAI's TCCCPR, 2018. US: 47
CFR 64.1200(c)(1) says 21:00, Florida and other states 20:00.
"""
