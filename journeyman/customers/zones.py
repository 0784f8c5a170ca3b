"""The time-zone ladder (W7): the customer's own, then from place or phone, then the journey's, the workspace's, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers

from journeyman.language.zones import known_zone


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
        ("phone", _zone_of_country(_country_of_phone(_text(attributes.get("phone"))))),
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
    return _zones_by_country().get(country.upper()) if country else None


@lru_cache(maxsize=10_000)
def _country_of_phone(phone: str | None) -> str | None:
    if phone is None:
        return None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=1)
def _zones_by_country() -> dict[str, str]:
    """Each ISO 3166 country's zone, where the country has only one: several would be a guess (tzdata's zone.tab)."""
    found: dict[str, list[str]] = {}
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found.setdefault(country, []).append(zone)
    return {country: zones[0] for country, zones in found.items() if len(zones) == 1}
