"""Messages of channels other than e-mail, made of a template and one customer."""

from typing import Any

import pytest

from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content_check import content_faults
from journeyman.channels.links import Links
from journeyman.channels.making import make
from journeyman.channels.ports import OutgoingChat, OutgoingPush, OutgoingText
from journeyman.channels.render_errors import RenderError
from journeyman.channels.short_links import ShortLinks
from journeyman.channels.templates import read_content
from journeyman.channels.tracking import Tokens
from journeyman.kit.errors import InvalidError

TOKENS = Tokens("a secret of thirty-two characters", "https://go.example")
ANN = {"customer": {"first_name": "Ann", "order": "42"}}


def made(document: dict[str, Any], scope: dict[str, Any] | None = None, *, marketing: bool = True) -> Any:
    content: TemplateContent = read_content(document)
    assert content_faults(content) == []
    short = ShortLinks(TOKENS, "msg_1")
    links = Links(TOKENS, "msg_1", marketing=marketing, shorten=short.shortened(content))
    return make(content, ANN if scope is None else scope, links, "msg_1", "to")


def test_a_text_message_has_short_links_and_a_way_out() -> None:
    source = "Hi {{ customer.first_name }}: https://shop.example/a, or not."
    text = made({"channel": "sms", "text": source, "lasts": "4h"})
    assert isinstance(text, OutgoingText)
    first, _, second = text.text.partition("\n")
    assert first.startswith("Hi Ann: https://go.example/l/")
    assert first.endswith(", or not.")
    assert second.startswith("Unsubscribe: https://go.example/l/")
    assert text.lasts is not None
    assert text.lasts.total_seconds() == 4 * 3600


def test_the_same_message_has_the_same_short_links_when_it_is_made_again() -> None:
    document = {"channel": "sms", "text": "https://shop.example/a"}
    assert made(document).text == made(document).text


def test_a_transactional_text_message_is_sent_as_it_is_written() -> None:
    assert made({"channel": "sms", "text": "Your code: 1234"}, marketing=False).text == "Your code: 1234"


def test_a_notification_leads_through_us_and_carries_data_for_the_app() -> None:
    push = made(
        {
            "channel": "push",
            "title": "Hi {{ customer.first_name }}",
            "body": "Order {{ customer.order }} is on its way",
            "url": "https://shop.example/orders/{{ customer.order }}",
            "data": {"order": "{{ customer.order }}"},
            "badge": 1,
            "collapse": "order",
        }
    )
    assert isinstance(push, OutgoingPush)
    assert (push.title, push.body, push.data) == ("Hi Ann", "Order 42 is on its way", {"order": "42"})
    assert push.url is not None
    assert TOKENS.read_click(push.url.rsplit("/", 1)[1]).url == "https://shop.example/orders/42"
    assert push.headline == "Hi Ann"


def test_a_deep_link_of_an_app_is_left_as_it_is() -> None:
    push = made({"channel": "push", "title": "x", "body": "y", "url": "shop://orders/{{ customer.order }}"})
    assert push.url == "shop://orders/42"


def test_an_approved_template_gets_its_parameters_in_order() -> None:
    chat = made(
        {
            "channel": "whatsapp",
            "template": {
                "name": "order_sent",
                "language": "en_US",
                "body": ["{{ customer.first_name }}", "{{ customer.order }}"],
                "buttons": {0: "orders/{{ customer.order }}"},
            },
        }
    )
    assert isinstance(chat, OutgoingChat)
    assert chat.template is not None
    assert (chat.template.parameters, chat.template.button_parameters) == (["Ann", "42"], {0: "orders/42"})
    assert chat.headline == "order_sent"


def test_buttons_of_a_chat_open_tracked_links_or_answer() -> None:
    buttons = [{"text": "Look", "url": "https://shop.example/"}, {"text": "No", "id": "no"}]
    chat = made({"channel": "telegram", "text": "Hello", "buttons": buttons})
    assert [(one.text, one.id) for one in chat.buttons] == [("Look", None), ("No", "no")]
    assert chat.buttons[0].url.startswith("https://go.example/t/c/")


@pytest.mark.parametrize(
    "document",
    [
        {"channel": "sms", "text": "{{ customer.nothing }}"},
        {"channel": "sms", "text": "{% for i in (1..2000) %}x{% endfor %}"},
        {"channel": "push", "title": "{{ customer.nothing }}", "body": "x"},
        {"channel": "push", "title": "x", "body": "{% for i in (1..3000) %}x{% endfor %}"},
        {"channel": "whatsapp", "template": {"name": "a", "language": "en", "body": ["{{ customer.nothing }}"]}},
        {"channel": "line", "text": "{% for i in (1..5000) %}x{% endfor %}"},
    ],
)
def test_what_is_empty_or_too_long_for_this_customer_is_not_sent(document: dict[str, Any]) -> None:
    with pytest.raises(RenderError) as caught:
        made(document)
    assert caught.value.mend


def test_bad_liquid_is_told_by_its_place() -> None:
    content = read_content({"channel": "push", "title": "{% if %}", "body": "{{ x | nofilter }}", "data": {"a": "{{"}})
    assert [fault.pointer for fault in content_faults(content)] == ["/title", "/body", "/data/a"]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"channel": "telegram", "text": "x", "buttons": [{"text": "y"}]}, "/buttons/0"),
        ({"channel": "telegram"}, ""),
        ({"channel": "push", "title": "x", "body": "y", "badge": -1}, "/badge"),
        ({"channel": "sms", "text": "x", "from": "A name that is too long"}, "/from"),
    ],
)
def test_what_a_channel_does_not_take_is_refused_by_field(document: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidError) as caught:
        read_content(document)
    assert caught.value.faults[0].pointer == pointer
