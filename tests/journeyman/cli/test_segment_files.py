"""Segments and scores as files: read in order, compared with what runs."""

from pathlib import Path
from typing import Any

import pytest

from journeyman.cli.documents import Document, read_folder
from journeyman.cli.plan import compare, in_order, normal
from journeyman.kit.errors import InvalidError

VIEWED: dict[str, Any] = {"name": "Viewers", "when": {"event": "Product Viewed", "within": "7d"}}
SCORE: dict[str, Any] = {"score": "warmth", "rules": [{"event": "Product Viewed", "points": 2}]}


def segment(key: str, when: dict[str, Any]) -> Document:
    return Document("segments", key, {"name": key, "when": when})


def test_scores_and_segments_come_before_journeys(tmp_path: Path) -> None:
    texts = {
        "journeys/hello.yaml": "journey: hello\nentry: {on: api}\n",
        "segments/viewers.yaml": "name: Viewers\nwhen: {event: Product Viewed, within: 7d}\n",
        "scores/warmth.yaml": "score: warmth\nrules: [{event: Product Viewed, points: 2}]\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    score, viewers, _ = read_folder(tmp_path)
    assert (score.path, score.body) == ("/v1/scores/warmth", SCORE)
    assert (viewers.path, viewers.body) == ("/v1/segments/viewers", VIEWED)
    (tmp_path / "scores" / "warmth.yaml").rename(tmp_path / "scores" / "heat.yaml")
    with pytest.raises(InvalidError, match=r"its score is `warmth`; name the file warmth\.yaml"):
        read_folder(tmp_path)


def test_a_segment_stands_behind_those_that_it_speaks_of() -> None:
    first = segment("a", {"all": [{"segment": "b"}, {"segment": "elsewhere"}]})
    second, third = segment("b", {"not": {"segment": "c"}}), segment("c", VIEWED["when"])
    topic = Document("topics", "news", {"name": "News"})
    assert in_order([topic, first, second, third]) == [topic, third, second, first]


def test_segments_in_a_circle_are_refused() -> None:
    with pytest.raises(InvalidError, match="circle: "):
        in_order([segment("a", {"segment": "b"}), segment("b", {"segment": "a"})])


def test_what_the_api_adds_to_a_segment_is_no_difference() -> None:
    wanted = Document("segments", "viewers", VIEWED)
    there = {**VIEWED, "key": "viewers", "description": "", "events": False, "built_at": None}
    there |= {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    assert compare(wanted, normal(wanted), there).verdict == "same"
    changed = compare(wanted, normal(wanted), {**there, "events": True})
    assert (changed.verdict, "+events: false" in changed.difference) == ("change", True)


def test_a_list_that_is_kept_by_hand_is_the_same_without_a_condition() -> None:
    wanted = Document("segments", "staff", {"name": "Staff"})
    assert compare(wanted, normal(wanted), {"name": "Staff", "description": "", "when": None}).verdict == "same"


def test_a_score_in_other_words_is_the_same() -> None:
    wanted = Document("scores", "warmth", SCORE)
    assert compare(wanted, normal(wanted), {**normal(wanted)}).verdict == "same"
    assert compare(wanted, normal(wanted), {**SCORE, "name": "Heat"}).verdict == "change"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (segment("viewers", {"entry": "cart", "exists": True}), "segments/viewers: /when/entry: "),
        (Document("scores", "warmth", {"rules": []}), "scores/warmth: /"),
    ],
)
def test_a_mistake_is_told_with_its_document(document: Document, says: str) -> None:
    with pytest.raises(InvalidError) as refused:
        normal(document)
    assert refused.value.detail.startswith(says)
