"""Somebody's addresses on the suppression list, which knows them by channel and digest."""

from collections.abc import Iterator

from journeyman.channels import suppressions
from journeyman.customers.erasure.digests import EMAIL, PHONE
from journeyman.customers.erasure.receipts import Belongings

ADDRESS_KINDS = {"email": EMAIL, "sms": PHONE, "voice": PHONE, "whatsapp": PHONE}
"""Of which kind the addresses of a channel are."""


def listed(belongings: Belongings, key: bytes) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(channel, address, digests) under which an address may be on the list, in any spelling."""
    for kind, address in belongings.addresses:
        for channel, its in ADDRESS_KINDS.items():
            if its == kind:
                yield channel, address, suppressions.digests(channel, address, key)
