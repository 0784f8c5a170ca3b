"""Reading what another builder has exported, whatever state it is in."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.validation import DefinitionError, parse
from journeyman.translation import braze, dittofeed, klaviyo, mautic
from journeyman.translation.report import Translation

PEERS: Final[Mapping[str, Callable[[Any, str, Mapping[str, str]], Iterator[Translation]]]] = {
    "braze": braze.translate,
    "dittofeed": dittofeed.translate,
    "klaviyo": klaviyo.translate,
    "mautic": mautic.translate,
}


def read_export(peer: str, document: Any, name: str, names: Mapping[str, str]) -> list[Translation]:  # noqa: ANN401 - JSON
    """Every journey in an export, as a draft with its report; `names` has what ids in it stand for.

    Raises `InvalidError` for a peer that is not known, and for what is none of its exports.
    """
    if peer not in PEERS:
        fault = Fault("/peer", f"`{peer}` is none that can be read", f"write one of: {', '.join(PEERS)}")
        raise InvalidError("no journey can be imported from there", [fault])
    try:
        found = list(PEERS[peer](document, name, names))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        said = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
        fault = Fault("", f"it is not what {peer} exports: {said}", "export it anew, and give the file as it is")
        raise InvalidError("the file cannot be read", [fault]) from error
    for one in found:
        _say_what_is_wrong(one)
    return found


def _say_what_is_wrong(found: Translation) -> None:
    """What the language would refuse in a draft is left for a person to fill in."""
    try:
        parse(found.journey)
    except DefinitionError as error:
        for problem in error.problems:
            found.tell(problem.pointer, "draft", "fill in", f"{problem.place}{problem.detail}; {problem.mend}")
