"""Canvases of Braze: what `GET /canvas/details` answers.

Braze documents steps, ways, variants and messages of that answer, and neither delays nor conditions nor entry rules
(braze.com/docs/api/endpoints/export/canvas/get_canvas_details): these are left for a person to fill in.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from journeyman.kit.errors import Fault, InvalidError
from journeyman.translation.draft import FILL_IN_CONDITION, Draft, slug, wait
from journeyman.translation.report import Json, Translation

A_DAY: Final = timedelta(days=1)


def translate(document: Any, name: str, names: Mapping[str, str]) -> Iterator[Translation]:  # noqa: ANN401 - JSON
    """A draft of the canvas. Raises `InvalidError` where there is none."""
    if not isinstance(document, dict) or not isinstance(document.get("steps"), list):
        mend = "save the answer of /canvas/details"
        raise InvalidError("this is no canvas of Braze", [Fault("", "there are no `steps`", mend)])
    steps = {str(step["id"]): step for step in document["steps"]}
    draft = Draft(str(document.get("name") or name), steps, _step, names)
    draft.tell("start", str(document.get("schedule_type")), "fill in", "it starts by a call until you say on what")
    _variants(draft, document.get("variants") or [], next(iter(steps), None))
    yield draft.finish(entry={"on": "api"}, description=str(document.get("description") or "")[:2000] or None)


def _variants(draft: Draft, variants: list[Json], first: str | None) -> None:
    """Variants are arms of a split; their shares are not in the answer."""
    starts = [str(step) for one in variants for step in one.get("first_step_ids", [])]
    if len(variants) < 2:  # noqa: PLR2004 - one variant is none
        draft.walk(starts[0] if starts else first)
        return
    step = draft.add(None, "variants", {"split": {"arms": []}})
    draft.tell("variants", "split", "fill in", f"step `{step['id']}`: say how the customers are to be shared out")
    for number, variant in enumerate(variants, 1):
        ways = [str(one) for one in variant.get("first_step_ids", [])]
        key = f"{slug(str(variant.get('name')))[:50]}-{number}"
        step["split"]["arms"].append({"key": key, "next": draft.walk(ways[0] if ways else None)})


def _step(draft: Draft, step_id: str, step: Json) -> str:
    kind = str(step.get("type"))
    made = next((made for word, made in KINDS.items() if word in kind), None)
    if made is None and step.get("messages"):
        made = _message
    if made is None:
        ways = _ways(step)
        draft.tell(_name(step), kind, "left out", "there is no such step here; the way goes on behind it")
        return draft.walk(ways[0][1] if ways else None)
    return made(draft, step_id, step)


def _name(step: Json) -> str:
    return str(step.get("name") or step["id"])


def _ways(step: Json) -> list[tuple[str, str]]:
    paths = [(str(one.get("name")), str(one["next_step_id"])) for one in step.get("next_paths") or []]
    return paths or [("", str(one)) for one in step.get("next_step_ids") or []]


def _below(draft: Draft, step: Json) -> str:
    ways = _ways(step)
    return draft.walk(ways[0][1] if ways else None)


def _delay(draft: Draft, step_id: str, step: Json) -> str:
    made = draft.add(step_id, _name(step), wait(A_DAY))
    draft.tell(_name(step), "delay", "fill in", f"step `{made['id']}` waits a day: how long is not in the answer")
    made["next"] = _below(draft, step)
    return str(made["id"])


def _message(draft: Draft, step_id: str, step: Json) -> str:
    messages = list((step.get("messages") or {}).values())
    mails = [one for one in messages if one.get("channel") == "email"]
    for other in {str(one.get("channel")) for one in messages} - {"email"}:
        draft.tell(_name(step), other, "left out", f"channel {other} is not available yet")
    if not mails:
        return _below(draft, step)
    template = slug(_name(step))
    made = draft.add(step_id, _name(step), {"send": {"channel": "email", "template": template}})
    draft.tell(_name(step), "message", "changed", f"step `{made['id']}`; bring the text as template `{template}`")
    made["next"] = _below(draft, step)
    return str(made["id"])


def _fork(draft: Draft, step_id: str, step: Json) -> str:
    made = draft.add(step_id, _name(step), {"branch": []})
    ways = _ways(step)
    names = ", ".join(name or "unnamed" for name, _ in ways)
    draft.tell(_name(step), str(step.get("type")), "fill in", f"step `{made['id']}`: conditions of {names}")
    made["branch"] = [{"when": FILL_IN_CONDITION, "next": draft.walk(way)} for _, way in ways[:-1] or ways]
    made["else"] = draft.walk(ways[-1][1] if len(ways) > 1 else None)
    return str(made["id"])


def _experiment(draft: Draft, step_id: str, step: Json) -> str:
    made = draft.add(step_id, _name(step), {"split": {"arms": []}})
    draft.tell(_name(step), "experiment_paths", "fill in", f"step `{made['id']}`: shares are not in the answer")
    for number, (name, way) in enumerate(_ways(step), 1):
        made["split"]["arms"].append({"key": f"{slug(name)[:50]}-{number}", "next": draft.walk(way)})
    return str(made["id"])


KINDS: Final[Mapping[str, Callable[[Draft, str, Json], str]]] = {
    "delay": _delay,
    "message": _message,
    "full_step": _message,
    "decision": _fork,
    "audience": _fork,
    "action_path": _fork,
    "experiment": _experiment,
}
