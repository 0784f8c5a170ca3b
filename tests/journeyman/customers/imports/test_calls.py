"""What rows become, and under which id they count once."""

from typing import Any

import pytest

from journeyman.customers.imports.calls import NoCallError, Source, check, maker
from journeyman.kit.errors import InvalidError

CRM = Source("crm", "f1")


def customer(source: Source = CRM, number: int = 2, **row: Any) -> dict[str, Any]:
    return maker("customers")({"user_id": "ann", **row}, number, source)


def event(source: Source = CRM, number: int = 2, **row: Any) -> dict[str, Any]:
    return maker("events")({"user_id": "ann", **row}, number, source)


def test_a_customers_row_is_an_identify() -> None:
    call = customer(anonymousId="dev", timestamp="2026-01-01", email="a@x.pl", plan=None, traits={"vip": True})
    assert call.pop("messageId").startswith("imp_")
    assert call == {
        "type": "identify",
        "userId": "ann",
        "anonymousId": "dev",
        "timestamp": "2026-01-01",
        "traits": {"email": "a@x.pl", "plan": None, "vip": True},
        "context": {"imported": {"source": "crm", "row": 2}},
    }


def test_an_events_row_is_a_track() -> None:
    call = event(event="Order Completed", revenue=5, properties={"order_id": "o1"}, context={"ip": "::1"})
    assert (call["type"], call["event"]) == ("track", "Order Completed")
    assert call["properties"] == {"revenue": 5, "order_id": "o1"}
    assert call["context"] == {"ip": "::1", "imported": {"source": "crm", "row": 2}}


def test_a_call_of_the_segment_spec_is_taken_as_it_is() -> None:
    call = event(type="group", groupId="acme", userId="ann", traits={"size": 5}, messageId="m1")
    assert (call["groupId"], call["traits"], call["messageId"]) == ("acme", {"size": 5}, "m1")


def test_a_row_counts_once_however_often_it_is_read() -> None:
    assert event(event="A", x=1)["messageId"] == event(event="A", x=1)["messageId"]
    assert customer(x=1, y=2)["messageId"] == customer(y=2, x=1)["messageId"]


def test_two_equal_rows_are_two_events() -> None:
    assert event(event="A", number=2)["messageId"] != event(event="A", number=3)["messageId"]


def test_other_sources_and_contents_are_other_events() -> None:
    ids = [event(event="A"), event(event="B"), event(Source("shop", "f1"), event="A")]
    assert len({call["messageId"] for call in ids}) == 3


def test_events_of_a_file_that_has_grown_are_the_same_and_customers_of_another_file_are_not() -> None:
    grown = Source("crm", "f2")
    assert event(event="A")["messageId"] == event(grown, event="A")["messageId"]
    assert customer(plan="free")["messageId"] != customer(grown, plan="free")["messageId"]


def test_an_id_of_the_rows_own_is_kept() -> None:
    assert event(event="A", message_id=17)["messageId"] == "17"
    assert "message_id" not in customer(messageId="m")["traits"]


def test_live_rows_carry_no_mark() -> None:
    assert "context" not in event(Source("crm", "f1", is_live=True), event="A")


def test_events_may_get_their_name_from_outside() -> None:
    assert event(Source("crm", "f1", event="Order Completed"))["event"] == "Order Completed"


def test_consent_is_no_attribute() -> None:
    call = customer(consent={"email": "yes", "sms": False, "news": "", "push": 1})
    assert {subject: said["status"] for subject, said in call["consents"].items()} == {
        "email": "yes",
        "sms": "no",
        "push": "yes",
    }
    assert call["traits"] == {}
    with pytest.raises(NoCallError, match="no channel or topic"):
        customer(consent={"E-Mail!": "yes"})
    with pytest.raises(NoCallError, match=r"`consent.email` is 'maybe'"):
        customer(consent={"email": "maybe"})


@pytest.mark.parametrize(
    ("kind", "row", "reason"),
    [
        ("customers", {"email": "a@x.pl"}, "names nobody"),
        ("events", {"event": "A"}, "names nobody"),
        ("events", {"user_id": "a"}, "names no event"),
        ("products", {"name": "Shirt"}, "no `id`"),
    ],
)
def test_a_row_that_lacks_what_it_needs_is_told(kind: Any, row: dict[str, Any], reason: str) -> None:
    with pytest.raises(NoCallError, match=reason):
        maker(kind)(row, 2, CRM)


def test_a_product_has_its_own_fields_apart_and_its_id_as_text() -> None:
    row = {"id": 7, "price": 9.5, "categories": "Shoes/Running | Sale", "colour": "red", "fields": {"size": "M"}}
    assert maker("products")(row, 2, CRM) == {
        "id": "7",
        "price": 9.5,
        "categories": ["Shoes/Running", "Sale"],
        "fields": {"colour": "red", "size": "M"},
    }
    assert maker("products")({"id": "7"}, 2, CRM) == {"id": "7"}


@pytest.mark.parametrize(
    ("kind", "fields", "missing"),
    [("customers", {"email"}, "`user_id`"), ("events", {"userId"}, "`event`"), ("products", {"sku"}, "`id`")],
)
def test_a_file_of_which_no_row_can_be_taken_is_refused_at_once(kind: Any, fields: set[str], missing: str) -> None:
    with pytest.raises(InvalidError, match=f"no column is {missing}; there are x: say which with --map"):
        check(kind, ["x"], CRM, fields)
