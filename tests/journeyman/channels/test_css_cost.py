import pytest

from journeyman.channels.css_cost import refuse_costly_styles
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import finish_html
from tests.cost import processor_seconds


def many(declarations: int) -> str:
    return "".join(f"p{place}:1;" for place in range(declarations))


def test_a_large_sheet_for_the_classes_of_a_large_mail_is_fine() -> None:
    sheet = "".join(f".c{place}{{color:red;padding:1px}}" for place in range(300))
    refuse_costly_styles(f"<style>{sheet}</style>" + "<p class='c1'>x</p>" * 3_000)


def test_what_stays_in_the_sheet_costs_nothing() -> None:
    refuse_costly_styles(f"<style>@media print{{b{{{many(3_000)}}}}}/* b{{ */</style>" + "<b>x</b>" * 3_000)


@pytest.mark.parametrize(
    "sheet",
    [
        f"b{{{many(3_000)}}}",
        f"B{{{many(3_000)}",
        f"i,u > b{{{many(3_000)}}}",
        f".x{{{many(3_000)}}}",
        f":not(i){{{many(3_000)}}}",
        f"[class='x y']{{{many(3_000)}}}",
        "b{p:1}" * 1_000,
        "b{background:" + "x" * 20_000 + "}",
        "a{}" * 50_000,
    ],
)
def test_what_would_take_too_long_is_refused_at_once(sheet: str) -> None:
    source = f"<style>{sheet}</style>" + "<b class='x y'>x</b>" * 1_100

    def refused() -> None:
        with pytest.raises(RenderError, match="style sheets"):
            finish_html(source)

    assert processor_seconds(refused) < 0.1


def test_elements_that_are_hidden_from_a_quick_look_count() -> None:
    with pytest.raises(RenderError, match="style sheets"):
        finish_html(f"<style>div{{{many(3_000)}}}</style><!-->" + "<div>x</div>" * 500)
