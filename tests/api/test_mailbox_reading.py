import json

from hypothesis import example, given
from hypothesis import strategies as st

from api.mailbox.reading import ReadMail

WORDS = [
    b"Subject: ", b"From: ", b"To:;", b"Content-Type: ", b"text/html", b"text/plain", b"multipart/mixed",
    b"; boundary=",
    b'; charset="nonsense"', b"; charset=utf-16", b"--b", b"--b--", b"Content-Disposition: attachment; filename=",
    b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"=?utf-8?q?=FF", b"?=",
    b"=?x?b?!!?=", b"\r\n", b"\n", b"\r\n\r\n", b" ", b"<", b">", b'"', b"(", b"@", b"b", b"\xff\xfe",
    "ż".encode(), b"\x00",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=3), max_size=30).map(b"".join))
@example(b'Content-Disposition: attachment; filename="\xff"\n\nx')
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed\n\n--b--")
def test_nothing_that_a_sender_writes_makes_reading_fail(source: bytes) -> None:
    mail = ReadMail(source)
    shown = [
        mail.header("Subject"),
        mail.headers(),
        mail.html,
        mail.text,
        mail.preview,
        mail.links(),
        mail.attachments(),
    ]
    assert json.dumps(shown, ensure_ascii=False).encode()


def test_the_preview_begins_with_words_and_not_with_addresses() -> None:
    mail = ReadMail(b"Content-Type: text/html\n\n<p>Hi <a href='https://a.example/'>Ann</a></p>")
    assert mail.preview == "Hi Ann"


def test_headers_are_decoded_whichever_way_they_were_written() -> None:
    mail = ReadMail("Subject: =?utf-8?q?Za=C5=BC?=\nX-Raw: ż\nFrom: =?utf-8?q?=C5=BC?= <a@b.example>\n\n".encode())
    assert (mail.header("subject"), mail.header("X-Raw"), mail.header("X-None")) == ("Zaż", "ż", "")
    assert mail.header("From") == "ż <a@b.example>"
