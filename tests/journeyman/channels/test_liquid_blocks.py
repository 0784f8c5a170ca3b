import time

import pytest

from journeyman.channels.content.every import content_of
from journeyman.channels.making import make
from journeyman.channels.ports import OutgoingText
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import render_email


def said(text: str, **blocks: str) -> str:
    body = {"channel": "sms", "text": text, "blocks": {key: {"text": source} for key, source in blocks.items()}}
    outgoing = make(content_of(body), {"customer": {"name": "A&B", "list": ["a", "b"]}}, None, "x", "+491")
    assert isinstance(outgoing, OutgoingText)
    return outgoing.text


def test_a_block_sees_the_customer_and_its_arguments_and_nothing_that_was_assigned() -> None:
    text = '{% assign a = 1 %}{% render "x", b: 2 %}'
    assert said(text, x="{{ customer.name }}[{{ a }}]{{ b }}") == "A&B[]2"


def test_a_block_goes_through_a_list() -> None:
    assert said('{% render "x" for customer.list as one %}', x="{{ one }}{{ forloop.index }} ") == "a1 b2"


def test_values_are_escaped_in_a_block_where_they_are_in_the_template() -> None:
    body = {"channel": "email", "subject": '{% render "x" %}', "html": '<p>{% render "x" %}</p>'}
    content = content_of({**body, "blocks": {"x": {"text": "<b>{{ customer.name }}</b>"}}})
    mail = render_email(content, {"customer": {"name": "A&B"}}, None)  # type: ignore[arg-type] # a mail's, as it says
    assert (mail.subject, "<b>A&amp;B</b>" in (mail.html or "")) == ("<b>A&B</b>", True)


@pytest.mark.parametrize(
    ("text", "blocks", "why"),
    [
        ('a\n b{% render "x" %}', {}, "line 2, column 6: there is no block 'x'"),
        ('{% render "x" %}', {"x": "\n{{ 1 | date: 1, 2, 3, 4 }}"}, "block `x`, line 2"),
        ('{% render "x" %}', {"x": '{% render "x" %}'}, "recursive"),
        ('{% render "x" %}', {"x": '{% render "y" %}', "y": "{% if %}"}, "line 1"),
        ("{% for i in (1..9000) %}{% render 'x' %}{% endfor %}", {"x": "{% for i in (1..9) %}x{% endfor %}"}, "loops"),
        (
            "{% for i in (1..9000) %}{% render 'x' %}{% endfor %}",
            {
                "x": "{% render 'y' %}{% render 'y' %}",
                "y": "{% render 'z' %}{% render 'z' %}",
                "z": "{{ 1 | plus: 1 }}",
            },
            "seconds",
        ),
        (
            "{% render 'x' %}{% render 'x' %}",
            {"x": "{% for i in (1..2000) %}" + "x" * 100 + "{% endfor %}"},
            "limit",
        ),
    ],
)
def test_what_goes_wrong_in_a_block_is_told_and_it_counts_into_the_bounds(
    text: str, blocks: dict[str, str], why: str
) -> None:
    began = time.thread_time()
    with pytest.raises(RenderError) as caught:
        said(text, **blocks)
    assert why in caught.value.detail
    assert time.thread_time() - began < 1
