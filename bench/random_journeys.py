"""`python -m bench.random_journeys --journeys 500`: random journeys and streams of events, as many as are asked for.

Plays each story in a simulation, with `--engine` on a Temporal server as well, and says what does not hold. `--first`
begins with another; the exit code is 1 where anything is wrong.
"""

import argparse
import asyncio
import json
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

from tests.journeyman.simulation.invariants import Facts, wrong_after
from tests.journeyman.simulation.staging import simulated
from tests.journeyman.simulation.stories import Story, story
from tests.workflows.record import database
from tests.workflows.storytelling import wrong_on_the_engine
from tests.workflows.theatre import theatre


@dataclass
class Tally:
    """What was played, and what was wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[int, Story, list[str]]] = field(default_factory=list)

    def add(self, story: Story, facts: Facts) -> None:
        self.counts["journeys"] += 1
        self.counts["events"] += len(facts.events)
        self.counts["runs"] += len(facts.runs)
        self.counts["runs still live"] += sum(run.is_live for run in facts.runs)
        self.counts["lines of the journal"] += len(facts.lines)
        self.counts["messages"] += len(facts.messages)
        self.counts["goals reached"] += len(facts.conversions)
        self.counts["entries refused"] += sum(line.kind == "refused" for line in facts.lines)
        self.counts[f"starting on {story.document['entry']['on']}"] += 1
        for kind in {name for step in story.document["steps"] for name in step.keys() - {"id", "next", "else"}}:
            self.counts[f"with {kind}"] += 1


async def _play_on_the_engine(made_up: Story) -> list[str]:
    try:
        with TemporaryDirectory() as folder:
            async with theatre(database(folder, "story")) as stage:
                return await wrong_on_the_engine(stage, made_up)
    except Exception:  # noqa: BLE001 - whatever it is, it is reported beside its story
        return [traceback.format_exc()]


async def _play(story: Story, tally: Tally) -> list[str]:
    try:
        async with simulated(story) as played:
            facts, wrong = await wrong_after(story, played.database, played.clock.now())
    except Exception:  # noqa: BLE001 - whatever it is, it is reported beside its story
        return [traceback.format_exc()]
    tally.add(story, facts)
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.random_journeys", description=__doc__)
    parser.add_argument("--journeys", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="the number of the first story")
    parser.add_argument("--engine", action="store_true", help="and on a Temporal server, with every history replayed")
    wishes = parser.parse_args()
    tally, started = Tally(), time.perf_counter()
    for number in range(wishes.first, wishes.first + wishes.journeys):
        made_up = story(number)
        wrong = asyncio.run(_play(made_up, tally))
        if wishes.engine:
            wrong += asyncio.run(_play_on_the_engine(made_up))
        if wrong:
            print(f"story {number}: {wrong[0]}", flush=True)
            tally.wrong.append((number, made_up, wrong))
    for number, story_, wrong in tally.wrong:
        print(f"story {number}:", *wrong, sep="\n")
        print(json.dumps(story_.document), *story_.people, *story_.happenings, story_.answers, sep="\n", end="\n\n")
    for name, count in sorted(tally.counts.items()):
        print(f"{count:8}  {name}")
    print(
        f"{time.perf_counter() - started:8.0f}  seconds; {len(tally.wrong)} journeys of which something does not hold"
    )
    sys.exit(bool(tally.wrong))


if __name__ == "__main__":
    main()
