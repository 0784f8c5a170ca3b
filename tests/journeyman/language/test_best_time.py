"""O1 and Q3: which hour a message takes, by scores that are known here."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journeyman.language.best_time import EXPLORED, Choice, Occasion, choose
from journeyman.language.contact import QuietHours
from journeyman.language.quiet import Window
from journeyman.language.steps.wait import BestTime
from journeyman.language.timing import Hours

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY = datetime.fromisoformat("2026-03-02T13:00+01:00")
TUESDAY_EIGHT, MONDAY_NINE_IN_THE_EVENING, FRIDAY_NOON = 24 + 8, 21, 4 * 24 + 12


@dataclass
class Known:
    """Hours that are as good as it says; all others are average."""

    own: dict[int, float] | None = None
    shared: dict[int, float] | None = None

    def own_hours(self, zone: str) -> Hours | None:
        del zone
        return None if self.own is None else Hours([self.own.get(cell, 1.0) for cell in range(168)], "customer")

    def shared_hours(self, zone: str) -> Hours | None:
        del zone
        return None if self.shared is None else Hours([self.shared.get(cell, 1.0) for cell in range(168)], "workspace")


def occasion(timing: Known | None = None, *quiet: tuple[str, str], draw: str = "run/1") -> Occasion:
    windows = [Window.of(QuietHours.model_validate({"from": begin, "until": end})) for begin, end in quiet]
    return Occasion(MONDAY, WARSAW, "ann", draw, timing, windows)


def found(given: dict[str, Any], of: Occasion) -> Choice:
    """The choice of an occasion that does not explore; of twenty draws some do not."""
    chosen = (choose(BestTime.model_validate(given), replace(of, draw=f"run/{place}")) for place in range(20))
    return next(one for one in chosen if not one.read.get("explored"))


def local(choice: Choice) -> str:
    assert choice.at is not None
    return choice.at.astimezone(WARSAW).strftime("%a %H")


@pytest.mark.parametrize("timing", [None, Known()])
def test_o1_without_data_it_is_sent_at_once_or_as_the_author_chooses(timing: Known | None) -> None:
    nothing = occasion(timing)
    assert found({"within": "1d"}, nothing) == Choice(None, {"rung": "none"})
    assert found({"within": "1d", "else": "workspace"}, nothing) == Choice(None, {"rung": "none"})
    chosen = found({"within": "1d", "else": "09:00"}, nothing)
    assert chosen.at is not None
    assert timedelta() <= chosen.at - datetime.fromisoformat("2026-03-03T09:00+01:00") < timedelta(minutes=1)


def test_o1_the_best_hour_within_the_time_is_taken_and_its_score_is_on_record() -> None:
    known = Known({FRIDAY_NOON: 3.0, TUESDAY_EIGHT: 2.0, MONDAY_NINE_IN_THE_EVENING: 1.5})
    choice = found({"within": "1d"}, occasion(known))
    assert local(choice) == "Tue 08"
    assert choice.read == {
        "rung": "customer",
        "cell": TUESDAY_EIGHT,
        "score": 2.0,
        "explored": False,
        "propensity": pytest.approx(0.95 + 0.05 / 25, abs=1e-4),
    }
    assert local(found({"within": "8h"}, occasion(known))) == "Mon 21"
    assert local(found({"within": "7d"}, occasion(known))) == "Fri 12"


def test_o1_in_the_best_hour_itself_nobody_waits() -> None:
    assert found({"within": "1d"}, occasion(Known({13: 2.0}))).at is None


def test_o1_the_workspaces_hours_stand_in_where_the_author_says_so() -> None:
    known = Known(shared={TUESDAY_EIGHT: 2.0})
    choice = found({"within": "1d", "else": "workspace"}, occasion(known))
    assert (local(choice), choice.read["rung"]) == ("Tue 08", "workspace")
    assert found({"within": "1d"}, occasion(known)) == Choice(None, {"rung": "none"})


def test_o1_an_hour_of_the_week_that_is_over_comes_again_next_week() -> None:
    choice = found({"within": "7d"}, occasion(Known({12: 2.0})))
    assert choice.at is not None
    assert choice.at.astimezone(WARSAW).isoformat().startswith("2026-03-09T12:")


def test_o1_one_message_in_twenty_goes_at_any_hour_with_its_propensity_on_record() -> None:
    known = Known({TUESDAY_EIGHT: 2.0})
    best = BestTime.model_validate({"within": "1d"})
    choices = [choose(best, occasion(known, draw=f"run/{place}")) for place in range(4000)]
    explored = [one for one in choices if one.read["explored"]]
    assert len(explored) / len(choices) == pytest.approx(EXPLORED, abs=0.012)
    assert len(Counter(one.read["cell"] for one in explored)) >= 22
    assert {one.read["propensity"] for one in explored if one.read["cell"] != TUESDAY_EIGHT} == {0.05 / 25}


def test_o1_the_same_message_always_chooses_the_same() -> None:
    known = occasion(Known({TUESDAY_EIGHT: 2.0}))
    best = BestTime.model_validate({"within": "1d"})
    assert choose(best, known) == choose(best, known)


def test_o1_many_customers_do_not_go_at_the_same_second() -> None:
    best = BestTime.model_validate({"within": "1d"})
    known = occasion(Known({TUESDAY_EIGHT: 2.0}))
    found_at = [choose(best, replace(known, customer_id=f"c{place}", draw=f"c{place}")) for place in range(400)]
    minutes = Counter(
        one.at.minute // 6 for one in found_at if one.at is not None and one.read["cell"] == TUESDAY_EIGHT
    )
    assert len(minutes) == 10
    assert max(minutes.values()) < 80


@pytest.mark.parametrize(
    ("quiet", "goes"), [(("20:00", "07:00"), "Mon 19"), (("21:00", "09:00"), "Mon 20"), (("17:00", "22:00"), "Mon 22")]
)
def test_q3_a_best_time_in_quiet_hours_moves_to_the_nearest_edge(quiet: tuple[str, str], goes: str) -> None:
    choice = found({"within": "1d"}, occasion(Known({MONDAY_NINE_IN_THE_EVENING: 2.0}), quiet))
    assert local(choice) == goes
    assert choice.read["quiet"] == MONDAY_NINE_IN_THE_EVENING


def test_q3_no_hour_is_explored_in_which_the_message_would_only_wait_on() -> None:
    best = BestTime.model_validate({"within": "1d"})
    known = Known({TUESDAY_EIGHT: 2.0})
    for place in range(2000):
        one = choose(best, occasion(known, ("20:30", "07:30"), draw=f"run/{place}"))
        assert one.at is None or not Window.of(QuietHours.model_validate({"from": "20:30", "until": "07:30"})).covers(
            one.at, WARSAW
        )


def test_q3_where_all_hours_are_quiet_it_goes_when_they_end() -> None:
    choice = found({"within": "2h"}, occasion(Known({14: 2.0}), ("12:00", "20:00")))
    assert choice.at == datetime.fromisoformat("2026-03-02T20:00+01:00")


def test_w5_on_the_night_the_clocks_change_no_hour_is_taken_that_does_not_come() -> None:
    start = datetime.fromisoformat("2026-03-29T00:30+01:00")
    known = replace(occasion(Known({6 * 24 + 2: 3.0, 6 * 24 + 5: 2.0})), now=start)
    choice = choose(BestTime.model_validate({"within": "12h"}), replace(known, draw="x1"))
    assert choice.read["explored"] is False
    assert local(choice) == "Sun 05"
