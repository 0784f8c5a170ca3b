"""W7: the time-zone ladder."""

from typing import Any

import pytest

from journeyman.customers.zones import place_of


@pytest.mark.parametrize(
    ("attributes", "journey", "workspace", "zone", "rung"),
    [
        ({"timezone": "Asia/Tokyo", "address": {"country": "PL"}}, "Europe/Riga", "UTC", "Asia/Tokyo", "customer"),
        ({"address": {"country": "pl"}}, "Europe/Riga", "UTC", "Europe/Warsaw", "country"),
        ({"country": "JP"}, None, "UTC", "Asia/Tokyo", "country"),
        ({"phone": "+48600100200"}, "Europe/Riga", "UTC", "Europe/Warsaw", "phone"),
        ({"phone": "no number"}, "Europe/Riga", "UTC", "Europe/Riga", "journey"),
        ({}, None, "America/New_York", "America/New_York", "workspace"),
        ({}, None, "Nowhere/Else", "UTC", "utc"),
    ],
)
def test_w7_the_first_rung_that_is_known_decides(
    attributes: dict[str, Any], journey: str | None, workspace: str, zone: str, rung: str
) -> None:
    place = place_of(attributes, journey, workspace)
    assert (place.zone.key, place.rung) == (zone, rung)


def test_w7_a_zone_that_does_not_exist_is_no_zone() -> None:
    assert place_of({"timezone": "Mars/Olympus"}, None, "UTC").rung == "workspace"


def test_w7_a_country_with_several_zones_is_no_guess() -> None:
    assert place_of({"country": "US"}, "Europe/Riga", "UTC").rung == "journey"
