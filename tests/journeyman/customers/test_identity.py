"""Who an event is about: the rules of identity resolution, one by one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journeyman.customers.identifiers import ANONYMOUS_ID, USER_ID, Identifier
from journeyman.customers.identity import Names, People, Person, Rules, customer_id_of

Act = tuple[str | None, str | None, list[Identifier]]

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


def told(user: str | None = None, anonymous: str | None = None, *claims: Identifier, kind: str = "identify") -> Names:
    return Names(kind, user, anonymous, claims=claims, source="m1")


MAIL, PHONE, TABLET, CRM = ("email", "x@example.com"), ("phone", "+48600100200"), ("device", "d1"), ("ext:crm", "42")


@pytest.mark.parametrize("claim", [MAIL, PHONE, CRM])
def test_identify_merges_a_nameless_profile_by_what_it_tells_of_itself(claim: Identifier) -> None:
    people = People([])
    ann = people.find(told("ann", None, claim), NOON)
    nameless = people.find(track(anonymous="a2"), NOON)
    assert nameless is not ann
    assert people.find(told(None, "a2", claim), NOON) is ann
    (merge,) = people.merges
    assert (merge.loser, merge.survivor, merge.through, merge.source) == (nameless, ann, claim, "m1")
    assert merge.names == ((ANONYMOUS_ID, "a2"),)


def test_a_device_merges_nobody_unless_the_workspace_says_so() -> None:
    for rules, is_one in ((Rules(), False), (Rules(frozenset({"device"})), True)):
        people = People([], rules=rules)
        ann = people.find(told("ann", None, TABLET), NOON)
        assert (people.find(told(None, "a2", TABLET), NOON) is ann) is is_one


def test_only_an_identify_merges() -> None:
    people = People([])
    ann, nameless = people.find(told("ann", None, CRM), NOON), people.find(track(anonymous="a2"), NOON)
    assert people.find(told(None, "a2", CRM, kind="track"), NOON) is nameless
    assert people.find(told(None, "a2", CRM), NOON) is ann


def test_an_unknown_anonymous_id_joins_whom_the_event_tells_of() -> None:
    people = People([])
    ann = people.find(told("ann", None, CRM), NOON)
    assert people.find(told(None, "a2", CRM, kind="track"), NOON) is ann
    assert people.find(track(anonymous="a2"), NOON) is ann
    assert people.merges == []


def test_two_users_with_one_address_stay_two_and_it_stays_with_the_first() -> None:
    people = People([])
    ann, bob = people.find(told("ann", None, MAIL), NOON), people.find(told("bob", None, MAIL), NOON)
    assert ann is not None
    assert bob is not None
    assert (ann.survivor, bob.survivor, list(bob.holds)) == (ann, bob, [MAIL])
    assert people.find(told(None, "a9", MAIL), NOON) is ann


def test_what_more_people_hold_than_the_limit_leads_to_nobody() -> None:
    people = People([], rules=Rules(shared_limit=2))
    users = [people.find(told(name, None, PHONE), NOON) for name in ("ann", "bob", "cyd")]
    assert PHONE in people.shared_at
    nameless = people.find(told(None, "a9", PHONE), NOON)
    assert nameless not in users
    assert people.find(told("dan", "a9", PHONE), NOON) is nameless, "the anonymous id merges as before"
    assert people.merges == []


def test_a_kiosk_becomes_a_profile_of_its_own_that_is_nobodys() -> None:
    people = People([], rules=Rules(shared_limit=2))
    kiosk = (ANONYMOUS_ID, "kiosk")
    users = [people.find(identify(name, "kiosk"), NOON) for name in ("ann", "bob", "cyd")]
    assert kiosk in people.shared_at
    place = people.find(track(anonymous="kiosk"), NOON)
    assert place not in users
    assert place is not None
    assert place.is_place
    assert people.find(identify("dan", "kiosk"), NOON) is not place
    eve = people.find(told(None, "kiosk", MAIL), NOON)
    assert eve is not place, "an address tells more than a kiosk"
    assert people.find(told("eve", None, MAIL), NOON) is eve
    assert people.find(track(anonymous="kiosk"), NOON) is place
    assert people.find(Names("alias", "ann", previous_id="kiosk"), NOON) is users[0]
    assert place.merged_into is None


def test_two_who_were_split_never_merge_again_but_by_an_operator() -> None:
    ann, other = known("ann", (USER_ID, "ann"), MAIL), known("cus_1", (ANONYMOUS_ID, "a1"))
    ann.apart, other.apart = {"cus_1"}, {"ann"}
    people = People([ann, other])
    assert people.find(identify("ann", "a1"), NOON) is ann
    assert people.find(told(None, "a1", MAIL), NOON) is other
    assert people.find(Names("alias", "ann", previous_id="a1"), NOON) is ann
    assert people.merges == []
    assert people.find(Names("merge", customer_id="ann", merged_id="cus_1"), NOON) is ann
    assert other.survivor is ann
    assert ann.apart == set()


def test_whoever_takes_over_a_split_profile_is_apart_as_well() -> None:
    ann, other = known("ann", (USER_ID, "ann"), MAIL), known("cus_1", (ANONYMOUS_ID, "a1"))
    ann.apart, other.apart = {"cus_1"}, {"ann"}
    people = People([ann, other, known("cus_0", (ANONYMOUS_ID, "a0"), CRM)])
    survivor = people.find(told(None, "a1", CRM), NOON)
    assert survivor is not other or other.merged_into is None
    assert people.find(told(None, "a0", MAIL), NOON) is not ann
    assert ann.is_apart_from(other.survivor)


def test_of_two_nameless_profiles_the_older_survives() -> None:
    later = NOON + timedelta(hours=1)
    young, old = Person("cus_1", {}, later, known_as={(ANONYMOUS_ID, "a1")}), known("cus_2", MAIL)
    people = People([young, old])
    assert people.find(told(None, "a1", MAIL), later) is old
    assert young.survivor is old


def test_who_holds_what_joins_when_two_become_one() -> None:
    ann, bob, cyd = (known(name, (USER_ID, name)) for name in ("ann", "bob", "cyd"))
    people = People([ann, bob, cyd], rules=Rules(shared_limit=2))
    for name in ("ann", "bob"):
        people.find(told(name, None, PHONE), NOON)
    people.find(Names("alias", "ann", previous_id="bob"), NOON)
    people.find(told("cyd", None, PHONE), NOON)
    assert people.shared_at == {}, "two people, not three"
    assert (ann.holds, list(cyd.holds)) == ({}, [PHONE])


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", None]),
        st.sampled_from([None, "a1", "a2", "a3"]),
        st.lists(st.sampled_from([MAIL, PHONE, CRM, ("email", "y@example.com")]), max_size=2, unique=True),
    ).filter(lambda act: bool(act[0] or act[1])),
    max_size=6,
)


def parts(acts: Sequence[Act]) -> set[frozenset[Identifier]]:
    """Which names are one person's: those that any call gives together, and so on (union-find, written naively)."""
    found: list[set[Identifier]] = []
    for user, anonymous, claims in acts:
        names = {(USER_ID, user or ""), (ANONYMOUS_ID, anonymous or ""), *claims} - {(USER_ID, ""), (ANONYMOUS_ID, "")}
        mine = [part for part in found if part & names]
        found = [part for part in found if part not in mine] + [names.union(*mine)]
    return {frozenset(part) for part in found}


@given(ACTS, st.randoms(use_true_random=False))
def test_while_no_two_users_share_a_name_the_order_of_calls_does_not_matter(acts: list[Act], random: Random) -> None:
    expected = parts(acts)
    assume(all(sum(kind == USER_ID for kind, _ in part) <= 1 for part in expected))
    random.shuffle(acts)
    people = People([])
    for number, (user, anonymous, claims) in enumerate(acts):
        people.find(told(user, anonymous, *claims), NOON + timedelta(seconds=number))
    assert {frozenset(person.known_as) for person in people.all() if person.merged_into is None} == expected
