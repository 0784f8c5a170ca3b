import pytest

from journeyman.channels.html_shape import is_sound, refuse_shape
from journeyman.channels.render_errors import RenderError

SOUND = [
    "<!DOCTYPE html><html><head><title><b></title></head><body><p>a<br>b</body></html>",
    "<!--[if mso]><table><tr><![endif]--><![if !mso]><div></div><![endif]>",
    "<table><tr><td>a<td>b<tr><td><p>c</table>",
    "<ul><li>a<li><b>c</b></ul><dl><dt>a<dd>b</dl>",
    "<p>a<div>b</div><p>c",
    "<p title=\"a<b\" data-x=1 hidden class='c'>1 < 2 & <3</p><IMG src=x/>",
    "<style>a > b { } /* </b> */</style><a href='x'><span>y</span></a>",
]
UNSOUND = [
    "<b><i></b></i>",
    "</div>",
    "<p><b>a<p>c</b>",
    "<!--><div></div>-->",
    "<!-- --!><div></div>-->",
    '<div "><div></div>">',
    "<div><style></div>",
    "<?</div>",
    "<table><b></b></table>",
    "<td></td>",
    "<a><a></a></a>",
    "<svg><g/></svg>",
    "<li><b><li></li></b></li>",
]


@pytest.mark.parametrize("source", SOUND)
def test_what_is_closed_where_it_was_opened_is_sound(source: str) -> None:
    assert is_sound(source)


@pytest.mark.parametrize("source", UNSOUND)
def test_what_parsers_have_to_mend_is_not_sound(source: str) -> None:
    assert not is_sound(source)


def test_a_small_source_may_be_unsound() -> None:
    assert not refuse_shape("<b><p>" * 50)


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("<div>" * 501, "500 elements stand within each other"),
        ("<br>" * 20_001, "more than 20,000 elements"),
        ("<!--><br>" + "<div>" * 5_000, "not each is closed"),
        ('<div ">' + "<div>" * 5_000 + '">', "not each is closed"),
        ("<p>" + "<b>" * 400 + "<p>x" * 400, "too many to mend"),
    ],
)
def test_what_could_become_too_much_is_refused(source: str, detail: str) -> None:
    with pytest.raises(RenderError, match=detail):
        refuse_shape(source)
