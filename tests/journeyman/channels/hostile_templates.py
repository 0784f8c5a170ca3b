"""Templates that somebody wrote to bring the product down, as many as are asked for, the same for the same number."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from liquid import Environment

Rng = random.Random
HUGE: Final = ("9", "99999", "10000", "-10000", "100000000", "999999999999999999999", "1e9", "0.5", "-1", "2147483648")
FILTERS: Final = (*Environment().filters, "decimals")
WALKS: Final = (
    "__class__",
    "__class__.__mro__[1].__subclasses__",
    "__init__.__globals__",
    "mro",
    "__dict__",
    "f_back.f_globals",
    "__reduce_ex__",
    "constructor.constructor",
    "first.__class__",
    "size.real.__class__",
    "__getitem__.__self__",
    "['__class__']",
)
BIDI: Final = "\u202e\u2066\u2069\u200f\u061c\ufeff\u2028\u0085\x00\x1b\x7f\ud7ff\U0010ffff"
MJML: Final = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One of them: of what kind, the document as it is handed in, and what is known of the customer."""

    number: int
    kind: str
    document: Mapping[str, Any]
    scope: Mapping[str, Any] = field(default_factory=dict)


def hostile(number: int) -> Hostile:
    """The template of that number: one attack, sometimes two, in one of the texts of one of the channels."""
    rng = Rng(number)
    kind = list(KINDS)[number % len(KINDS)]
    source = KINDS[kind](rng)
    if rng.random() < 0.3:
        source += KINDS[rng.choice(list(KINDS))](rng)
    return Hostile(number, kind, _document(rng, kind, source), _scope(rng))


def _document(rng: Rng, kind: str, source: str) -> dict[str, Any]:
    if kind.startswith("mjml"):
        return {"channel": "email", "subject": "x", "mjml": source}
    if kind.startswith(("html", "css")):
        return {"channel": "email", "subject": "x", "html": source}
    return rng.choice((_mail, _mail, _every_part, _sms, _chat, _approved, _push, _in_app))(source)


def _mail(source: str) -> dict[str, Any]:
    return {"channel": "email", "subject": "x", "mjml" if len(source) % 2 else "html": MJML.format(_text_of(source))}


def _text_of(source: str) -> str:
    attribute = source if len(source) % 3 == 0 else ""
    return f'<mj-text css-class="{attribute}">{source}</mj-text>'


def _every_part(source: str) -> dict[str, Any]:
    line = source[:500]
    return {"channel": "email", "subject": line, "preheader": line, "html": source, "text": source, "reply_to": line}


def _sms(source: str) -> dict[str, Any]:
    return {"channel": "sms", "text": source[:6_400]}


def _chat(source: str) -> dict[str, Any]:
    part = source[:2_000]
    buttons = [{"text": source[:40] or "x", "url": part}, {"text": "{{ customer.name }}", "id": "a"}]
    return {"channel": "telegram", "text": source[:4_096], "image": part, "buttons": buttons}


def _approved(source: str) -> dict[str, Any]:
    lines = [source[:500]] * 50
    template = {"name": "a", "language": "en", "header": lines, "body": lines, "buttons": {"0": source[:500]}}
    return {"channel": "whatsapp", "template": template}


def _push(source: str) -> dict[str, Any]:
    named = {"title": source[:200], "body": source[:2_000], "url": source[:2_000], "image": source[:2_000]}
    return {"channel": "push", **named, "data": {f"d{place}": source for place in range(20)}}


def _in_app(source: str) -> dict[str, Any]:
    named = {"title": source[:200], "body": source[:2_000], "url": source[:2_000]}
    return {"channel": "in_app", "placement": "banner", **named, "data": {f"d{place}": source for place in range(20)}}


def _scope(rng: Rng) -> dict[str, Any]:
    deep: Any = "x"
    for _ in range(rng.choice((5, 50, 400))):
        deep = {"a": deep} if rng.random() < 0.5 else [deep, deep]
    words = rng.choice(["x" * 100_000, "<b>" * 20_000, BIDI * 500, "Ann", "a b " * 20_000, "1e999999999", "9" * 5_000])
    return {
        "customer": {"name": words, "deep": deep, "list": list(range(rng.choice((3, 9_000, 50_000)))), "number": 7},
        "event": {"items": [{"name": words[:100], "price": 1.5}] * rng.choice((1, 100, 5_000))},
    }


def _value(rng: Rng) -> str:
    return rng.choice(
        ("customer.name", "customer.list", "customer.deep", "event.items", "a", "'x'", "''", "(1..9000)", "nil", *HUGE)
    )


