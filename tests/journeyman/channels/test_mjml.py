import pytest

from journeyman.channels import mjml
from journeyman.channels.mjml import problems, to_html
from journeyman.channels.render_errors import RenderError

BODY = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


def details(content: str) -> list[str]:
    return [problem.detail for problem in problems(BODY.format(content))]


@pytest.mark.parametrize(
    "content",
    [
        "<mj-text>a<br>b<br/><b>c</b> &nbsp; &amp;</mj-text>",
        '<mj-button href="{{ event.url }}">{{ event.name | upcase }}</mj-button>',
        "{% if customer.vip %}<mj-text>a</mj-text>{% else %}<mj-text>b</mj-text>{% endif %}",
        '{% for item in event.items %}<mj-image src="{{ item.image }}" width="{{ item.width }}px" />{% endfor %}',
        "{% case customer.tier %}{% when 'gold' %}<mj-text>a</mj-text>{% else %}<mj-spacer />{% endcase %}",
        "<mj-raw>{% raw %}{{ not ours }}{% endraw %}<!--[if mso]><b>x</b><![endif]--></mj-raw>",
        "{% comment %}<mj-nonsense>{% endcomment %}",
    ],
)
def test_a_sound_template_has_no_problems(content: str) -> None:
    assert details(content) == []


@pytest.mark.parametrize(
    ("content", "detail", "mend"),
    [
        ("<mj-buton>x</mj-buton>", "`mj-buton` is not known", "`mj-button`"),
        ('<mj-include path="/etc/passwd" />', "`mj-include` is not available", "content"),
        ("\n<mj-text>x", "line 2, column 1: `<mj-text>` is not closed", "`</mj-text>`"),
        ("\n\n  <mj-text>a</mj-text><mj-txt>x</mj-txt>", "line 3, column 23: `mj-txt` is not known", "`mj-text`"),
        ("\n<mj-text>a\n</mj-text>\n {% if a %}<mj-text>{% endif %}", "line 4, column 12: ", "same branch"),
        ("<mj-text><p>x</mj-text>", "`<p>` is not closed", "`</p>`"),
        ("<mj-text>x</p></mj-text>", "`<mj-text>` is not closed before `</p>`", "`</mj-text>`"),
        ("{% if a %}<mj-text>{% endif %}x</mj-text>", "before `{% endif %}`", "same branch"),
        ("<mj-text>{% if a %}</mj-text>{% endif %}", "closes nothing that was opened in this place", "same branch"),
        ("{% if a %}<mj-text color=red>x</mj-text>{% endif %}", "cannot be read", "quote every attribute"),
        ("<mj-text>1 < 2</mj-text>", "cannot be read", "&lt;"),
    ],
)
def test_a_problem_is_found_with_its_mend(content: str, detail: str, mend: str) -> None:
    found = problems(BODY.format(content))
    assert any(detail in problem.detail and mend in problem.mend for problem in found), found


def test_something_that_is_no_mjml_is_told_so() -> None:
    assert [problem.detail for problem in problems("<p>x</p>")] == ["the document does not begin with `<mjml>`"]


def test_the_list_of_problems_is_bounded() -> None:
    assert len(details("<mj-a />" * 500)) == 10


def test_every_known_component_is_one_that_the_renderer_knows() -> None:
    parents = {"mj-head": "<mjml>{}<mj-body /></mjml>", "mj-body": "<mjml>{}</mjml>"}
    assert "x" in to_html(BODY.format("<mj-text>x</mj-text>"))
    for tag in mjml.TAGS - {"mjml", *parents}:
        assert tag.startswith("mj-"), tag


def test_no_third_party_is_asked_for_a_font() -> None:
    assert "http" not in to_html(BODY.format("<mj-text>x</mj-text>")).replace("http://www.w3.org", "").replace(
        "http-equiv", ""
    )


@pytest.mark.parametrize("tag", ["mj-wrapper", "div"])
def test_depth_that_would_end_the_process_is_refused(tag: str) -> None:
    deep = f"<{tag}>" * 20_000 + f"</{tag}>" * 20_000
    source = (
        f"<mjml><mj-body>{deep}</mj-body></mjml>" if tag == "mj-wrapper" else BODY.format(f"<mj-raw>{deep}</mj-raw>")
    )
    with pytest.raises(RenderError, match="within each other"):
        to_html(source)
