"""Whatever somebody writes into a template, nothing but the errors that callers know comes out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.channels.content.email import EmailContent
from journeyman.channels.content_check import content_faults
from journeyman.channels.links import Links
from journeyman.channels.plain_text import plain_text
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import render_email
from journeyman.channels.tracking import Tokens


def words(text: str) -> list[str]:
    return text.replace("\n", " ").split(" ~ ")


LIQUID = [
    "\n",
    *words(
        """{{ ~ }} ~ {% ~ %} ~ {%- ~ -%} ~ {{ customer.name | ~ {% if a %} ~ {% endif %} ~
        {% for i in customer.items %} ~
        {% endfor %} ~ {% for i in (1..5) ~ if ~ else ~ elsif ~ i ~ in ~ {% case a %} ~ {% when 1 %} ~ {% endcase %} ~
        {% assign a = ~ {% capture a %} ~ {% endcapture %} ~ {% raw %} ~ {% endraw %} ~ {% liquid ~ {% cycle 1, 2 %} ~
        {% increment a %} ~ {% echo a %} ~ {% break %} ~ {% comment %} ~ {% endcomment %} ~ a ~
        customer.items ~ (a..b) ~
        'x' ~ " ~ 1 ~ 1.5 ~ - ~ = ~ == ~ contains ~ and ~ | ~ | upcase ~ | join: ',' ~ | map: 'x' ~ | date: '%d' ~
        | times: 3 ~ | split: '' ~ | sort ~ | uniq ~ | default: 1 ~ : ~ , ~ . ~ [ ~ ] ~ first ~
        size ~ nil ~ empty ~ #"""
    ),
]
HTML = words(
    """<p> ~ </p> ~ <a href='https://a.example/'> ~ <a href=" ~ </a> ~ <!-- ~ --> ~ <![if ~ <style> ~ </style> ~
    p{color:red} ~ <table> ~ <td> ~ <br> ~ <body> ~ </body> ~ <img src=x alt=y> ~ < ~ > ~ &amp; ~
    &#x110000; ~ é ~ ' ~ <a ~
    href=x ~ <svg> ~ <title> ~ <textarea> ~ </html> ~ <html> ~ <head> ~ {{ customer.name }} ~ {{ unsubscribe_url }}"""
)
MJML = words(
    """<mj-head> ~ </mj-head> ~ <mj-body> ~ </mj-body> ~ <mj-section> ~ </mj-section> ~ <mj-column> ~ </mj-column> ~
    <mj-text> ~ </mj-text> ~ <mj-button href='x'> ~ </mj-button> ~ <mj-raw> ~ </mj-raw> ~ <mj-style> ~ </mj-style> ~
    <mj-image /> ~ <mj-foo> ~ <mj-include /> ~ <mj-text color=red> ~ <!-- ~ --> ~ x ~ <p> ~ </p> ~
    <![CDATA[ ~ ]]> ~ <?xml?> ~
    {{ a }} ~ {% if a %} ~ {% endif %} ~ <mj-carousel> ~ </mj-carousel> ~
    <mj-social-element name="x" /> ~ <mjml> ~ </mjml>"""
)
LINKS = Links(Tokens("s" * 32, "https://j.example"), "m1", marketing=True)
SCOPE = {"customer": {"name": "<Ann>", "items": [{"x": 1}, {"x": "<b>"}, None, 3]}}


def sources(words: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words) | st.text(max_size=2), min_size=1, max_size=40).flatmap(
        lambda pieces: st.sampled_from(["", " "]).map(lambda gap: gap.join(pieces) or "x")
    )


def check(content: EmailContent) -> None:
    faults = content_faults(content)
    assert all(fault.detail and fault.mend and fault.pointer for fault in faults)
    try:
        rendered = render_email(content, SCOPE, LINKS)
    except RenderError:
        return
    assert rendered.subject.isprintable()
    assert LINKS.unsubscribe_url in (rendered.html or rendered.text)


@settings(deadline=None)
@given(sources(LIQUID))
def test_liquid(source: str) -> None:
    check(EmailContent(channel="email", subject=source[:400], text=source))


@settings(deadline=None)
@given(sources(HTML))
def test_html(source: str) -> None:
    check(EmailContent(channel="email", subject="x", html=source))
    assert plain_text(source).endswith("\n")


@settings(deadline=None)
@given(sources(MJML))
def test_mjml(source: str) -> None:
    check(EmailContent(channel="email", subject="x", mjml=f"<mjml><mj-body>{source}</mj-body></mjml>"))
    check(EmailContent(channel="email", subject="x", mjml=source))
