"""What putting style sheets into the elements would cost, known before the native code begins, which nothing stops.

For every element css-inline compares each declaration that applies with those that are there already, and tries each
selector whose last part fits. Both are counted from above: an element counts wherever its name, a class or its id is
the last part of a selector.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from journeyman.channels.budget import tick
from journeyman.channels.markup import tags
from journeyman.channels.render_errors import RenderError

COMPARISONS_LIMIT: Final = 20_000_000
"""Declarations that apply, times names of properties: some 2 ns each. An ordinary mail has a tenth of a million."""
TRIALS_LIMIT: Final = 1_000_000
"""Selectors times elements that may fit: some 50 ns each."""
WRITTEN_LIMIT: Final = 8_000_000
"""Characters of declarations that are written into elements, before the shorter of two is dropped."""
SHEETS_LIMIT: Final = 131_072

_BRACE: Final = re.compile(r"[{}]")
_COMBINATORS: Final = re.compile(r"[\s>+~]+")
_NAMES: Final = re.compile(r"[#.]?[\w-]+")
_UNPLAIN: Final = frozenset("[(\\\"'")
"""Where one of these stands in a selector, its parts are not told apart, and it counts as one for every element."""
_ANY: Final = "*"
_MEND: Final = "Shorten the CSS or the content"


@dataclass(frozen=True, slots=True)
class _Rule:
    selectors: tuple[str, ...]
    declarations: tuple[str, ...]
    size: int


def refuse_costly_styles(source: str) -> None:
    """Raise `RenderError` when the style sheets of `source` are too much for its elements."""
    sheet = _without_comments("\n".join(_sheets(source)))
    if not sheet.strip():
        return
    if len(sheet) > SHEETS_LIMIT:
        raise RenderError(f"the style sheets have more than {SHEETS_LIMIT:,} characters", _MEND)
    elements, rules = _elements(source), list(_rules(sheet))
    trials = comparisons = written = 0
    names = {name for rule in rules for name in rule.declarations}
    for rule in rules:
        tick()
        fitting = [_fitting(selector, elements) for selector in rule.selectors]
        trials += sum(fits * _parts(selector) for fits, selector in zip(fitting, rule.selectors, strict=True))
        touched = min(sum(fitting), elements[_ANY])
        comparisons += touched * len(rule.declarations) * len(names)
        written += touched * rule.size
        if trials > TRIALS_LIMIT or comparisons > COMPARISONS_LIMIT or written > WRITTEN_LIMIT:
            raise RenderError("the style sheets are too large for so many elements", _MEND)


def _sheets(source: str) -> Iterator[str]:
    start = 0
    for tag in tags(source, "style"):
        if not tag.closes:
            start = start or tag.end
        elif start:
            yield source[start : tag.start]
            start = 0
    if start:
        yield source[start:]


def _without_comments(sheet: str) -> str:
    pieces, position = [], 0
    while (start := sheet.find("/*", position)) >= 0:
        pieces.append(sheet[position:start])
        end = sheet.find("*/", start + 2)
        position = len(sheet) if end < 0 else end + 2
    return "".join([*pieces, sheet[position:]])


def _elements(source: str) -> Counter[str]:
    """How many elements have each name, `.class` and `#id`; those that cannot be told apart have every one."""
    counted: Counter[str] = Counter()
    for tag in tags(source):
        if tag.closes:
            continue
        counted[_ANY] += 1
        counted[tag.name] += 1
        attributes = tag.attributes.lower()
        if "class" in attributes:
            counted.update(f".{name}" for name in set((tag.attribute("class") or "").lower().split()))
        if "id" in attributes:
            counted[f"#{(tag.attribute('id') or '').lower()}"] += 1
    return counted


def _rules(sheet: str) -> Iterator[_Rule]:
    """The rules outside of `@media` and its like, which stay in the sheet."""
    open_: list[tuple[str, bool]] = []
    position = 0
    for found in _BRACE.finditer(sheet):
        between, position = sheet[position : found.start()], found.end()
        if found.group() == "{":
            head = between.rpartition(";")[2].strip()
            open_.append((head, head.startswith("@") or bool(open_ and open_[-1][1])))
        elif open_:
            head, stays = open_.pop()
            if not stays:
                yield _rule(head, between)
    # What a sheet leaves open, css-inline closes.
    if open_ and not open_[-1][1]:
        yield _rule(open_[-1][0], sheet[position:])


def _rule(head: str, body: str) -> _Rule:
    names = (declaration.partition(":")[0].strip().lower() for declaration in body.split(";"))
    selectors = (_ANY,) * (1 + head.count(",")) if not _UNPLAIN.isdisjoint(head) else tuple(head.split(","))
    return _Rule(selectors, tuple(name for name in names if name), len(body))


def _parts(selector: str) -> int:
    return 1 + len(_COMBINATORS.findall(selector.strip()))


def _fitting(selector: str, elements: Counter[str]) -> int:
    """At most so many elements fit the last part of the selector."""
    last = _COMBINATORS.split(selector.strip().lower())[-1].partition(":")[0]
    names = _NAMES.findall(last)
    if not names:
        return elements[_ANY]
    return min(elements[name] for name in names)
