"""One word for one thing: the glossary's terms are used, and the words it turns away are not."""

import ast
import re
from functools import cache

import pytest

from tests.house.tree import PRODUCT, ROOT, pages, python_files

LINE = re.compile(r"^\| \*\*(?P<term>[^*]+)\*\* \|(?P<meaning>.*)\|(?P<avoided>[^|]*)\|$", re.MULTILINE)
TERMS = {found["term"]: found["avoided"] for found in LINE.finditer((ROOT / "GLOSSARY.md").read_text())}
WORDS = [word.strip() for avoided in TERMS.values() for word in avoided.split(",") if word.strip()]
ELSEWHERE_RIGHT = {
    *("message", "template", "job", "task", "filter", "check", "action", "status", "result", "query", "rule", "log"),
    *("queue", "buffer", "medium", "permission", "graph", "target", "user", "account", "block", "category", "audit"),
    *("guard", "hit", "lead", "notification", "scope", "callback", "revision", "recipient", "processing", "execution"),
    "contact",
}
"""Words that are wrong for their term and right for something else: only a reader can tell."""


@cache
def names() -> set[str]:
    """Every word in the names of classes and functions."""
    found = [
        node.name
        for file in python_files(*PRODUCT)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return {word.lower() for name in found for word in re.findall(r"[A-Z]?[a-z]+", name)}


CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
WORDS_OF_OTHERS = "coming-from-elsewhere"
"""A page that speaks of other builders in their words."""
TEXTS = [
    *(text for page, text in pages().items() if WORDS_OF_OTHERS not in str(page)),
    *((ROOT / page).read_text() for page in ("README.md", "ARCHITECTURE.md")),
]
PAGES = CODE_BLOCK.sub("", "\n".join(TEXTS))
CODE = "\n".join(file.read_text() for file in python_files(*PRODUCT))


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_used(term: str) -> None:
    assert re.search(rf"\b{term}s?\b", CODE, re.IGNORECASE) or re.search(rf"\b{term}s?\b", PAGES, re.IGNORECASE)


def test_terms_stand_in_order() -> None:
    assert list(TERMS) == sorted(TERMS)


@pytest.mark.parametrize("word", sorted({*WORDS} - ELSEWHERE_RIGHT))
def test_a_word_to_avoid_is_avoided(word: str) -> None:
    assert re.search(rf"\b{word}s?\b", PAGES, re.IGNORECASE) is None
    assert word not in names() - {"node"}, "conditions are trees, and trees have nodes"
