"""Ten thousand templates that were written to bring the product down, and beside them what an ordinary mail costs."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import mrml
from liquid import Environment

from bench.figures import Figure, paired, percentile
from journeyman.channels.links import Links
from journeyman.channels.liquid import decimals
from journeyman.channels.making import make
from journeyman.channels.templates import read_content
from journeyman.channels.tracking import Tokens
from journeyman.kit.yaml_format import load_yaml
from tests.journeyman.channels.hostile_trial import MEGABYTES_LIMIT, SECONDS_LIMIT, Trial, trials

COUNT: Final = 10_000
QUICK: Final = 500
TRIES: Final = 5
ROUNDS: Final = 15
MAILS: Final = 30
LINKS: Final = Links(Tokens("s" * 32, "https://j.example"), "m1", marketing=True)
MAIL: Final = Path(__file__).parents[1] / "examples" / "shop" / "templates" / "cart-reminder.yaml"
PRODUCT: Final = {"name": "Ceylon tea", "quantity": 2, "price": 7.5}
SCOPE: Final[dict[str, Any]] = {
    "customer": {"firstName": "Ann"},
    "entry": {"name": "Ceylon tea", "cart_id": "c1", "cart_total": 30, "products": [PRODUCT, PRODUCT, PRODUCT]},
}


async def measure(*, quick: bool) -> list[Figure]:
    """What the worst of them took, and how a mail of the example shop compares with the libraries alone."""
    found = await asyncio.to_thread(_tried, QUICK if quick else COUNT)
    outcomes = Counter(one.outcome for one in found)
    note = f"{len(found):,} templates: " + ", ".join(
        f"{count:,} {outcome}" for outcome, count in outcomes.most_common()
    )
    milliseconds = [1000 * one.wall for one in found]
    failed = sum(one.outcome.startswith("ERROR") for one in found)
    worst = max(one.megabytes for one in found)
    limit = 1000 * SECONDS_LIMIT
    ours, floor, ratio = await asyncio.to_thread(_ordinary)
    return [
        Figure("hostile templates, worst", "ms", max(milliseconds), target=limit, higher_is_better=False, note=note),
        Figure("hostile templates, p99", "ms", percentile(milliseconds, 99)),
        Figure("hostile templates, worst of the processor", "ms", max(1000 * one.processor for one in found)),
        Figure("hostile templates, memory", "MB", worst, target=MEGABYTES_LIMIT, higher_is_better=False),
        Figure("hostile templates that broke something", "", failed, target=0, higher_is_better=False),
        Figure("an ordinary mail", "ms", ours, floor, ratio, note="links made ours, plain text made; all bounds kept"),
    ]


def _tried(count: int) -> list[Trial]:
    """Goes on behind a template that ended the process."""
    found: list[Trial] = []
    while len(found) < count:
        found += trials(len(found), count - len(found), TRIES)
    for one in found:
        if one.outcome.startswith("ERROR") or one.wall > SECONDS_LIMIT or one.megabytes > MEGABYTES_LIMIT:
            print(one, flush=True)
    return found


def _ordinary() -> tuple[float, float, float]:
    """Milliseconds of a mail, the same by python-liquid and mrml alone, and the ratio; in alternating rounds."""
    document = load_yaml(MAIL.read_text())
    content = read_content(document)
    environment = Environment(autoescape=True)
    environment.add_filter("decimals", decimals)
    bare = [environment.from_string(document[part]) for part in ("subject", "mjml")]

    def alone() -> None:
        bare[0].render(SCOPE)
        str(mrml.to_html(bare[1].render(SCOPE).strip()).content)

    def product() -> None:
        make(content, SCOPE, LINKS, "m1", "ann@shop.example")

    product()
    rounds = [(_milliseconds(product), _milliseconds(alone)) for _ in range(ROUNDS)]
    return paired([ours for ours, _ in rounds], [floor for _, floor in rounds])


def _milliseconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    for _ in range(MAILS):
        work()
    return 1000 * (time.perf_counter() - begun) / MAILS
