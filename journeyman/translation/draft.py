"""A draft in the making: nodes of another builder's graph become steps in the order of the way through them."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from journeyman.translation.report import Json, Outcome, Translation

END: Final = "end"
LONGEST_KEY: Final = 64
FILL_IN: Final = "fill-in"
"""Stands where a person has to say what the export does not."""
FILL_IN_CONDITION: Final[Json] = {"attribute": "fill_in", "exists": True}

Translate = Callable[["Draft", str, Any], str]
"""Makes steps of a node, and returns the id of the first of them, or where to go in its place."""


class Draft:
    """Holds the steps so far. `names` has what ids of theirs stand for, as far as anybody has said."""

    def __init__(
        self, name: str, nodes: Mapping[str, Any], translate: Translate, names: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.nodes = nodes
        self.translate = translate
        self.names = dict(names or {})
        self.steps: list[Json] = []
        self.result = Translation({"journey": slug(name)})
        self._known: dict[str, str] = {}
        self._taken: set[str] = {END, "continue", "exit", "stay"}

    def walk(self, node: str | None) -> str:
        """The step that a node of theirs begins with; `end` for none."""
        if node is None or node not in self.nodes:
            return END
        if node not in self._known:
            # A circle of nodes that all are left out leads nowhere.
            self._known[node] = END
            self._known[node] = self.translate(self, node, self.nodes[node])
        return self._known[node]

    def add(self, node: str | None, name: str, body: Json) -> Json:
        """Add a step; the first of a node is where others arrive at it."""
        step = {"id": self.free(name), **body}
        self.steps.append(step)
        if node is not None and self._known.get(node, END) == END:
            self._known[node] = step["id"]
        return step

    def free(self, name: str) -> str:
        """An id for a step that no other has."""
        base = slug(name)
        found, number = base, 1
        while found in self._taken:
            number += 1
            found = f"{base[: LONGEST_KEY - 4]}-{number}"
        self._taken.add(found)
        return found

    def tell(self, node: str, kind: str, outcome: Outcome, detail: str) -> None:
        self.result.tell(node, kind, outcome, detail)

    def named(self, of: str, their_id: object, node: str, kind: str) -> str:
        """What an id of theirs stands for; where nobody has said, the id itself, and a line that asks for it."""
        key = str(their_id)
        if key in self.names:
            return self.names[key]
        self.tell(node, kind, "fill in", f"the name of {of} `{key}` is not in the file; give it with --names")
        return key

    def segment(self, their_id: object, node: str, kind: str) -> str:
        """The key of a segment; one that did not come along is a list by hand until somebody says what it is."""
        name = self.named("segment", their_id, node, kind)
        key = slug(name)
        if key not in self.result.segments:
            self.result.segments[key] = {"name": name[:200]}
            self.tell(node, kind, "fill in", f"segment `{key}` has no condition yet; it is a list that is kept by hand")
        return key

    def finish(self, **parts: Any) -> Translation:  # noqa: ANN401 - parts of a document
        """The document with its steps, which go on to the step below wherever they can."""
        if not self.steps:
            self.steps.append({"id": self.free("done"), END: "done"})
        for step, below in zip(self.steps, [*(step["id"] for step in self.steps[1:]), END], strict=True):
            if step.get("next") == below:
                del step["next"]
        journey = {**self.result.journey, "name": self.name[:200], **parts, "steps": self.steps}
        self.result.journey = {name: part for name, part in journey.items() if part is not None}
        return self.result


def slug(text: str) -> str:
    """A key of ours that looks like a name of theirs."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:LONGEST_KEY].strip("-")
    return found or "unnamed"


def span(length: timedelta) -> str:
    """A duration as authors write it: `2d`, `90m`."""
    seconds = max(1, int(length.total_seconds()))
    for unit, size in (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def wait(length: timedelta) -> Json:
    return {"wait": {"for": span(length)}}


def every(conditions: list[Json]) -> Json | None:
    """All of them; None for none."""
    return None if not conditions else conditions[0] if len(conditions) == 1 else {"all": conditions}


def some(conditions: list[Json]) -> Json | None:
    """Any of them; None for none."""
    return None if not conditions else conditions[0] if len(conditions) == 1 else {"any": conditions}


def negated(condition: Json) -> Json:
    return condition["not"] if condition.keys() == {"not"} else {"not": condition}
