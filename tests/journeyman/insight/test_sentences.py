"""Each line of the journal as the sentence that a support person reads."""

from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from journeyman.insight.repository import ConsentSeen, EventSeen, JournalSeen
from journeyman.insight.sentences import KINDS, of_consent, of_event, of_journal
from journeyman.insight.words import Reader, count, figure, listing
from journeyman.journeys.direct import ENTRY
from journeyman.journeys.journal import Kind
from tests.builders import definition

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEFINITION = definition(
    name="Cart",
    steps=[
        {"id": "pause", "name": "A while", "wait": {"for": "1h"}},
        {
            "id": "see",
            "wait_for": {
                "branches": [{"event": "Order Completed"}, {"message": "mail", "status": "opened"}],
                "timeout": "1d",
            },
        },
        {"id": "mail", "send": {"channel": "email", "template": "hello"}},
    ],
)
SILENT = {"gate": "lookup", "passed": False, "read": {"stock": "the answer is 503"}}
EMPTY = {"gate": "coupon", "passed": False, "read": {"pool": "ten-off", "reason": "empty"}}
READER = Reader({("cart", 1): DEFINITION}, ZoneInfo("Europe/Warsaw"), NOW)


def line(kind: str, code: str | None = None, step: str | None = "pause", version: int = 1, **data: Any) -> JournalSeen:
    return JournalSeen(1, NOW, "cart", version, "run_1", kind, step, 1, code, data)


def taken(code: str, step: str) -> JournalSeen:
    data = {"from_version": 1, "version": 2, "step": step}
    return JournalSeen(1, NOW, "cart", 2, "run_1", "migrated", "pause", 1, code, data)


