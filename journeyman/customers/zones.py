"""The time-zone ladder (W7): the customer's own, then from place or phone, then the journey's, the workspace's, UTC."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as phone_zones

from journeyman.language.zones import known_zone

READ: Final = frozenset({"timezone", "time_zone", "address", "country", "phone"})
"""The attributes, by the first keys of their paths, that say where a customer is."""
_WEEKS: Final = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(weeks=week) for week in range(104)]
"""Two years: zones that agree in all of these weeks change their clocks alike."""
_OTHER_NAMES: Final = {"UK": "GB"}


@dataclass(frozen=True, slots=True)
class Place:
    """A time zone and the rung of the ladder that gave it."""

    zone: ZoneInfo
    rung: str


def place_of(attributes: Mapping[str, Any], journey_zone: str | None, workspace_zone: str) -> Place:
    """The zone in which a customer's local times are read."""
    rungs = (
        ("customer", _text(attributes.get("timezone") or attributes.get("time_zone"))),
        ("country", _zone_of_country(_country(attributes))),
        ("phone", _zone_of_phone(_text(attributes.get("phone")))),
        ("journey", journey_zone),
        ("workspace", workspace_zone),
    )
    for rung, name in rungs:
        zone = known_zone(name) if name else None
        if zone is not None:
            return Place(zone, rung)
    return Place(ZoneInfo("UTC"), "utc")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _country(attributes: Mapping[str, Any]) -> str | None:
    address = attributes.get("address")
    country = _text(address.get("country")) if isinstance(address, Mapping) else None
    return country or _text(attributes.get("country"))


def _zone_of_country(country: str | None) -> str | None:
    if not country:
        return None
    code = country.strip().upper()
    return _zones_by_country().get(_OTHER_NAMES.get(code) or _codes_by_name().get(code, code))


@lru_cache(maxsize=10_000)
def country_of_phone(phone: str) -> str | None:
    """The ISO 3166 code of the country that a number in E.164 belongs to; None where it belongs to none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=10_000)
def _zone_of_phone(phone: str | None) -> str | None:
    """By the number's area where it has one; else by its country."""
    if phone is None:
        return None
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return None
    of_area = _one_of([zone for zone in phone_zones.time_zones_for_number(number) if known_zone(zone)])
    return of_area or _zone_of_country(phonenumbers.region_code_for_number(number))


@lru_cache(maxsize=1)
def _zones_by_country() -> dict[str, str]:
    """Each ISO 3166 country's zone, where all of it has the same time: else it would be a guess (tzdata's zone.tab)."""
    found: dict[str, list[str]] = {}
    for country, _, zone, *_ in _lines("zone.tab"):
        found.setdefault(country, []).append(zone)
    single = {country: _one_of(zones) for country, zones in found.items()}
    return {country: zone for country, zone in single.items() if zone is not None}


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    """ISO 3166 codes of countries by their English names in capitals (tzdata's iso3166.tab)."""
    return {name.upper(): code for code, name, *_ in _lines("iso3166.tab")}


def _lines(table: str) -> Iterator[list[str]]:
    text = files("tzdata.zoneinfo").joinpath(table).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if not line.startswith("#"))


def _one_of(zones: Sequence[str]) -> str | None:
    """The first, which has most people, where the clocks of all of them go alike."""
    clocks = {_clock(zone) for zone in zones} if len(zones) > 1 else set()
    return zones[0] if zones and len(clocks) <= 1 else None


def _clock(zone: str) -> tuple[timedelta | None, ...]:
    place = known_zone(zone)
    return tuple(week.astimezone(place).utcoffset() for week in _WEEKS) if place is not None else ()