def _ranges(rng: Rng) -> str:
    first, last = rng.choice(HUGE), rng.choice(HUGE)
    return rng.choice(
        [
            f"{{{{ ({first}..{last}) | join: '{'x' * 50}' }}}}",
            f"{{% for i in ({first}..{last}) %}}{{{{ i }}}}{{% endfor %}}",
            f"{{% assign n = {last} | times: {last} %}}{{% for i in (1..n) %}}x{{% endfor %}}",
            f"{{% assign r = ({first}..{last}) %}}{{{{ r | reverse | sort | uniq | size }}}}{{{{ r }}}}",
            "{% for i in (1..customer.name) reversed limit: 999999999 offset: 99999999 %}x{% endfor %}",
        ]
    )


def _loops(rng: Rng) -> str:
    depth, each = rng.randint(2, 18), rng.choice((3, 10, 100, 9_000))
    heads = "".join(f"{{% for i{level} in (1..{each}) %}}" for level in range(depth))
    body = rng.choice(
        ["x", "", "{% continue %}", "{{ i0 | append: i1 }}", "{% cycle 1, 2 %}", "{% if true %}{% endif %}"]
    )
    return heads + body * rng.choice((1, 50)) + "{% endfor %}" * depth


def _growth(rng: Rng) -> str:
    step = rng.choice(
        [
            "{% assign a = a | append: a %}",
            "{% assign a = a | replace: 'x', 'xxxxxxxxxx' %}",
            "{% capture a %}{{ a }}{{ a }}{% endcapture %}",
            "{% assign a = a | concat: a %}",
            "{% assign a = a | split: '' | join: 'xxxxxxxxxx' %}",
            "{% assign a = a | times: a %}",
            "{% assign a = a | escape | escape | url_encode | base64_encode %}",
            "{% assign a = a | newline_to_br | replace: '', 'yyyyyyyy' %}",
            "{% assign a = a | prepend: a %}{% assign b = a %}{% assign c = a %}{% assign d = a | append: b %}",
        ]
    )
    first = rng.choice(["'xx'", "9", "'<>&\n'", "'x,x' | split: ','"])
    looped = f"{{% for i in (1..{rng.choice((30, 9_000))}) %}}{step}{{% endfor %}}"
    return f"{{% assign a = {first} %}}{looped if rng.random() < 0.5 else step * 60}{{{{ a }}}}"


def _numbers(rng: Rng) -> str:
    steps = "".join(f" | {rng.choice(('times', 'divided_by', 'plus', 'round'))}: {rng.choice(HUGE)}" for _ in range(60))
    number = rng.choice(
        [*HUGE, "'1e999999999'", "'" + "9" * 3_000 + "'", "9" * 3_000, "'0x10'", "'٣'", "'nan'", "'inf'"]
    )
    return f"{{{{ {number}{steps} }}}}{{{{ {number} | {rng.choice(('floor', 'ceil', 'abs', 'decimals'))} }}}}"


def _nesting(rng: Rng) -> str:
    count = rng.choice((15, 25, 400, 1_500))
    kind = rng.choice(("if", "brackets", "capture", "logic", "case", "liquid", "ternary", "dots"))
    return {
        "if": "{% if a %}" * count + "x" + "{% endif %}" * count,
        "brackets": "{{ " + "a[" * count + "0" + "]" * count + " }}",
        "capture": "".join(f"{{% capture c{place} %}}" for place in range(count)) + "x" + "{% endcapture %}" * count,
        "logic": "{% if " + " and ".join(["a"] * count) + " or (" * count + " %}x{% endif %}",
        "case": "{% case a %}" + "{% when 1, 2, 3 or 4 %}x" * count + "{% endcase %}",
        "liquid": "{% liquid\n" + "if a\n" * count + "echo a\n" + "endif\n" * count + "%}",
        "ternary": "{{ a" + " if a else a" * count + " }}",
        "dots": "{{ customer.deep" + ".a[0]" * count + " }}",
    }[kind]


def _recursion(rng: Rng) -> str:
    name = rng.choice(("include", "render", "layout", "extends", "import", "block", "macro", "call", "section", "use"))
    return f"{{% {name} '{rng.choice(('/etc/passwd', 'http://127.0.0.1/', 'template', '../../x'))}' %}}" * 3


def _walk(rng: Rng) -> str:
    base = rng.choice(("customer", "customer.name", "event.items", "forloop", "a", "customer.list", "''"))
    walk = rng.choice(WALKS)
    path = f"{base}{walk}" if walk.startswith("[") else f"{base}.{walk}"
    key = walk.split(".", maxsplit=1)[0]
    return (
        f"{{{{ {path} }}}}{{{{ event.items | map: '{key}' | join }}}}{{{{ event.items | where: '{key}' | first }}}}"
        f"{{% for i in (1..2) %}}{{{{ forloop.{key} }}}}{{{{ forloop }}}}{{{{ forloop.parentloop }}}}{{% endfor %}}"
    )


