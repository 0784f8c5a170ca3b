"""The names under which an event knows its customer, each in one normal form.

What has no normal form stays an attribute and names nobody.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

Identifier = tuple[str, str]
"""A kind and a value in its normal form."""

USER_ID: Final = "user_id"
ANONYMOUS_ID: Final = "anonymous_id"
EMAIL: Final = "email"
PHONE: Final = "phone"
DEVICE: Final = "device"
EXTERNAL: Final = "ext"
"""External ids are of the kind `ext:<source>`."""

LONGEST = 512
"""Characters that a value may have, as at the door."""

# What the validator would pass as it is, but for the case: reading it takes a hundredth of the time.
_PLAIN_EMAIL = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+([a-z]{2,63})")
_LONGEST_LOCAL, _LONGEST_EMAIL, _LONGEST_LABEL = 64, 254, 63
_LONGEST_TEXT = 320
_SPECIAL = {"arpa", "invalid", "local", "localhost", "onion", "test"}
"""Top-level domains under which nobody has an address (RFC 6761, RFC 7686)."""

_SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,27}")
_NO_DEVICE = {"", "0", "null", "none", "unknown", "undefined", "unavailable", "9774d56d682e549c"}
"""What clients send where they know none; the last is the one that a defect gave to millions of Androids."""
_ZEROES = re.compile(r"[0-]+")

_KIND_OF_TYPE = {
    "email": EMAIL,
    "phone": PHONE,
    "ios.id": DEVICE,
    "ios.idfa": DEVICE,
    "android.id": DEVICE,
    "android.idfa": DEVICE,
}
"""Types of external ids that Segment uses for what has a kind of its own (unify/identity-resolution/externalids)."""


def kind_group(kind: str) -> str:
    """The kind as the rules speak of it: all external ids are `ext`."""
    return kind.partition(":")[0]


@lru_cache(maxsize=65_536)
def email_of(raw: str) -> str | None:
    """An address as it is compared: without spaces around it, in lower case, the domain in its ASCII form.

    Dots and tags (`ann+shop@`) are never taken out: only the address's own server knows what they mean. None where it
    is no address that a public mail server could have (RFC 5321, RFC 6761); nothing is asked of the network.
    """
    text = raw.strip().lower()
    if len(text) > _LONGEST_TEXT:
        return None
    plain = _PLAIN_EMAIL.fullmatch(text)
    if plain is not None and plain[1] not in _SPECIAL and _is_short(text):
        return text
    try:
        read = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return f"{read.local_part.lower()}@{read.ascii_domain.lower()}"


def _is_short(address: str) -> bool:
    local, _, domain = address.partition("@")
    labels = domain.split(".")
    return (
        len(local) <= _LONGEST_LOCAL
        and len(address) <= _LONGEST_EMAIL
        and all(len(label) <= _LONGEST_LABEL for label in labels)
    )


@lru_cache(maxsize=65_536)
def phone_of(raw: str, region: str | None = None) -> str | None:
    """A telephone number in E.164 (`+48600100200`), or None where no such number can exist.

    `region` is the ISO 3166 code of the country whose national form it may be in; without one it has to begin with
    `+`. A number with an extension reaches a house, not a person, and is none.
    """
    if len(raw) > _LONGEST_TEXT:
        return None
    try:
        read = phonenumbers.parse(raw, region.upper() if region else None)
    except phonenumbers.NumberParseException:
        return None
    if read.extension or not phonenumbers.is_valid_number(read):
        return None
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)


def device_of(raw: object) -> str | None:
    """A device's id, or an advertising id, in lower case; None where a client only fills the field."""
    if not isinstance(raw, str) or len(raw) > LONGEST:
        return None
    value = raw.strip().lower()
    return None if value in _NO_DEVICE or _ZEROES.fullmatch(value) else value


def claims_of(traits: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """The identifiers beside user id and anonymous id that a call brings, the most telling first, each once.

    E-mail and phone are a customer's traits; external ids and devices stand in the context (Segment's spec, common
    fields: `externalIds`, `device.id`, `device.advertisingId`).
    """
    found: list[Identifier] = []
    # Most calls bring none of these: they cost no more than the question.
    if "externalIds" in context:
        found += _external_ids(context)
    if "email" in traits or "phone" in traits:
        found += _of_traits(traits)
    if "device" in context:
        found += _devices(context)
    return tuple(dict.fromkeys(found)) if found else ()


def _of_traits(traits: Mapping[str, Any]) -> Iterator[Identifier]:
    email, phone = traits.get("email"), traits.get("phone")
    if isinstance(email, str):
        yield from _named(EMAIL, email_of(email))
    if isinstance(phone, str):
        yield from _named(PHONE, phone_of(phone, region_of(traits)))


def region_of(traits: Mapping[str, Any]) -> str | None:
    """The country, as an ISO 3166 code, in whose national form a phone number of these traits would be."""
    address = traits.get("address")
    for country in (traits.get("country"), address.get("country") if isinstance(address, Mapping) else None):
        if isinstance(country, str) and country.upper() in phonenumbers.SUPPORTED_REGIONS:
            return country.upper()
    return None


def _external_ids(context: Mapping[str, Any]) -> Iterator[Identifier]:
    given = context["externalIds"]
    for one in given if isinstance(given, list) else ():
        # A hashed id cannot be compared with a plain one, and `accounts` are no persons.
        if isinstance(one, Mapping) and one.get("encoding", "none") == "none" and one.get("collection") != "accounts":
            yield from _external_id(one.get("type"), one.get("id"))


def _external_id(source: object, value: object) -> Iterator[Identifier]:
    if not isinstance(source, str) or not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        return
    source = source.lower()
    match _KIND_OF_TYPE.get(source):
        case "email":
            yield from _named(EMAIL, email_of(value))
        case "phone":
            yield from _named(PHONE, phone_of(value))
        case "device":
            yield from _named(DEVICE, device_of(value))
        case _ if _SOURCE.fullmatch(source):
            yield f"{EXTERNAL}:{source}", value
        case _:
            return


def _devices(context: Mapping[str, Any]) -> Iterator[Identifier]:
    device = context["device"]
    if not isinstance(device, Mapping):
        return
    yield from _named(DEVICE, device_of(device.get("id")))
    if device.get("adTrackingEnabled") is not False:
        yield from _named(DEVICE, device_of(device.get("advertisingId")))


def _named(kind: str, value: str | None) -> Iterator[Identifier]:
    if value is not None:
        yield kind, value
