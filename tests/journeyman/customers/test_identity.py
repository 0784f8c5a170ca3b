"""Who an event is about, in the first form of identity resolution."""

from datetime import UTC, datetime

import pytest

from journeyman.customers.identity import ANONYMOUS_ID, USER_ID, Names, People, Person, customer_id_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def known(customer_id: str, *identifiers: tuple[str, str], **attributes: object) -> Person:
    return Person(customer_id, dict(attributes), NOON, known_as=set(identifiers))


def identify(user: str | None = None, anonymous: str | None = None) -> Names:
    return Names("identify", user, anonymous)


def track(user: str | None = None, anonymous: str | None = None) -> Names:
    return Names("track", user, anonymous)


def test_a_plain_user_id_is_the_customers_id() -> None:
    assert customer_id_of("u-42") == "u-42"


@pytest.mark.parametrize(
    "user_id", ["ann@example.com", "+48600100200", "48600100200", "a b", "", "x" * 65, "cus_1", "ü"]
)
def test_what_looks_like_an_address_or_is_not_plain_gets_a_made_id(user_id: str) -> None:
    made = customer_id_of(user_id)
    assert made.startswith("cus_")
    assert made != user_id


def test_the_same_names_always_find_the_same_person() -> None:
    people = People([])
    first = people.find(track("ann"), NOON)
    assert people.find(identify("ann", "a1"), NOON) is first
    assert people.find(track(anonymous="a1"), NOON) is first


def test_identify_gives_the_nameless_profile_its_user_id() -> None:
    people = People([])
    nameless = people.find(track(anonymous="a1"), NOON)
    assert people.find(identify("ann", "a1"), NOON) is nameless


def test_a_track_call_with_both_ids_does_not_merge() -> None:
    people = People([])
    nameless = people.find(track(anonymous="a1"), NOON)
    user = people.find(track("ann", "a1"), NOON)
    assert user is not nameless
    assert people.find(track(anonymous="a1"), NOON) is nameless


def test_identify_merges_what_the_nameless_did_into_the_user_who_is_known() -> None:
    nameless = known("cus_1", (ANONYMOUS_ID, "a1"), city="Riga", plan="free")
    user = known("ann", (USER_ID, "ann"), plan="pro")
    people = People([nameless, user])
    assert people.find(identify("ann", "a1"), NOON) is user
    assert user.attributes == {"city": "Riga", "plan": "pro"}
    assert nameless.survivor is user
    assert people.find(track(anonymous="a1"), NOON) is user


def test_two_users_on_one_device_are_never_merged_and_the_device_follows_the_newer() -> None:
    ann, bob = known("ann", (USER_ID, "ann"), (ANONYMOUS_ID, "tv")), known("bob", (USER_ID, "bob"))
    people = People([ann, bob])
    assert people.find(identify("bob", "tv"), NOON) is bob
    assert (ann.merged_into, people.find(track(anonymous="tv"), NOON)) == (None, bob)
    assert (ANONYMOUS_ID, "tv") not in ann.known_as


def test_alias_merges_the_previous_id_whatever_its_kind() -> None:
    old, new = known("old", (USER_ID, "old"), city="Riga"), known("new", (USER_ID, "new"))
    people = People([old, new])
    merges: list[tuple[str, str]] = []
    people.on_merge = lambda loser, survivor: merges.append((loser.id, survivor.id))
    assert people.find(Names("alias", "new", previous_id="old"), NOON) is new
    assert (merges, new.attributes) == ([("old", "new")], {"city": "Riga"})
    assert people.find(track("old"), NOON) is new


def test_alias_of_an_unknown_id_makes_it_a_name_of_the_user() -> None:
    people = People([])
    user = people.find(Names("alias", "ann", previous_id="a9"), NOON)
    assert people.find(track(anonymous="a9"), NOON) is user


def test_a_chain_of_merges_ends_at_the_last_survivor() -> None:
    people = People([known("a", (USER_ID, "a")), known("b", (USER_ID, "b")), known("c", (USER_ID, "c"))])
    people.find(Names("alias", "b", previous_id="a"), NOON)
    people.find(Names("alias", "c", previous_id="b"), NOON)
    assert people.find(track("a"), NOON) is people.find(track("c"), NOON)


def test_a_receipt_for_a_customer_who_is_gone_is_about_nobody() -> None:
    assert People([]).find(Names("receipt", customer_id="gone"), NOON) is None
