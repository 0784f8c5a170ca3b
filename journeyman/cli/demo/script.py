"""What the demo plays: who does what, and when."""

from collections.abc import Sequence
from dataclasses import dataclass

from journeyman.cli.demo.clickstream import Visitor
from journeyman.cli.demo.pace import DAY
from journeyman.cli.demo.shop import Call, Person, Shopper, person


@dataclass(frozen=True, slots=True)
class Moment:
    """One click of one person, `at` seconds after the play begins."""

    at: float
    person: Person
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """`known` are customers when the play begins, `heroes` those of whom there is most to tell."""

    moments: tuple[Moment, ...]
    known: tuple[Person, ...]
    heroes: tuple[Person, ...]

    @property
    def seconds(self) -> float:
        return self.moments[-1].at

    @property
    def people(self) -> int:
        return len({moment.person.id for moment in self.moments})


def write_script(visitors: Sequence[Visitor], seconds_per_day: float, play: str) -> Script:
    """The visitors' month at the pace of the demo. Who is new signs up with the first click."""
    begin = min(visitor.clicks[0].at for visitor in visitors)
    moments = []
    for visitor in visitors:
        who, shopper = person(visitor.id), Shopper(visitor.id, play)
        for number, click in enumerate(visitor.clicks):
            calls = list(shopper.calls(click))
            if visitor.is_new and number == 0:
                calls.insert(0, {"type": "track", "event": "Signed Up", "properties": {"source": click.source}})
            at = (click.at - begin).total_seconds() * seconds_per_day / DAY
            moments.append(Moment(at, who, tuple(calls)))
    return Script(
        moments=tuple(sorted(moments, key=lambda moment: moment.at)),
        known=tuple(person(visitor.id) for visitor in visitors if not visitor.is_new),
        heroes=tuple(
            who for visitor in visitors if visitor.story == "recovered" and (who := person(visitor.id)).agrees
        ),
    )