QUIET = {"gate": "quiet_hours", "passed": False, "read": {"local": "Mon 22:30", "zone": "Europe/Warsaw"}}
CAP = {"max": 3, "per": "7d", "topic": "news", "taken": 2, "ahead": 1}
FULL = {"gate": "frequency_cap", "passed": False, "read": {"caps": [CAP], "zone": "Europe/Warsaw"}}
OTHER = {"gate": "hold", "passed": False, "read": {"journey": "news"}}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (line("entered", "track", event="Product Added"), "Entered **Cart** (version 1) by **Product Added**"),
        (line("entered", "enter", event=ENTRY), "Entered **Cart** (version 1) by a call"),
        (line("refused", "live"), "Did not enter **Cart**: inside already"),
        (line("refused", "live", version=9), "Did not enter **cart**: inside already"),
        (
            line("refused", "correlation", property="cart_id"),
            "Did not enter **Cart**: the event has no `cart_id`, which tells the runs apart",
        ),
        (
            line("refused", "reentry", rule="never"),
            "Did not enter **Cart**: was in it before, and it is entered once only",
        ),
        (
            line("refused", "reentry", rule="max", entries=2),
            "Did not enter **Cart**: entered 2 times in the period, which is the most allowed",
        ),
        (line("refused", "later"), "Did not enter **Cart**: later"),
        (
            line("arrived", until="2026-03-12T08:00:00+00:00", zone="Europe/London"),
            "Waits at **A while** until 12 Mar 08:00 London",
        ),
        (
            line("arrived", step="see", until="2027-03-12T08:00:07+00:00"),
            "Waits at **see** for Order Completed or mail opened until 12 Mar 2027 09:00:07 Warsaw",
        ),
        (line("left", "timer"), "The wait at **A while** was over"),
        (line("left", "event", "see", event="Order Completed"), "**Order Completed** ended the wait at **see**"),
        (line("left", "when", "see"), "The wait at **see** was over: its condition held"),
        (line("left", "attribute", "see", attribute="plan"), "A change of **plan** ended the wait at **see**"),
        (
            line("left", "message", "see", message="mail", status="opened"),
            "The message of **mail** was opened: the wait at **see** was over",
        ),
        (
            line("left", "past", target="2026-03-01T08:00:00+00:00"),
            "Did not wait at **A while**: the time had gone by (1 Mar 09:00 Warsaw)",
        ),
        (line("left", "missing"), "Did not wait at **A while**: there is no date to wait for"),
        (line("left", "branch", way=2, next="mail"), "Took way 2 at **A while**, to **mail**"),
        (line("left", "branch", way=0, next="end"), "Took the other way at **A while**, to **end**"),
        (line("left", "split", arm="b", how="drawn"), "Drew arm **b** of **A while**"),
        (line("left", "split", arm="b", how="kept"), "Got arm **b** of **A while** again"),
        (line("left", "split", arm="b", how="winner"), "Got arm **b** of **A while**, which has won"),
        (line("left", "odd", step="gone"), "Left **gone**: odd"),
        (line("left", "skipped", by="api/operator", next="see"), "api/operator let her go on from **A while**"),
        (line("left", "retried", by="api/operator"), "api/operator had **A while** begin anew"),
        (line("left", "moved", by="api/admin", next="mail"), "api/admin moved her from **A while** to **mail**"),
        (line("left", "sent_before", "mail"), "Passed **mail** by: she had its message already"),
        (
            line("left", "expired", "mail"),
            "Left out **mail**: it was due for too long when the journey went on",
        ),
        (
            taken("stay", "cool"),
            "Took version 2 in place of 1, and stays at **cool**",
        ),
        (
            taken("moved", "rest"),
            "Took version 2 in place of 1, and went from **A while** to **rest**",
        ),
        (line("message", "sent", channel="email", template="hello"), "E-mail *hello* sent"),
        (
            line("message", "sent", channel="email", template="hello", ambiguous=True),
            "E-mail *hello* sent (an attempt ended without an answer: it may have come twice)",
        ),
        (
            line("message", "unreachable", channel="email", template="hello"),
            "E-mail *hello* not sent: the customer has no address that works",
        ),
        (
            line(
                "message",
                "suppressed",
                channel="email",
                template="hello",
                gates=[{"gate": "suppression", "passed": False, "read": {"reason": "a complaint"}}],
            ),
            "E-mail *hello* not sent: the address is not written to any more (a complaint)",
        ),
        (
            line(
                "message",
                "no_consent",
                channel="email",
                template="hello",
                gates=[
                    {"gate": "consent", "passed": False, "read": {"topic": "news", "email": "yes", "news": "no"}},
                ],
            ),
            "E-mail *hello* not sent: no consent for news (news: no)",
        ),
        (
            line("message", "failed", channel="email", template="hello", detail="550 no"),
            "E-mail *hello* not sent: 550 no",
        ),
        (
            line("message", "audience", channel="email", template="hello"),
            "E-mail *hello* not sent: the customer is not in the audience any more",
        ),
        (
            line("held", "quiet_hours", "mail", until="2026-03-03T07:12:00+00:00", gates=[QUIET]),
            (
                "The message of **mail** waits for the end of quiet hours, until 3 Mar 08:12 Warsaw: "
                "it was Mon 22:30 in Warsaw"
            ),
        ),
        (
            line("held", "frequency_cap", "mail", until="2026-03-03T07:12:00+00:00", gates=[FULL]),
            (
                "The message of **mail** waits for a place until 3 Mar 08:12 Warsaw: "
                "2 of 3 in 7d are taken (topic news), 1 place kept for messages that go first"
            ),
        ),
        (
            line("message", "quiet_hours", channel="email", template="hello", gates=[QUIET]),
            "E-mail *hello* not sent: it was Mon 22:30 in Warsaw, which is in quiet hours",
        ),
        (
            line("message", "capped", channel="email", template="hello", gates=[FULL]),
            "E-mail *hello* not sent: 2 of 3 in 7d are taken (topic news), 1 place kept for messages that go first",
        ),
        (
            line("message", "superseded", channel="email", template="hello", gates=[OTHER]),
            "E-mail *hello* not sent: of what had waited for the morning another message went, of **news**",
        ),
        (
            line("message", "held_out", channel="email", template="hello"),
            "E-mail *hello* not sent: the customer is held out, so that it is seen what sending brings",
        ),
        (
            line("message", "no_coupon", channel="email", template="hello", gates=[EMPTY]),
            "E-mail *hello* not sent: there is no code left in the coupon pool `ten-off`",
        ),
        (
            line("message", "no_lookup", channel="email", template="hello", gates=[SILENT]),
            "E-mail *hello* not sent: what `lookup.stock` shows could not be had: the answer is 503",
        ),
        (line("message", "exited", channel="sms", template="hello"), "SMS *hello* not sent: the journey was over"),
        (
            line("updated", attributes=["plan", "tier"], consent={"news": "no"}),
            "The journey set plan, tier and consent for news: no",
        ),
        (line("updated", attributes=[], consent={}), "The journey had nothing to change in the profile"),
        (line("converted", "order", value=None, credited=[]), "Reached the goal **order**, before any message"),
        (
            line("converted", "order", value=20.0, credited=["mail", "mail"]),
            "Reached the goal **order**, worth 20, after 2 messages",
        ),
        (
            line("ended", "exit", outcome="bought", event="Order Completed"),
            "**Cart** ended: bought by **Order Completed**",
        ),
        (line("ended", "exit", outcome="exited", by="pause"), "**Cart** ended: exited by **A while**"),
        (line("ended", "exit", outcome="exited", on="support", by="api/admin"), "**Cart** ended: exited by api/admin"),
        (
            JournalSeen(
                *(1, NOW, "cart", 1, "run_1", "ended", None, 1, "exit"),
                {"outcome": "exited", "on": "version", "version": 2},
            ),
            "**Cart** ended: exited by version 2, which has no place for her",
        ),
        (line("ended", "exit", outcome="stopped", on="stop"), "**Cart** ended: stopped by the journey's being stopped"),
        (
            line("ended", "exit", outcome="expired", on="resume", due="2026-03-01T08:00:00+00:00"),
            "**Cart** ended: expired by what was due since 1 Mar 09:00 Warsaw, too long ago when the journey went on",
        ),
        (line("ended", "restart", outcome="restarted"), "**Cart** ended: restarted: it began anew"),
        (
            line("ended", "merged", outcome="merged"),
            "**Cart** ended: merged: two profiles were one person, and the older run stays",
        ),
        (line("ended", "completed", outcome="completed"), "**Cart** ended: completed"),
    ],
)
def test_a_line_of_the_journal_as_a_sentence(row: JournalSeen, text: str) -> None:
    assert of_journal(row, READER) == text


