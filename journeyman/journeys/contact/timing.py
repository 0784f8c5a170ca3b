"""The gate of the send time: a message that looks for its best hour waits for it (O1, Q3).

It is asked before caps and quiet hours, which are judged when the message goes (M2, Q7), but it knows the quiet hours:
no hour is chosen in which the message would only wait on. Whoever has waited, for this or for anything else, looks
for no other hour.
"""

from dataclasses import replace
from typing import Final

from journeyman.journeys.contact.caps import HELD_FOR_ITS_TIME
from journeyman.journeys.contact.judging import Question, Verdict
from journeyman.journeys.gates import Gate
from journeyman.language.best_time import Occasion, choose
from journeyman.language.quiet import Window

NAME: Final = "send_time"
UNTIMED: Final = Verdict()


def judge_time(question: Question, *, heeds: bool) -> Verdict:
    """When the message is to go, by what was learnt of its customer; `heeds` says that quiet hours are for it."""
    at, message = question.step.send.at, question.message
    if at is None:
        return UNTIMED
    if message.held_since is not None:
        return Verdict((Gate(NAME, True, {"chosen_at": message.held_since.isoformat()}),))
    place, records = question.place, question.scene.facts.records
    occasion = Occasion(
        question.scene.at,
        place.zone,
        message.customer_id,
        message.id,
        records.timing() if records is not None else None,
        [Window.of(hours) for hours in question.quiet_hours] if heeds else [],
    )
    choice = choose(at, occasion)
    read = {"zone": place.zone.key, **choice.read}
    passed = Verdict((Gate(NAME, True, read),))
    if choice.at is None or choice.at <= occasion.now:
        return passed
    gate = Gate(NAME, False, {**read, "until": choice.at.isoformat()})
    return replace(passed, gates=(gate,), until=choice.at, hold=HELD_FOR_ITS_TIME)
