"""On which channel a message goes whose author names several (O2), and on which one next when it cannot go there.

Channels on which the message could not go now (consent, address, suppression, a full cap, no provider) are left out
first. Of the others the one is taken on which the customer answers best; where too little is known of any of them it
is the author's first. Once taken it is kept with the run, for however long the message is held or tried again. When
nothing comes of it, the next one is chosen of those that were not tried.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message, message_id
from journeyman.customers.consent import TRANSACTIONAL
from journeyman.intelligence.channel_choice import Choice, Prior, Seen, Worth, choose
from journeyman.intelligence.registry import repository as registry
from journeyman.journeys.contact.judging import Question, has_place
from journeyman.journeys.contact.policies import policy
from journeyman.journeys.gates import Gate
from journeyman.journeys.kept import recall, remember
from journeyman.journeys.moves import arrive
from journeyman.journeys.runs import Run, Scene
from journeyman.language.calendar import share
from journeyman.language.contact import ContactPolicy
from journeyman.language.definition import Step
from journeyman.language.readings import hindrance
from journeyman.language.steps.send import SendStep

MODEL: Final = "best-channel"
KEPT: Final = "channel"
"""Under this a run remembers the channel of the message that it is about to send."""
LOOKED_BACK: Final = timedelta(days=180)
MATURES: Final = timedelta(days=1)
"""A message that was sent since has had no time to be clicked."""
LATELY: Final = timedelta(days=7)
FALLING: Final = frozenset({"no_consent", "unreachable", "suppressed", "capped", "failed", "rejected"})
"""Outcomes that another channel may do better than."""


def settled(run: Run, step: Step) -> Step:
    """The step as it stands for the run: on the channel that was chosen for this visit, if one was."""
    if not isinstance(step, SendStep) or len(step.send.channels) == 1:
        return step
    kept = _kept(run, step)
    channel = kept.get("channel") or next(iter(_untried(step, kept)), step.send.channels[0])
    return step.on_channel(channel)


def gate_of(run: Run, step_id: str) -> Gate | None:
    """What the channel of the message was chosen by; None where its author named one alone."""
    kept = recall(run, KEPT)
    is_here = (kept.get("step"), kept.get("visit")) == (step_id, run.visit)
    return Gate("channel", True, kept["read"]) if is_here and "read" in kept else None


async def settle(
    connection: AsyncConnection, run: Run, step: SendStep, scene: Scene, routes: Collection[str]
) -> SendStep:
    """Choose the channel, unless that was done at this visit; the step with its message on that channel alone."""
    if len(step.send.channels) == 1:
        return step
    kept = _kept(run, step)
    if "channel" not in kept:
        untried = _untried(step, kept) or step.send.channels
        read = await _choose(connection, _Occasion(run, step, scene, untried, routes))
        kept = {"step": step.id, "visit": run.visit, "tried": kept.get("tried", []), **read}
        remember(run, KEPT, kept)
    return step.on_channel(kept["channel"])


def fall_back(run: Run, step: SendStep, outcome: str, scene: Scene, routes: Collection[str]) -> bool:
    """Come to the step once more for another channel, where the message did not go and another one may do."""
    kept = _kept(run, step)
    if outcome not in FALLING or "channel" not in kept:
        return False
    tried = [*kept.get("tried", []), kept["channel"]]
    topic = step.send.topic or scene.definition.topic
    left = [channel for channel in _untried(step, {"tried": tried}) if channel in routes]
    if all(hindrance(channel, scene.of(run), topic) for channel in left):
        return False
    arrive(run, step.id, scene)
    remember(run, KEPT, {"step": step.id, "visit": run.visit, "tried": tried})
    return True


def _kept(run: Run, step: SendStep) -> dict[str, Any]:
    kept = recall(run, KEPT)
    return kept if (kept.get("step"), kept.get("visit")) == (step.id, run.visit) else {}


def _untried(step: SendStep, kept: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(channel for channel in step.send.channels if channel not in kept.get("tried", ()))


@dataclass(frozen=True, slots=True)
class _Occasion:
    """A message that looks for its channel among those that were not tried."""

    run: Run
    step: SendStep
    scene: Scene
    channels: Sequence[str]
    routes: Collection[str]


async def _choose(connection: AsyncConnection, occasion: _Occasion) -> dict[str, Any]:
    """The channel, and what it was chosen by; without any on which the message may go, the author's first."""
    rules = await policy(connection)
    out = {
        channel: why for channel in occasion.channels if (why := await _hindrance(connection, occasion, channel, rules))
    }
    eligible = [channel for channel in occasion.channels if channel not in out]
    read: dict[str, Any] = {"out": out} if out else {}
    if not occasion.step.send.best_channel or len(eligible) < 2:  # noqa: PLR2004 - of fewer there is nothing to choose
        chosen = eligible[0] if eligible else occasion.channels[0]
        return {"channel": chosen, "read": {**read, "channel": chosen, "by": "only" if eligible else "none"}}
    priors = await _priors(connection, eligible)
    if priors is None:
        return {"channel": eligible[0], "read": {**read, "channel": eligible[0], "by": "author"}}
    choice = await _best(connection, occasion, eligible, priors, rules)
    said = {"by": "model", "ranking": choice.ranking, "explored": choice.explored, "propensity": choice.propensity}
    return {"channel": choice.channel, "read": {**read, "channel": choice.channel, **said}}


async def _hindrance(
    connection: AsyncConnection, occasion: _Occasion, channel: str, rules: ContactPolicy
) -> str | None:
    """Why the message could not go on a channel now, in the codes of M1."""
    if channel not in occasion.routes:
        return "failed"
    run, scene, send = occasion.run, occasion.scene, occasion.step.send
    topic = send.topic or scene.definition.topic
    why = hindrance(channel, scene.of(run), topic)
    if why is not None or (topic == TRANSACTIONAL and not send.guarded):
        return why
    message = Message(
        id=message_id(run.id, occasion.step.id, run.visit),
        run_id=run.id,
        step=occasion.step.id,
        visit=run.visit,
        journey_key=run.journey_key,
        version=run.version,
        customer_id=run.customer_id,
        channel=channel,
        topic=topic,
        template_key=send.template_for(channel),
        state="reserved",
        reserved_at=scene.at,
        priority=scene.definition.priority,
    )
    question = Question(message, occasion.step, scene, rules)
    return None if await has_place(connection, question) else "capped"


async def _priors(connection: AsyncConnection, eligible: Sequence[str]) -> dict[str, Prior] | None:
    """How all customers answer on these channels; None where of one of them too little is known."""
    model = await registry.in_use(connection, MODEL)
    if model is None or not model.artefact.keys() >= {*eligible}:
        return None
    return {channel: Prior.from_json(model.artefact[channel]) for channel in eligible}


async def _best(
    connection: AsyncConnection,
    occasion: _Occasion,
    eligible: Sequence[str],
    priors: Mapping[str, Prior],
    rules: ContactPolicy,
) -> Choice:
    now, run = occasion.scene.at, occasion.run
    answered = await ledger.answered(connection, run.customer_id, now - LOOKED_BACK, now - MATURES, now - LATELY)
    seen = {channel: Seen(one.sent, one.clicked, one.lately) for channel, one in answered.items()}
    identity = message_id(run.id, occasion.step.id, run.visit)
    draws = share(f"{identity}/explores"), share(f"{identity}/which")
    return choose(
        eligible,
        seen,
        priors,
        Worth(rules.click_worth, {str(name): cost for name, cost in rules.channel_costs.items()}),
        draws,
    )
