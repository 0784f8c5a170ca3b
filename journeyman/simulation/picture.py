"""A simulation as a picture (SVG 1.1): time from left to right; of one customer a row for each step, else a row each.

Nothing in it comes from elsewhere: no script, no font, no link. What a mark means stands in its `title` as well.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from journeyman.insight.repository import JournalSeen
from journeyman.language.definition import Definition
from journeyman.simulation.results import Result
from journeyman.simulation.runs import Simulated

MOST_ROWS: Final = 60
"""Customers who are shown."""
WIDTH: Final = 1120
LEFT: Final = 210
RIGHT: Final = 30
TOP: Final = 74
ROW: Final = 26
FOOT: Final = 46
TICKS: Final = tuple(
    timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48, 168, 336, 720, 1440, 2160, 4320, 8760, 17_520)
)
MOST_TICKS: Final = 12
LONGEST: Final = 28
"""Characters of a row's name."""
COLOURS: Final = {"stay": "#cfe0f7", "held": "#e3d3f1", "sent": "#1a7f4b", "kept": "#b3261e", "event": "#5f6368"}
INK: Final = "#202124"
PALE: Final = "#e3e5e8"
FONT: Final = "system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at an instant, or from one to another; `text` says what."""

    kind: str
    begins: datetime
    ends: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A step of the one customer, or one of the customers."""

    name: str
    marks: Sequence[Mark]


def picture(simulated: Simulated, definition: Definition) -> str:
    """The simulation as an SVG document."""
    one = len(simulated.results) == 1
    rows = _steps(simulated, definition) if one else [_customer(each, simulated) for each in _shown(simulated)]
    marks = [mark for row in rows for mark in row.marks]
    begins = min((mark.begins for mark in marks), default=simulated.begins)
    last = max((mark.ends for mark in marks), default=simulated.begins + simulated.lasts)
    return _drawn(rows, begins, max(last, begins + timedelta(hours=1)), _title(simulated, definition))


def _shown(simulated: Simulated) -> Sequence[Result]:
    return simulated.results[:MOST_ROWS]


def _title(simulated: Simulated, definition: Definition) -> str:
    name, number = definition.name or definition.journey, len(simulated.results)
    if number == 1:
        return f"{name}: {simulated.results[0].customer}, {simulated.results[0].outcome or 'not entered'}"
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in simulated.outcomes.most_common())
    more = f", {MOST_ROWS} of them shown" if number > MOST_ROWS else ""
    return f"{name}: {number} customers{more}; {outcomes}"


def _steps(simulated: Simulated, definition: Definition) -> list[Row]:
    """What the customer did, and each step that she came to, in the document's order."""
    (result,) = simulated.results
    found = _marks(result.lines, simulated)
    did = [Mark("event", item.at, item.at, item.text) for item in result.story if item.kind == "event"]
    rows = [Row(result.customer, [*(one for one in did if one.begins >= simulated.begins), *found.get(None, [])])]
    return [*rows, *(Row(step.title, found[step.id]) for step in definition.steps if step.id in found)]


def _customer(result: Result, simulated: Simulated) -> Row:
    return Row(result.customer, [mark for marks in _marks(result.lines, simulated).values() for mark in marks])


def _marks(lines: Sequence[JournalSeen], simulated: Simulated) -> dict[str | None, list[Mark]]:
    """Marks by step; None for what is the whole run's."""
    found: dict[str | None, list[Mark]] = {}
    for place, line in enumerate(lines):
        if line.kind == "left" and any(_is_stay(one, line) for one in lines[:place]):
            continue
        for step, mark in _mark(line, lines[place + 1 :], simulated):
            found.setdefault(step, []).append(mark)
    return found


def _mark(line: JournalSeen, later: Sequence[JournalSeen], simulated: Simulated) -> Iterator[tuple[str | None, Mark]]:
    at = line.at
    match line.kind:
        case "arrived" | "held":
            kind = "stay" if line.kind == "arrived" else "held"
            ends = next((one.at for one in later if _is_over(line, one)), simulated.begins + simulated.lasts)
            yield line.step, Mark(kind, at, ends, "waits" if kind == "stay" else f"held by {line.code}")
        case "message":
            yield line.step, Mark("sent" if line.code == "sent" else "kept", at, at, str(line.code))
        case "entered" | "refused" | "ended":
            text = str(line.data.get("outcome") or line.code or line.kind)
            yield None, Mark(line.kind, at, at, line.kind if line.kind == "entered" else f"{line.kind}: {text}")
        case "converted":
            yield None, Mark("goal", at, at, f"goal: {line.code}")
        case "left" if line.step is not None:
            yield line.step, Mark("left", at, at, str(line.code))


def _is_over(stay: JournalSeen, line: JournalSeen) -> bool:
    """Whether a line ends a stay."""
    if line.run != stay.run:
        return False
    here = (line.step, line.visit) == (stay.step, stay.visit)
    return line.kind == "ended" or (here and line.kind in {"left", "message"})


def _is_stay(line: JournalSeen, left: JournalSeen) -> bool:
    return line.kind == "arrived" and (line.run, line.step, line.visit) == (left.run, left.step, left.visit)


