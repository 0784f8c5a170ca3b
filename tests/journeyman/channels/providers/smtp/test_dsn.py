"""Mails that tell of mails, as Postfix, Exim, Gmail and Exchange write them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.channels.addresses import From
from journeyman.channels.mail import message_id
from journeyman.channels.ports import Receipt
from journeyman.channels.providers.smtp.dsn import read_report

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SENT = "msg_0199f1c2aabb7ccc8ddd0123456789ab"
BOUNCES = Path(__file__).parent / "fixtures" / "bounces"
ANN = "ann@customers.example"


def mail(name: str) -> bytes:
    return (BOUNCES / f"{name}.eml").read_bytes()


def only(raw: bytes) -> Receipt:
    (receipt,) = read_report(raw, NOW)
    return receipt


@pytest.mark.parametrize(
    ("name", "dead"),
    [
        ("postfix_unknown", True),
        ("postfix_no_domain", True),
        ("postfix_full", False),
        ("postfix_policy", False),
        ("exim", True),
        ("exim_timeout", False),
        ("exim_plain", True),
        ("gmail", True),
        ("exchange", True),
    ],
)
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_a_bounce_names_our_message_and_says_whether_the_address_is_dead(name: str, ends: bytes, dead: bool) -> None:
    receipt = only(mail(name).replace(b"\n", ends))
    assert (receipt.status, receipt.message_id) == ("bounced", SENT)
    assert (receipt.permanent, receipt.address) == (dead, ANN if dead else None)
    assert receipt.at == datetime(2026, 3, 2, 11, 59, 2, tzinfo=UTC)
    assert "@" not in receipt.detail


def test_the_servers_words_are_kept_without_the_address() -> None:
    words = "5.1.1 550 5.1.1 <address>: Recipient address rejected: User unknown in virtual mailbox table"
    assert only(mail("postfix_unknown")).detail == words
    assert "RESOLVER.ADR.RecipientNotFound" in only(mail("exchange")).detail


def test_a_message_is_found_by_the_id_that_we_give_it() -> None:
    ours = message_id(SENT, From.parse("shop@mail.example.com"))
    assert ours.encode() in mail("exim")


def test_that_a_mail_is_late_is_no_news_and_that_it_arrived_is() -> None:
    assert read_report(mail("postfix_delayed"), NOW) == []
    assert only(mail("postfix_delivered")).status == "delivered"


def test_an_address_beyond_ascii_is_read() -> None:
    """As RFC 6533 has it."""
    receipt = only(mail("international"))
    assert (receipt.address, receipt.permanent, receipt.message_id) == ("jörg@customers.example", True, SENT)


def test_a_complaint_is_one_whatever_the_provider_left_out() -> None:
    receipt = only(mail("complaint"))
    assert (receipt.status, receipt.message_id, receipt.address) == ("complained", SENT, ANN)
    redacted = mail("complaint").replace(b"Original-Rcpt-To: <ann@customers.example>\n", b"")
    assert only(redacted).address is None
    assert only(redacted).id == receipt.id


@pytest.mark.parametrize(("kind", "status"), [(b"opt-out", "unsubscribed"), (b"Fraud", "complained")])
def test_other_kinds_of_feedback_are_told_apart(kind: bytes, status: str) -> None:
    assert only(mail("complaint").replace(b"Feedback-Type: abuse", b"Feedback-Type: " + kind)).status == status


@pytest.mark.parametrize("kind", [b"not-spam", b"auth-failure"])
def test_feedback_that_is_no_complaint_is_left_out(kind: bytes) -> None:
    assert read_report(mail("complaint").replace(b"Feedback-Type: abuse", b"Feedback-Type: " + kind), NOW) == []


def test_the_message_is_found_by_reference_where_it_is_not_returned() -> None:
    for name, kept in (("gmail", b"X-Original-Message-ID"), ("exchange", b"In-Reply-To")):
        raw = mail(name).replace(b"\nMessage-ID: <msg_", b"\nX-Nothing: <msg_")
        assert kept in raw
        assert only(raw).message_id == SENT


def test_the_same_report_has_the_same_id_and_another_one_another() -> None:
    names = ("postfix_unknown", "postfix_full", "postfix_delivered", "complaint")
    ids = [only(mail(name)).id for name in names]
    assert ids == [only(mail(name)).id for name in names]
    assert len(set(ids)) == len(names)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"From: ann@customers.example\nSubject: Out\nIn-Reply-To: <msg_1@mail.example.com>\n\nBack on Monday\n",
        b"X-Failed-Recipients: ann@customers.example\n\nNo mail in it\n",
        b"Content-Type: multipart/report; boundary=b\n\nno parts",
        b"Content-Type: multipart/report\n\n",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n--b--\n",
        mail("postfix_unknown").replace(b"msg_0199f1c2aabb7ccc8ddd0123456789ab", b"!"),
    ],
)
def test_any_other_mail_tells_nothing(raw: bytes) -> None:
    assert read_report(raw, NOW) == []


def test_parts_within_parts_end_nothing() -> None:
    nested = b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    assert read_report(nested, NOW) == []
    forwarded = b"Content-Type: message/rfc822\n\n" * 3000
    assert read_report(b"Content-Type: multipart/report; boundary=b\n\n--b\n" + forwarded, NOW) == []


def test_a_mail_that_never_ends_is_read_as_far_as_it_matters() -> None:
    assert only(mail("exim").replace(b"Hello Ann\n", b"Hello Ann\n" * 1_000_000)).message_id == SENT


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_report_that_was_cut_or_mangled_is_read_or_left(data: st.DataObject) -> None:
    raw = bytearray(mail(data.draw(st.sampled_from(["gmail", "exim_plain", "international", "complaint"]))))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=20)):
        raw[place] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    assert all(one.message_id and one.at <= NOW for one in read_report(cut, NOW))