def _filters(rng: Rng) -> str:
    chain = ""
    for _ in range(rng.choice((1, 3, 30))):
        arguments = ", ".join(_value(rng) for _ in range(rng.choice((0, 1, 1, 2, 4))))
        chain += f" | {rng.choice(FILTERS)}" + (f": {arguments}" if arguments else "")
    return "".join(f"{{{{ {_value(rng)}{chain} }}}}" for _ in range(rng.choice((1, 5, 40))))


def _dates(rng: Rng) -> str:
    form = rng.choice(["%9999999d", "%c" * 50, "%" * 99, "%-" * 40, "%Y" * 200, "%\x00", "%E", BIDI, "%s%f%Z" * 9])
    zone = rng.choice(["UTC", "../../etc/passwd", "/etc/localtime", "x" * 5_000, "Europe/Berlin", "posixrules", "."])
    value = rng.choice(
        ["'now'", "99999999999999999999", "'9999-12-31T23:59:59-23:59'", "'0001-01-01'", "'" + "1" * 60 + "'"]
    )
    return f"{{{{ {value} | date: '{form}', '{zone}' }}}}" * rng.choice((1, 300))


def _unclosed(rng: Rng) -> str:
    opening = rng.choice(
        ("{{", "{%", "{% if a", "{{ 'x", "{% raw %}", "{% comment %}", "{{ a | ", "{%-", "{% for i in", "{#")
    )
    return opening * rng.choice((1, 100, 20_000)) + rng.choice(("", "}}", "%}", "{% endraw %}"))


def _blanks(rng: Rng) -> str:
    blank = rng.choice((" ", "\t", "\n", "\u3000"))
    return "{{" + blank * rng.choice((100, 3_000, 100_000)) + "a" + blank * 3_000 + rng.choice(("}}", "-}}", "}", ""))


def _controls(rng: Rng) -> str:
    return (
        BIDI * rng.choice((1, 100))
        + "{{ customer.name }}"
        + BIDI
        + "\r\nBcc: x@x.example\r\n{{ a | default: '"
        + BIDI
        + "' }}"
    )


def _mass(rng: Rng) -> str:
    piece = rng.choice(
        [
            "{{a}}",
            "{% if a %}b{% endif %}",
            "{{ a | upcase | downcase }}",
            "{% assign a = 1 %}",
            "{%comment%}{%endcomment%}",
            "{% increment a %}",
            "{{ customer.name }}",
            "https://a.example/ ",
            "(https://a.example/",
            "x" * 60,
        ]
    )
    return piece * rng.choice((500, 4_000, 20_000))


def _mjml_bomb(rng: Rng) -> str:
    count = rng.choice((50, 95, 1_000, 9_000))
    inner = rng.choice(
        [
            "<mj-text>x</mj-text>" * count,
            "<mj-text " + " ".join(f"a{place}='x'" for place in range(count)) + ">x</mj-text>",
            "<mj-button background-color='" + "x" * count * 10 + "'>x</mj-button>",
            "<mj-carousel>" + "<mj-carousel-image src='x'/>" * count + "</mj-carousel>",
            "<mj-raw>" + "<b>" * count + "</b>" * count + "</mj-raw>",
            "<mj-raw><!-->" + "<div>" * count + "</mj-raw>",
            "<mj-text>" + "<!-- <mj-x> -->" * count + "</mj-text>",
            "<mj-navbar>" + "<mj-navbar-link/>" * count + "</mj-navbar>",
            "<mj-social>" + "<mj-social-element name='x'/>" * count + "</mj-social>",
            "{% for i in (1..9000) %}<mj-spacer height='{{ i }}px'/>{% endfor %}",
            '<mj-text color="{{ customer.name }}" {{ customer.name }}="x">{{ customer.name | safe }}</mj-text>',
        ]
    )
    shared = rng.choice(("all", "text", "class name='c'"))
    attributes = f"<mj-{shared} color='{'x' * rng.choice((9, 50_000))}'/>"
    head = f"<mj-head><mj-attributes>{attributes}</mj-attributes></mj-head>" if rng.random() < 0.5 else ""
    return MJML.format(inner).replace("<mj-body>", f"{head}<mj-body>")


def _mjml_depth(rng: Rng) -> str:
    count = rng.choice((90, 120, 2_000, 9_000))
    tag = rng.choice(("mj-wrapper", "mj-section", "div", "mj-raw", "mjml", "mj-body"))
    return f"<mjml><mj-body>{f'<{tag}>' * count}{f'</{tag}>' * rng.choice((count, 0))}</mj-body></mjml>"


