"""Normal forms of identifiers."""

from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from journeyman.customers.identifiers import claims_of, device_of, email_of, phone_of


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        (" Ann.Lee+Shop@Example.COM ", "ann.lee+shop@example.com"),
        ("a.n.n@gmail.com", "a.n.n@gmail.com"),
        ("Käthe@bücher.de", "käthe@xn--bcher-kva.de"),
        ("ann@xn--bcher-kva.de", "ann@xn--bcher-kva.de"),
        ("ann", None),
        ("ann@localhost", None),
        ("ann@shop.local", None),
        ("ann..lee@example.com", None),
        ("x" * 65 + "@example.com", None),
        ("ann@" + "x" * 64 + ".com", None),
        ("a" * 100_000, None),
        ("", None),
    ],
)
def test_an_address_is_compared_in_lower_case_with_dots_and_tags_as_they_are(raw: str, normal: str | None) -> None:
    assert email_of(raw) == normal


@given(st.from_regex(r"[a-z0-9._+-]{1,12}@[a-z0-9.-]{1,16}\.(com|test|local|pl|x1|arpa)", fullmatch=True))
def test_the_quick_way_reads_plain_addresses_as_the_validator_does(raw: str) -> None:
    try:
        read = validate_email(raw, check_deliverability=False, strict=True)
        expected = f"{read.local_part.lower()}@{read.ascii_domain.lower()}"
    except EmailNotValidError:
        expected = None
    assert email_of(raw) == expected


@pytest.mark.parametrize(
    ("raw", "region", "normal"),
    [
        ("+48 600 100 200", None, "+48600100200"),
        ("600-100-200", "PL", "+48600100200"),
        ("600-100-200", "pl", "+48600100200"),
        ("0048600100200", "PL", "+48600100200"),
        ("600100200", None, None),
        ("+1 555", None, None),
        ("(212) 736-5000 ext. 12", "US", None),
        ("call me", "US", None),
        ("1" * 1000, "US", None),
    ],
)
def test_a_phone_number_is_e164_or_none(raw: str, region: str | None, normal: str | None) -> None:
    assert phone_of(raw, region) == normal


@pytest.mark.parametrize(
    "raw", ["", " ", "unknown", "NULL", "0", "00000000-0000-0000-0000-000000000000", "9774d56d682e549c", 7, None]
)
def test_what_a_client_sends_without_knowing_the_device_names_none(raw: object) -> None:
    assert device_of(raw) is None


def claims(traits: dict[str, Any] | None = None, **context: Any) -> tuple[tuple[str, str], ...]:
    return claims_of(traits or {}, context)


def test_traits_bring_an_address_and_a_number_of_the_customers_country() -> None:
    traits = {"email": "Ann@Example.com", "phone": "600 100 200", "address": {"country": "pl"}}
    assert claims(traits) == (("email", "ann@example.com"), ("phone", "+48600100200"))
    assert claims({"phone": "600 100 200", "country": "PL"}) == (("phone", "+48600100200"),)
    assert claims({"email": 7, "phone": ["x"], "country": "Poland"}) == ()


def test_external_ids_name_their_source_and_those_with_a_kind_of_their_own_are_of_it() -> None:
    given = [
        {"id": "42", "type": "CRM", "collection": "users", "encoding": "none"},
        {"id": "Ann@Example.com", "type": "email"},
        {"id": "+48600100200", "type": "phone"},
        {"id": "IDFA-1", "type": "ios.idfa"},
        {"id": "CRM", "type": "CRM", "collection": "accounts"},
        {"id": "5e88", "type": "crm", "encoding": "sha256"},
        {"id": "", "type": "crm"},
        {"id": "x", "type": "with spaces"},
        "nothing",
    ]
    assert claims(externalIds=given) == (
        ("ext:crm", "42"),
        ("email", "ann@example.com"),
        ("phone", "+48600100200"),
        ("device", "idfa-1"),
    )


def test_a_device_counts_once_and_not_by_an_advertising_id_that_is_switched_off() -> None:
    assert claims(device={"id": "D1", "advertisingId": "d1"}) == (("device", "d1"),)
    assert claims(device={"advertisingId": "a1", "adTrackingEnabled": False}) == ()
    assert claims(device="phone", externalIds="x") == ()
