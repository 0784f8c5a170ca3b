import pytest

from journeyman.channels.budget import SECONDS, budget, tick
from journeyman.channels.content.email import EmailContent
from journeyman.channels.content_check import content_faults
from journeyman.channels.render_errors import RenderError
from tests.cost import processor_seconds

ENDLESS = "{% for i in (1..9000) %}{% assign a = (1..9000) | join %}{% endfor %}"


def use_up() -> None:
    while True:
        tick()


def test_whatever_is_within_shares_one_budget() -> None:
    def both() -> None:
        with budget():
            for _ in range(2):
                with pytest.raises(RenderError, match="takes more than"), budget():
                    use_up()

    assert SECONDS <= processor_seconds(both) < 1.5 * SECONDS


def test_outside_of_one_everything_is_free() -> None:
    with pytest.raises(RenderError), budget():
        use_up()
    tick()


def test_all_texts_of_a_template_share_one() -> None:
    parts = {"subject": ENDLESS, "preheader": ENDLESS, "html": ENDLESS, "text": ENDLESS}
    content = EmailContent.model_validate({"channel": "email", **parts})

    def found() -> None:
        assert {fault.pointer for fault in content_faults(content)} == {"/subject", "/preheader", "/html", "/text"}

    assert processor_seconds(found) < 2 * SECONDS
