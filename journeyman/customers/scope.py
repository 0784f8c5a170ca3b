"""Conditions that only make sense inside a run, and so cannot choose a population, a segment's or another."""

from collections.abc import Iterator

from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.comparisons import Comparison, ContextCondition, EntryCondition
from journeyman.language.conditions import Condition, MessageCondition, walk
from journeyman.language.nodes import Node
from journeyman.language.values import Reference


def refuse_run_scoped(condition: Condition) -> None:
    """Raises `InvalidError` with a fault for every part of `condition` that speaks of a run."""
    faults = list(run_scoped(condition))
    if faults:
        raise InvalidError("a population has no run for its condition to speak of", faults)


def run_scoped(condition: Condition, pointer: str = "") -> Iterator[Fault]:
    """A fault for every part of `condition` that speaks of a run; `pointer` is where the condition stands."""
    for place, node in walk(condition, pointer):
        yield from _of_node(place, node)


def _of_node(pointer: str, node: Node) -> Iterator[Fault]:
    mend = "compare an attribute or an event"
    if isinstance(node, EntryCondition | ContextCondition):
        yield Fault(f"{pointer}/{node.kind}", f"`{node.kind}` conditions need a run", mend)
    if isinstance(node, Comparison) and isinstance(node.operand, Reference) and node.operand.source != "attribute":
        where = f"{pointer}/{node.operator}/{node.operand.source}"
        yield Fault(
            where, f"a reference to `{node.operand.source}` needs a run", "write a value, or refer to an attribute"
        )
    if isinstance(node, MessageCondition) and node.of == "run":
        yield Fault(f"{pointer}/of", "a `message` condition of a run needs one", "add `of: any journey`")
