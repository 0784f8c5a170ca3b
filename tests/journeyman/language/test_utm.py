import pytest

from journeyman.language.utm import Utm
from journeyman.language.validation import DefinitionError, parse
from tests.builders import journey


def test_defaults_are_the_channel_the_journey_and_the_step() -> None:
    assert Utm().parameters("email", "carts", "remind") == {
        "utm_source": "journeyman",
        "utm_medium": "email",
        "utm_campaign": "carts",
        "utm_content": "remind",
    }


def test_what_is_said_goes_before_the_default() -> None:
    utm = Utm(source="a", medium="b", campaign="c", content="d", term="e")
    assert list(utm.parameters("email", "carts", "remind").values()) == ["a", "b", "c", "d", "e"]


def test_what_a_template_says_goes_before_what_its_journey_says() -> None:
    over = Utm(source="own", hosts=("a.example",)).over(Utm(source="other", term="tea", hosts=("b.example",)))
    assert (over.source, over.term, over.hosts) == ("own", "tea", ("a.example",))
    assert Utm(source="own").over(None) == Utm(source="own")


@pytest.mark.parametrize(
    "utm", [{"source": "two words"}, {"source": "a&b=c"}, {"hosts": ["https://a.example"]}, {"sauce": "x"}]
)
def test_what_does_not_fit_into_a_link_is_refused(utm: dict[str, object]) -> None:
    with pytest.raises(DefinitionError):
        parse(journey(utm=utm))


def test_a_journey_without_it_is_what_it_was() -> None:
    assert "utm" not in parse(journey()).to_document()
    assert parse(journey(utm={})).to_document()["utm"] == {}
