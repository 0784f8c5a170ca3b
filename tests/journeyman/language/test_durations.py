import copy
import pickle
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from journeyman.language.durations import Age, CalendarDays, Duration, Offset, Span

STEADY = settings(derandomize=True, deadline=None)
SPAN: TypeAdapter[Span] = TypeAdapter(Span)


def refusal(kind: Any, text: object) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(text)
    (error,) = caught.value.errors()
    return error["msg"]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("45s", timedelta(seconds=45)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("1d", timedelta(hours=24)),
        ("2w", timedelta(days=14)),
        ("1d12h", timedelta(hours=36)),
        ("1w2d3h4m5s", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("PT30M", timedelta(minutes=30)),
        ("P1D", timedelta(days=1)),
        ("P2W", timedelta(weeks=2)),
        ("P1DT12H", timedelta(hours=36)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("3653d", timedelta(days=3653)),
    ],
)
def test_a_duration_is_read_and_written_back_as_it_was(text: str, length: timedelta) -> None:
    duration = Duration.parse(text)
    assert duration.timedelta == length
    assert TypeAdapter(Duration).dump_python(duration, mode="json") == text
    assert str(duration) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "m",
        "1.5h",
        "1h1d",
        "1x",
        "1 d",
        "30M",
        "-3d",
        "+3d",
        "0d",
        "PT0S",
        "P",
        "PT",
        "P1M",
        "P1Y",
        "1d\n",
        "\u0663d",
    ],
)
def test_what_is_no_duration_is_refused_with_its_mend(text: str) -> None:
    assert refusal(Duration, text) == "this is no duration; write a duration such as 30m, 1d or 2w"


@pytest.mark.parametrize("value", [30, 1.5, None, timedelta(days=1), ["1d"], True])
def test_a_duration_is_text(value: object) -> None:
    assert "this is no duration" in refusal(Duration, value)


@pytest.mark.parametrize("text", ["3654d", "99999999w", "87673h", "P3654D"])
def test_ten_years_are_the_most(text: str) -> None:
    assert refusal(Duration, text) == "this is longer than ten years; write a shorter one"
    assert refusal(Offset, f"-{text}") == "this is longer than ten years; write a shorter one"


@STEADY
@given(st.text(max_size=40) | st.from_regex(r"P?[0-9]{0,20}[WDHMSTwdhms.]{1,3}[0-9]{0,20}[wdhmsSHM]?"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = SPAN.validate_python(text)
    except ValidationError:
        return
    assert SPAN.dump_python(found, mode="json") == text.replace("1 calendar days", "1 calendar day").lstrip("0")


def test_w5_a_calendar_day_is_not_24_hours() -> None:
    assert SPAN.validate_python("1 calendar day") == CalendarDays(1)
    assert SPAN.validate_python("3 calendar days") == CalendarDays(3)
    assert SPAN.validate_python("1d") == Duration.parse("24h") != CalendarDays(1)
    assert SPAN.dump_python(CalendarDays(1), mode="json") == "1 calendar day"
    assert SPAN.dump_python(CalendarDays(3), mode="json") == "3 calendar days"


@pytest.mark.parametrize(
    "text", ["0 calendar days", "3654 calendar days", "-1 calendar day", "calendar day", "1.5 calendar days"]
)
def test_calendar_days_that_are_none_are_refused_with_their_mend(text: str) -> None:
    assert refusal(Span, text) == "these are no calendar days; write 1 calendar day, or up to 3653 calendar days"


def test_a_duration_that_is_neither_gives_one_error() -> None:
    assert refusal(Span, "soon") == "this is no duration; write a duration such as 30m, 1d or 2w"


@pytest.mark.parametrize(
    ("text", "length"), [("-3d", timedelta(days=-3)), ("+3d", timedelta(days=3)), ("0d", timedelta())]
)
def test_only_an_offset_may_be_negative(text: str, length: timedelta) -> None:
    assert Offset.parse(text).timedelta == length
    assert TypeAdapter(Offset).dump_python(Offset.parse(text), mode="json") == text


@pytest.mark.parametrize("text", ["--3d", "-", "", "-P1M", "3 d"])
def test_what_is_no_offset_is_refused_with_its_mend(text: str) -> None:
    assert refusal(Offset, text) == "this is no duration; write an offset such as -3d, 0d or 12h"


def test_an_age_may_be_nothing_and_not_less() -> None:
    assert Age.parse("0d").timedelta == timedelta()
    assert "no duration" in refusal(Age, "-1d")


def test_durations_are_equal_by_length_and_survive_copying() -> None:
    duration = Duration.parse("1d")
    assert {duration, Duration.parse("24h")} == {Duration.parse("PT24H")}
    assert pickle.loads(pickle.dumps(duration)) == copy.deepcopy(duration) == duration  # noqa: S301 - our own bytes


def test_the_schema_helps_an_editor() -> None:
    class Wait(BaseModel):
        for_: Span
        offset: Offset
        since: Duration | None = None

    properties = Wait.model_json_schema()["properties"]
    assert properties["for_"]["pattern"].endswith("calendar days?$")
    assert "1 calendar day" in properties["for_"]["examples"]
    assert "-3d" in properties["offset"]["examples"]
    assert properties["since"]["anyOf"][0]["description"].startswith("A duration above zero")
