"""Simulating a journey for invented or given customers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from journeyman.language.definition import Definition
from journeyman.simulation.cases import BEFORE, Open
from journeyman.simulation.crowd import Deed, Invented
from journeyman.simulation.results import Result, Sent, result_of
from journeyman.simulation.simulation import Simulation
from journeyman.simulation.stock import Stock, furnish

NOW: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a journey would do: each customer's part, and how many messages there were by step and outcome."""

    journey: str
    begins: datetime
    lasts: timedelta
    results: Sequence[Result]

    @property
    def messages(self) -> Counter[tuple[str, str]]:
        return Counter((one.step, one.outcome) for result in self.results for one in result.messages)

    @property
    def outcomes(self) -> Counter[str]:
        """How the customers' last runs ended; `not entered` where there was none."""
        return Counter(result.outcome or "not entered" for result in self.results)

    def as_json(self) -> dict[str, Any]:
        """All of it as a JSON document."""
        return {
            "journey": self.journey,
            "begins": self.begins.isoformat(),
            "days": self.lasts.days,
            "outcomes": dict(self.outcomes),
            "messages": [
                {"step": step, "outcome": outcome, "count": number} for (step, outcome), number in self.messages.items()
            ],
            "customers": [_customer(result) for result in self.results],
        }


def _customer(result: Result) -> dict[str, Any]:
    return {
        "customer": result.customer,
        "outcome": result.outcome,
        "goals": list(result.goals),
        "steps": list(result.steps),
        "messages": [_message(message) for message in result.messages],
        "timeline": [{"at": item.at.isoformat(), "kind": item.kind, "text": item.text} for item in result.story],
    }


def _message(message: Sent) -> dict[str, Any]:
    """A run's id is another one each time, and of no use to anybody."""
    return {name: value for name, value in asdict(message).items() if name != "run"} | {"at": message.at.isoformat()}


async def simulate(
    open_: Open,
    definition: Definition,
    stock: Stock,
    customers: Sequence[Invented],
    begins: datetime,
    lasts: timedelta,
) -> Simulated:
    """Let the customers do what they do, with every gate, wait and exit in force; nothing is sent.

    Raises `InvalidError` where the journey cannot be published with what there is.
    """
    deeds = sorted(
        ((deed.after, one.id, deed) for one in customers for deed in one.deeds), key=lambda one: (one[0], one[1])
    )
    first = min([NOW, *(after for after, _, _ in deeds)])
    async with open_(begins + first - BEFORE) as simulation:
        await furnish(simulation, stock, definition)
        await simulation.introduce_all([(one.id, one.attributes, one.consents) for one in customers])
        for after, customer, deed in (one for one in deeds if one[0] < NOW):
            await simulation.pass_until(begins + after)
            await _happen(simulation, customer, definition.journey, deed)
        await simulation.pass_until(begins)
        await simulation.publish(definition.to_document())
        for after, customer, deed in (one for one in deeds if one[0] >= NOW):
            await simulation.pass_until(begins + after)
            await _happen(simulation, customer, definition.journey, deed)
        await simulation.pass_until(begins + lasts)
        with_story = len(customers) == 1
        results = [await result_of(simulation, one.id, definition.journey, with_story=with_story) for one in customers]
    return Simulated(definition.journey, begins, lasts, results)


async def _happen(simulation: Simulation, customer: str, journey: str, deed: Deed) -> None:
    if deed.product is not None:
        await simulation.stock(deed.product)
    elif deed.event is not None:
        await simulation.happen(customer, deed.event, deed.properties, deed.traits)
    else:
        await simulation.enter(customer, journey, deed.properties)
