"""What steps remember of a run beside its context, which belongs to the author: turns, a place, what a call has cost.

Each name is one step kind's own. A run that never met such a step has nothing here.
"""

from typing import Any

from journeyman.journeys.runs import Run


def recall(run: Run, name: str) -> dict[str, Any]:
    """What was remembered under a name; empty where nothing was."""
    found: dict[str, Any] = (run.kept or {}).get(name, {})
    return found


def remember(run: Run, name: str, value: dict[str, Any]) -> None:
    """Remember this under the name; nothing at all is forgotten."""
    others = {key: part for key, part in (run.kept or {}).items() if key != name}
    run.kept = ({**others, name: value} if value else others) or None
    run.is_changed = True


def keep_in_context(run: Run, name: str | None, value: object) -> None:
    """Let later steps and templates speak of a value as `context.<name>`."""
    if name is not None:
        run.context = {**run.context, name: value}
        run.is_changed = True
