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
        ({"country": "Germany"}, None, "UTC", "Europe/Berlin", "country"),
        ({"country": "de"}, None, "UTC", "Europe/Berlin", "country"),
        ({"country": "uk"}, None, "UTC", "Europe/London", "country"),
        ({"country": "US", "phone": "+1 212 555 1234"}, None, "UTC", "America/New_York", "phone"),
        ({"country": "BR", "phone": "+55 11 98765 4321"}, None, "UTC", "America/Sao_Paulo", "phone"),
        ({"phone": "+1 800 555 1234"}, "Europe/Riga", "UTC", "Europe/Riga", "journey"),
        ({"phone": "+61 412 345 678"}, "Europe/Riga", "UTC", "Europe/Riga", "journey"),
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


def test_w7_a_country_whose_clocks_all_go_alike_has_one_zone() -> None:
    """Germany has Büsingen and Argentina has twelve zones by name, with one time each."""
    assert place_of({"country": "AR"}, None, "UTC").zone.key == "America/Argentina/Buenos_Aires"
    assert place_of({"country": "ES"}, None, "UTC").rung == "workspace", "the Canaries are an hour behind"
