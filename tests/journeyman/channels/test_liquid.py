from typing import Any

import pytest

from journeyman.channels.liquid import Liquid
from journeyman.channels.render_errors import RenderError
from tests.cost import processor_seconds

SCOPE = {"customer": {"name": "Ann", "far": 10**12, "long": "x" * 50_000, "digits": "9" * 5_000, "mixed": [1, "a"]}}


def render(source: str, *, escape: bool = True, **scope: Any) -> str:
    return Liquid(source, escape=escape).render({**SCOPE, **scope})


def doubled(start: str, times: int, then: str) -> str:
    return f'{{% assign a = "{start}" %}}' + "{% assign a = a | append: a %}" * times + then


HOSTILE = {
    "a range into a filter": '{{ (1..100000000) | join: "" }}',
    "a range with an edge from data": '{{ (1..customer.far) | join: "" }}',
    "a range as an argument": '{{ "a" | append: (1..99999999) }}',
    "a range in a condition": "{% if (1..customer.far) contains 5.5 %}x{% endif %}",
    "a range in a case": "{% case (1..999999999) %}{% when 1 %}{% endcase %}",
    "a range in a cycle": "{% cycle (1..999999999), 2 %}",
    "a range in a liquid tag": "{% liquid\nfor i in (1..99999999)\necho i\nendfor %}",
    "a loop with a limit over a range": "{% for i in (1..99999999999) limit: 2 %}{{ i }}{% endfor %}",
    "numbers that grow": "{% assign a = 9999999999 %}" + "{% assign a = a | times: a %}" * 200 + "{{ a }}",
    "text that grows": doubled("xxxxxxxxxx", 200, "{{ a }}"),
    "a replacement that multiplies": doubled("x", 17, '{{ a | replace: "x", a }}'),
    "a join that multiplies": doubled(",", 12, '{% assign b = a | split: "," %}{{ b | join: a }}{{ b | join: a }}')
    + doubled("y,", 12, '{% assign b = a | split: "," %}{{ b | join: a }}'),
    "a slow filter": doubled("xy,", 12, '{{ a | split: "," | uniq | size }}'),
    "many variables": "".join(f"{{% assign a{i} = customer.long | append: 'x' %}}" for i in range(2_000)),
    "loops in loops": "{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}x" + "{% endfor %}" * 3,
    "a long loop that writes nothing": "{% for i in (1..9999) %}" + "{% if true %}{% endif %}" * 2_000 + "{% endfor %}",
    "too much output": "{% for i in (1..9999) %}{{ customer.long }}{% endfor %}",
    "deep blocks": "{% if true %}" * 2_000 + "{% endif %}" * 2_000,
    "a long condition": "{% if a " + "and a " * 20_000 + "%}{% endif %}",
    "deep brackets": "{{ " + "a[" * 1_000 + "]" * 1_000 + " }}",
    "blanks between braces": "{{" + " " * 100_000 + "}}",
    "open braces": "{{" * 50_000,
    "open tags": "{% " * 40_000,
    "open raw blocks": "{% raw %}" * 12_000,
    "open doc blocks": "{% doc %}" * 12_000,
    "open comments": "{% comment %}" * 8_000,
    "a wide date": '{{ "now" | date: "%999999999d" }}',
    "a long number": "{{ customer.digits | plus: 1 }}",
    "an infinite number": '{{ "1e308" | times: 1000 | floor }}',
    "a huge exponent": '{{ "1e9999999999" | decimals: 2 }}',
    "a division by zero": "{{ 1 | divided_by: 0 }}",
    "a list that cannot be sorted": "{{ customer.mixed | sort }}",
    "an include": '{% include "x" %}',
    "a block of no name": "{% render x %}",
    "an unknown filter": "{{ customer.name | upcas }}",
    "an unknown filter in a branch not taken": "{% if false %}{{ customer.name | upcas }}{% endif %}",
    "an unknown tag": "{% fro x in y %}",
    "an open block": "{% if customer.name %}x",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_ends_within_a_second_and_says_why(source: str) -> None:
    def refused() -> None:
        with pytest.raises(RenderError) as caught:
            render(source)
        assert caught.value.detail
        assert caught.value.mend

    assert processor_seconds(refused) < 1


def test_what_is_missing_renders_as_nothing_and_takes_a_default() -> None:
    assert render("[{{ customer.first }}{{ event.a.b.c }}{{ nobody }}]") == "[]"
    assert render("{{ customer.first | default: 'friend' }} {{ nobody.name | default: 'x' }}") == "friend x"
    assert render("{% if customer.first %}a{% else %}b{% endif %}{% for i in customer.items %}x{% endfor %}") == "b"
    assert render("{{ customer.name.first | upcase }}{{ nobody | plus: 1 }}") == "1"


def test_values_are_escaped_in_html_and_not_in_text() -> None:
    name = {"name": '<b> & "q"'}
    assert render("{{ customer.name }}", customer=name) == "&lt;b&gt; &amp; &#34;q&#34;"
    assert render("{{ customer.name | append: '<i>' }}", customer=name).startswith("&lt;b&gt;")
    assert render("{{ customer.name | safe }}", customer=name) == name["name"]
    assert render("{{ customer.name }}", escape=False, customer=name) == name["name"]


def test_python_objects_are_out_of_reach() -> None:
    assert render("{{ customer.__class__ }}{{ customer['__class__'].__mro__ }}{{ customer.name.format }}") == ""


def test_loops_over_data_work_within_the_bounds() -> None:
    items = [{"name": f"item {i}", "price": i + 0.5} for i in range(3)]
    source = "{% for item in event.items %}{{ item.name }}: {{ item.price | decimals: 2 }}; {% endfor %}"
    assert render(source, event={"items": items}) == "item 0: 0.50; item 1: 1.50; item 2: 2.50; "
    assert render("{% for i in (1..3) %}{{ i }}{% endfor %}") == "123"
    assert render("{{ event.items | map: 'name' | join: ', ' }}", event={"items": items}) == "item 0, item 1, item 2"


def test_dates_are_in_utc_or_the_named_zone() -> None:
    event = {"at": "2026-03-29T00:30:00Z", "day": "2026-02-28", "seconds": 0}
    assert render("{{ event.at | date: '%d %b %H:%M' }}", event=event) == "29 Mar 00:30"
    assert render("{{ event.at | date: '%H:%M %Z', 'Europe/Warsaw' }}", event=event) == "01:30 CET"
    assert (
        render("{{ event.day | date: '%d.%m.%Y' }}|{{ event.seconds | date: '%Y' }}", event=event) == "28.02.2026|1970"
    )
    assert render("{{ 'tomorrow' | date: '%d' }}|{{ nobody | date: '%d' }}") == "tomorrow|"


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(RenderError, match="time zone"):
        render("{{ 'now' | date: '%H', '../../etc/passwd' }}")


@pytest.mark.parametrize(
    ("value", "digits", "shown"), [(19.9, 2, "19.90"), ("0.125", 2, "0.13"), (7, 0, "7"), ("n/a", 2, "n/a")]
)
def test_prices_have_the_digits_that_they_are_written_with(value: object, digits: int, shown: str) -> None:
    assert render(f"{{{{ price | decimals: {digits} }}}}", price=value) == shown


def test_tags_are_stripped_and_words_stay() -> None:
    text = "<p>a <b>b</b><!-- c --><![if !mso]>d"
    assert render("{{ text | strip_html }}", escape=False, text=text) == "a bd"


def test_an_error_names_its_line_and_the_nearest_name() -> None:
    with pytest.raises(RenderError) as caught:
        Liquid("a\nb {{ x | upcas }}", escape=False)
    assert "line 2" in caught.value.detail
    assert "`upcase`" in caught.value.mend


def test_an_error_repeats_no_value_of_the_customer() -> None:
    with pytest.raises(RenderError) as caught:
        render("{{ customer.secret | times: customer.secret | floor | base64_decode }}", customer={"secret": "a@b.c"})
    assert "a@b.c" not in caught.value.detail


def test_the_variables_that_a_template_reads_are_known() -> None:
    template = Liquid("{{ customer.name }}{% for i in event.items %}{{ i.price }}{% endfor %}", escape=False)
    assert template.variables() == {"customer.name", "event.items"}