def _mjml_outside(rng: Rng) -> str:
    entities = "".join(f"<!ENTITY e{place} '{f'&e{place - 1};' * 9}'>" for place in range(1, 12))
    outside = rng.choice(
        [
            "<mj-include path='/etc/passwd'/>",
            "<mj-include path='http://127.0.0.1:1/x'/>",
            "<mj-include path='https://a.example/x' type='css'/>",
            "&e11;&#x110000;&undefined;&#0;",
            "<mj-font name='x' href='file:///etc/passwd'/><mj-style>@import url(file:///etc/passwd);</mj-style>",
        ]
    )
    doctype = f"<!DOCTYPE mjml [<!ENTITY e0 'xxxxxxxx'>{entities}<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    return rng.choice((doctype, "<?xml version='1.0'?>", "")) + MJML.format(f"<mj-text>{outside}</mj-text>{outside}")


def _html_bomb(rng: Rng) -> str:
    count = rng.choice((400, 3_000, 8_000, 30_000))
    style = rng.choice(("<style>b{color:red}</style>", ""))
    return style + rng.choice(
        [
            "<div>" * count,
            "<!-->" + "<div>" * count,
            '<div ">' + "<div>" * count + '<x ">',
            "<div><object></div></object>" * (count // 4),
            "<div><style></div></style>" * (count // 4),
            "<?</div>" + "<div><?</div>" * (count // 4),
            "<p>" + "".join(f"<b class=x{place}>" for place in range(count // 30)) + "<p>x" * (count // 4),
            "<table>" + "<b><tr>" * (count // 40) + "x<tr></tr>" * (count // 4),
            "<svg>" + "<g>" * count,
            "<select>" + "<option>" * count,
            "<p " + " ".join(f"a{place}" for place in range(count)) + ">",
            '<p title="' + "<b>" * count + '">x',
            "<a href='http://a.example/'>x</a>" * (count // 10),
            "".join(f"<a href='http://a.example/{place}'>x</a>" for place in range(count // 10)),
            "<a <a <a \"<a '" * (count // 4),
            "<!--" * count,
            "<br>" * count,
            "&#x110000;&notanentity" * (count // 4),
            "<img src='data:image/png;base64," + "A" * count + "'>",
        ]
    )


def _css_bomb(rng: Rng) -> str:
    count = rng.choice((50, 400, 3_000))
    sheet = rng.choice(
        [
            "".join(f"b{{p{place}:1}}" for place in range(count)),
            "b{" + "".join(f"--x{place}:var(--x{place - 1});" for place in range(count)) + "}",
            "".join("* > * b{p:1}" for _ in range(count)),
            "div " * count + "b{p:1}",
            "~".join(["b"] * min(count, 400)) + "{p:1}",
            ":not(" * count + "a" + ")" * count + "{p:1}",
            "b:has(i) " * (count // 10) + "{p:1}",
            "b:nth-last-child(2n+1 of .x){p:1}" * (count // 10),
            ":is(" + ",".join(["a b"] * count) + "){p:1}",
            f"[a*='{'x' * 50}']{{p:1}}" * (count // 5),
            "{" * count * 5,
            "a{b:" + "(" * count * 5,
            "@media x{" * count,
            "@import url(http://127.0.0.1:1/);@import '/etc/passwd';",
            "/*" * count * 5,
            "b{background:" + "x" * count * 10 + "}",
            "b{" * count + "p:1" + "}" * count,
        ]
    )
    body = rng.choice(("<b>x</b>", "<b class=x a='x'><i>x</i></b>", "<div><b>x</b></div>", "<p><b>x"))
    deep = "<div>" * rng.choice((0, 300))
    return f"<style>{sheet}</style>{deep}{body * rng.choice((1, 200, 2_000))}{deep.replace('<', '</')}"


def _regular(rng: Rng) -> str:
    text = rng.choice(
        ("(a+)+$", "a" * 5_000 + "!", "(.*)*", "[" * 500, "\\" * 999, "https://" + "a." * 2_000, "<" * 9_000)
    )
    return f"{{{{ '{text[:3_000]}' | replace: '{text[:500]}', '' | split: '{text[:90]}' | strip_html }}}}{text}"


KINDS: Final[Mapping[str, Callable[[Rng], str]]] = {
    "ranges": _ranges,
    "loops": _loops,
    "growth": _growth,
    "numbers": _numbers,
    "nesting": _nesting,
    "recursion": _recursion,
    "walk": _walk,
    "filters": _filters,
    "dates": _dates,
    "unclosed": _unclosed,
    "blanks": _blanks,
    "controls": _controls,
    "mass": _mass,
    "regular": _regular,
    "mjml bomb": _mjml_bomb,
    "mjml depth": _mjml_depth,
    "mjml outside": _mjml_outside,
    "html bomb": _html_bomb,
    "css bomb": _css_bomb,
}
"""The attacks, by what they aim at."""