@pytest.mark.parametrize(
    ("kind", "name", "properties", "text"),
    [
        (
            "track",
            "Order Completed",
            {"revenue": 20.0, "items": [1], "id": "o1"},
            "**Order Completed** (revenue 20, id o1)",
        ),
        ("track", "Signed In", {}, "**Signed In**"),
        ("identify", "Identified", {"plan": "pro"}, "Profile data came in: plan"),
        ("identify", "Identified", {}, "Profile data came in: no traits"),
        ("alias", "Aliased", {}, "Another id was named as this customer's"),
        ("enter", ENTRY, {"a": 1}, "Entry into **cart** was asked for by a call"),
        ("receipt", "Email Opened", {"step": "mail"}, "Opened the e-mail of **mail**"),
        (
            "receipt",
            "Email Link Clicked",
            {"step": "mail", "url": "https://x"},
            "Clicked a link in the e-mail of **mail**: https://x",
        ),
        ("receipt", "Unsubscribed", {"step": "mail"}, "Unsubscribed by the e-mail of **mail**"),
        ("receipt", "Email Bounced", {"step": "mail"}, "The e-mail of **mail** could not be delivered"),
    ],
)
def test_an_event_as_a_sentence(kind: str, name: str, properties: dict[str, Any], text: str) -> None:
    assert of_event(EventSeen(1, NOW, "m1", kind, name, properties, {"journey": "cart"})) == text


def test_consent_as_a_sentence() -> None:
    change = ConsentSeen(1, NOW, "email", "yes", "a form", "api/admin", None)
    assert of_consent(change) == "Agreed to **email** (how: a form, recorded by: api/admin)"
    waiting = ConsentSeen(1, NOW, "email", "pending", "a form", "api/admin", None)
    assert of_consent(waiting) == "Has still to confirm a yes to **email** (how: a form, recorded by: api/admin)"


def test_words() -> None:
    assert (listing([]), listing(["a"]), listing(["a", "b", "c"])) == ("", "a", "a, b and c")
    assert (count(1, "event"), count(2, "event"), count(2, "is", "are")) == ("1 event", "2 events", "2 are")
    assert (figure(1.5), figure(True), len(figure("x" * 100))) == ("1.5", "yes", 80)
    assert READER.instant(None) == "an unknown time"


def test_every_kind_of_line_has_a_sentence() -> None:
    assert KINDS.keys() == set(get_args(Kind))