def _drawn(rows: Sequence[Row], begins: datetime, ends: datetime, title: str) -> str:
    height = TOP + ROW * len(rows) + FOOT
    size = {"width": str(WIDTH), "height": str(height), "viewBox": f"0 0 {WIDTH} {height}"}
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "font-family": FONT, **size})
    SubElement(svg, "title").text = title
    told = (f"{row.name}: {', '.join(_said(mark) for mark in row.marks)}" for row in rows)
    SubElement(svg, "desc").text = "; ".join(told)
    SubElement(svg, "rect", {"width": str(WIDTH), "height": str(height), "fill": "#ffffff"})
    _text(svg, 16, 26, title, size=16, weight="600")
    scale = (WIDTH - LEFT - RIGHT) / (ends - begins).total_seconds()

    def across(at: datetime) -> float:
        return round(LEFT + (at - begins).total_seconds() * scale, 1)

    for at in _ticks(begins, ends):
        x = str(across(at))
        bottom = str(TOP + ROW * len(rows))
        SubElement(svg, "line", {"x1": x, "x2": x, "y1": str(TOP - 8), "y2": bottom, "stroke": PALE})
        _text(svg, float(x), TOP - 14, _instant(at, ends - begins), anchor="middle", size=11)
    for number, row in enumerate(rows):
        _row(svg, row, TOP + ROW * number, across)
    _legend(svg, height - 16)
    indent(svg)
    return tostring(svg, encoding="unicode") + "\n"


def _ticks(begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Round instants, few enough to be read."""
    every = next((one for one in TICKS if (ends - begins) / one <= MOST_TICKS), TICKS[-1])
    midnight = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight
    while at <= ends:
        if at >= begins:
            yield at
        at += every


def _instant(at: datetime, span: timedelta) -> str:
    day = f"{at.day} {at:%b}"
    return f"{day} {at:%H:%M}" if span < timedelta(days=4) else day


def _said(mark: Mark) -> str:
    span = f"{mark.begins:%Y-%m-%d %H:%M}" + (f" to {mark.ends:%Y-%m-%d %H:%M}" if mark.ends != mark.begins else "")
    return f"{mark.text} {span}"


def _row(svg: Element, row: Row, top: int, across: Callable[[datetime], float]) -> None:
    middle = top + ROW / 2
    _text(svg, 16, middle + 4, row.name if len(row.name) <= LONGEST else f"{row.name[: LONGEST - 1]}…", size=12)
    SubElement(
        svg,
        "line",
        {"x1": str(LEFT), "x2": str(WIDTH - RIGHT), "y1": str(top + ROW), "y2": str(top + ROW), "stroke": "#f1f3f4"},
    )
    # What lasts lies below what happens in it.
    for mark in sorted(row.marks, key=lambda one: one.kind not in {"stay", "held"}):
        found = _shape(svg, mark, across(mark.begins), across(mark.ends), middle)
        SubElement(found, "title").text = _said(mark)


def _shape(svg: Element, mark: Mark, x: float, until: float, y: float) -> Element:
    if mark.kind in {"stay", "held"}:
        box = {"x": str(x), "y": str(y - 7), "width": str(max(2.0, round(until - x, 1))), "height": "14", "rx": "3"}
        return SubElement(svg, "rect", {**box, "fill": COLOURS[mark.kind]})
    if mark.kind in {"sent", "kept"}:
        colour = COLOURS[mark.kind]
        fill = colour if mark.kind == "sent" else "#ffffff"
        circle = {"cx": str(x), "cy": str(y), "r": "5", "fill": fill, "stroke": colour, "stroke-width": "2"}
        return SubElement(svg, "circle", circle)
    if mark.kind == "goal":
        return _text(svg, x, y + 6, "★", anchor="middle", size=17, colour="#b06000")
    points = SHAPES.get(mark.kind, SHAPES["event"])
    path = "M" + " L".join(f"{round(x + dx, 1)} {round(y + dy, 1)}" for dx, dy in points) + " Z"
    return SubElement(svg, "path", {"d": path, "fill": COLOURS.get(mark.kind, INK)})


SHAPES: Final = {
    "event": ((-1.5, -6), (1.5, -6), (1.5, 6), (-1.5, 6)),
    "left": ((-3, 0), (0, -3), (3, 0), (0, 3)),
    "entered": ((-4, -6), (6, 0), (-4, 6)),
    "refused": ((-5, -5), (5, -5), (0, 5)),
    "ended": ((-5, -5), (5, -5), (5, 5), (-5, 5)),
}
"""Outlines around the instant at which something happens."""
LEGEND: Final = (
    *(("entered", "entered", 70), ("event", "did something", 104), ("stay", "waits", 58), ("held", "held", 58)),
    *(("sent", "sent", 58), ("kept", "not sent", 76), ("left", "went on", 76), ("goal", "goal", 58)),
    ("ended", "ended", 60),
)


def _legend(svg: Element, y: int) -> None:
    x, never = 24.0, datetime.min.replace(tzinfo=UTC)
    for kind, word, width in LEGEND:
        _shape(svg, Mark(kind, never, never, word), x, x + 12, y - 4)
        _text(svg, x + (18 if kind in {"stay", "held"} else 11), y, word, size=11)
        x += width + 22


def _text(
    svg: Element,
    x: float,
    y: float,
    text: str,
    *,
    size: int = 12,
    anchor: str = "start",
    weight: str = "400",
    colour: str = INK,
) -> Element:
    placed = {"x": str(x), "y": str(y), "font-size": str(size), "text-anchor": anchor}
    found = SubElement(svg, "text", {**placed, "font-weight": weight, "fill": colour})
    found.text = text
    return found
