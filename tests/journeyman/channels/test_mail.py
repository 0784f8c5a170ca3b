import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

from journeyman.channels.addresses import From
from journeyman.channels.mail import compose
from journeyman.channels.ports import OutgoingMail

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = From('Café, "Zażółć" & co', "hello@bücher.example")


def outgoing(**parts: Any) -> OutgoingMail:
    return OutgoingMail(**{"id": "msg_1", "to": "ann@a.example", "subject": "Hi", "text": "x", **parts})


def sent(message: EmailMessage) -> EmailMessage:
    """As a receiver reads it."""
    read = email.message_from_bytes(bytes(message), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_text_and_html_are_alternatives_that_come_out_as_they_went_in() -> None:
    text, html = "Zażółć\n\n.dot\n" + "x" * 2_000 + "\n", "<p>é</p>\n"
    mail = sent(compose(outgoing(subject="Zażółć gęślą " * 20, html=html, text=text), SHOP, NOON))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content().replace("\r\n", "\n") for part in mail.iter_parts()] == [text, html]
    assert mail["Subject"] == ("Zażółć gęślą " * 20).strip()
    assert mail["From"].addresses[0].display_name == SHOP.name
    assert mail["Date"].datetime == NOON
    assert mail["Message-ID"] == "<msg_1@xn--bcher-kva.example>"


def test_no_line_is_longer_than_the_standard_allows_and_all_is_ascii() -> None:
    raw = bytes(compose(outgoing(subject="ü" * 900, html="<p>" + "é" * 5_000, text="y" * 5_000), SHOP, NOON))
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_long_line_is_folded_at_its_blanks_and_its_words_stay_whole() -> None:
    subject = "word " * 40 + "x" * 200 + " end"
    made = compose(outgoing(subject=subject), SHOP, NOON)
    assert sent(made)["Subject"] == subject
    lines = bytes(made).split(b"\r\nSubject: ")[1].split(b"\r\nDate")[0].split(b"\r\n")
    assert [len(line) <= 78 for line in lines].count(False) == 1


def test_the_same_id_has_the_same_message_id_and_an_odd_one_is_hashed() -> None:
    first, again, odd = (compose(outgoing(id=key), SHOP, NOON)["Message-ID"] for key in ("a", "a", "a b>\r\n"))
    assert first == again != odd
    assert odd.count("@") == 1
    assert " " not in odd


def test_headers_are_added_and_a_sender_of_the_template_takes_the_place() -> None:
    headers = {
        "From": "Ünit <u@b.example>",
        "Reply-To": "h@b.example",
        "List-Unsubscribe": f"<https://j.example/{'x' * 200}>",
    }
    made = compose(outgoing(headers=headers), SHOP, NOON)
    mail = sent(made)
    assert mail["From"].addresses[0].addr_spec == "u@b.example"
    assert mail["Reply-To"] == "h@b.example"
    assert f"\r\nList-Unsubscribe: {headers['List-Unsubscribe']}\r\n".encode() in bytes(made)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "b\r\nBcc: c@d.example"},
        {"X-A: b\r\nBcc": "c"},
        {"To": "x@y.example"},
        {"X-A": "x" * 1_000},
        {"From": "x"},
    ],
)
def test_a_header_that_could_smuggle_another_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"header|address"):
        compose(outgoing(headers=headers), SHOP, NOON)


def test_a_subject_cannot_smuggle_a_header() -> None:
    mail = sent(compose(outgoing(subject="a\r\nBcc: c@d.example"), SHOP, NOON))
    assert mail["Bcc"] is None


@pytest.mark.parametrize("text", ["", "nobody", "a@b@c", "A <a@b.example\r\n>", "<>", "a b@c.example"])
def test_a_sender_that_is_none_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it ") as caught:
        From.parse(text)
    assert "example" not in str(caught.value)
