import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from journeyman.channels.attachments import LARGEST, Attachments, type_of
from journeyman.channels.content_check import content_faults
from journeyman.channels.errors import RejectedError, SendError, TemporaryError
from journeyman.channels.making import make
from journeyman.channels.ports import Attachment, OutgoingMail, OutgoingText
from journeyman.channels.render_errors import RenderError
from journeyman.channels.templates import read_content
from journeyman.channels.webhooks.calling import HttpCalls
from journeyman.kit.errors import InvalidError
from tests.parts.other_system import OtherSystem, Says

ENTRY = {"number": "7/8", "file": base64.b64encode(b"%PDF").decode()}
SCOPE: dict[str, Any] = {"entry": ENTRY, "context": {"invoice": {"pdf": "x"}}}


@pytest.fixture
async def other() -> AsyncIterator[OtherSystem]:
    async with OtherSystem() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[HttpCalls]:
    calls = HttpCalls(allows_private=True)
    yield calls
    await calls.close()


def mail(*attachments: Attachment) -> OutgoingMail:
    return OutgoingMail("msg_1", "ann@a.example", attachments=attachments)


def made(scope: dict[str, Any] = SCOPE, **attachment: str) -> Attachment:
    document = {"channel": "email", "subject": "x", "text": "x", "attachments": [attachment]}
    content = read_content(document)
    assert content.document() == document
    message = make(content, scope, None, "msg_1", "ann@a.example")
    assert isinstance(message, OutgoingMail)
    return message.attachments[0]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", "application/pdf"),
        ("A.ICS", "text/calendar"),
        ("a.csv", "text/csv"),
        ("a.tar.gz", "application/octet-stream"),
        ("a.eml", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_a_name_says_what_a_file_is(name: str, kind: str) -> None:
    assert type_of(name) == kind


def test_a_template_names_files_and_where_they_are() -> None:
    found = made(name="Invoice {{ entry.number }}.pdf", url="https://a.example/{{ entry.number }}.pdf")
    assert found == Attachment("Invoice 7-8.pdf", "application/pdf", url="https://a.example/7/8.pdf")


@pytest.mark.parametrize("before", ["", "data:application/pdf;base64,"])
def test_a_file_may_stand_in_what_the_run_knows(before: str) -> None:
    scope = {"entry": {"file": before + ENTRY["file"]}}
    assert made(scope, name="a.pdf", **{"from": "entry.file"}).content == b"%PDF"


@pytest.mark.parametrize(
    ("attachment", "detail"),
    [
        ({"name": "a.pdf", "url": "{{ entry.none }}"}, "no `url` for this customer"),
        ({"name": "{{ entry.none }}", "url": "https://a.example"}, "name of an attachment is empty"),
        ({"name": "a.pdf", "from": "entry.file.pdf"}, "no text at `entry.file.pdf`"),
        ({"name": "a.pdf", "from": "context.invoice"}, "no text at `context.invoice`"),
        ({"name": "a.pdf", "from": "context.invoice.pdf"}, "no base64"),
        ({"name": "a.pdf", "from": "entry.large"}, "more than 1 MB"),
    ],
)
def test_what_is_not_there_for_a_customer_is_said(attachment: dict[str, str], detail: str) -> None:
    scope = {**SCOPE, "entry": {**ENTRY, "large": "AAAA" * 400_000}}
    with pytest.raises(RenderError, match=detail):
        made(scope, **attachment)


@pytest.mark.parametrize(
    "attachment",
    [
        {"name": "a.pdf"},
        {"name": "a.pdf", "url": "https://a.example", "from": "entry.a"},
        {"name": "a", "from": "secrets.a"},
    ],
)
def test_where_a_file_is_stands_in_one_place(attachment: dict[str, str]) -> None:
    with pytest.raises(InvalidError):
        read_content({"channel": "email", "subject": "x", "text": "x", "attachments": [attachment]})


def test_the_liquid_of_attachments_is_checked() -> None:
    attachment = {"name": "{{ a | nothing }}", "url": "{% if %}"}
    content = read_content({"channel": "email", "subject": "x", "text": "x", "attachments": [attachment]})
    assert [fault.pointer for fault in content_faults(content)] == ["/attachments/0/name", "/attachments/0/url"]


async def test_files_are_fetched_and_all_else_stays(other: OtherSystem, http: HttpCalls) -> None:
    other.script.append(Says(200, b"%PDF" * 50_000))
    inline = Attachment("b.txt", "text/plain", b"b")
    outgoing = mail(Attachment("a.pdf", "application/pdf", url=f"{other.url}/a.pdf?x=1"), inline)
    filled = await Attachments(http)(outgoing)
    assert isinstance(filled, OutgoingMail)
    assert filled.attachments == [Attachment("a.pdf", "application/pdf", b"%PDF" * 50_000), inline]
    assert [(one.method, one.path) for one in other.calls] == [("GET", "/a.pdf?x=1")]
    text = OutgoingText("msg_1", "+48500100200", "x")
    assert await Attachments(http)(text) is text


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Says(404), RejectedError),
        (Says(302, headers={"location": "http://127.0.0.1/"}), RejectedError),
        (Says(410), RejectedError),
        (Says(429), TemporaryError),
        (Says(503), TemporaryError),
        (Says(None), TemporaryError),
        (Says(200, b"x" * (LARGEST + 1)), RejectedError),
    ],
)
async def test_m5_what_cannot_be_fetched_fails_or_waits(
    other: OtherSystem, http: HttpCalls, answer: Says, kind: type[SendError]
) -> None:
    other.script.append(answer)
    with pytest.raises(kind, match=r"`a\.pdf` cannot be fetched"):
        await Attachments(http)(mail(Attachment("a.pdf", "application/pdf", url=f"{other.url}/a.pdf")))


async def test_what_is_silent_has_the_message_wait(other: OtherSystem, http: HttpCalls) -> None:
    other.script.append(Says(silent=True))
    with pytest.raises(TemporaryError):
        await Attachments(http, seconds=0.1)(mail(Attachment("a.pdf", "application/pdf", url=other.url)))


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/a.pdf", "http://a.example/a.pdf", "file:///etc/passwd", "https://localhost/"]
)
async def test_nothing_is_fetched_from_inside_the_house(url: str) -> None:
    calls = HttpCalls(allows_private=False)
    with pytest.raises(RejectedError):
        await Attachments(calls)(mail(Attachment("a.pdf", "application/pdf", url=url)))
    await calls.close()


async def test_all_files_together_have_a_limit(other: OtherSystem, http: HttpCalls) -> None:
    half = b"x" * (LARGEST // 2 + 1)
    other.script += [Says(200, half), Says(200, half)]
    one = Attachment("a.pdf", "application/pdf", url=other.url)
    with pytest.raises(RejectedError):
        await Attachments(http)(mail(one, one))
