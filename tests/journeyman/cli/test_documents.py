from pathlib import Path
from typing import Any

import pytest

from journeyman.cli.documents import Document, read_folder
from journeyman.cli.plan import compare, normal
from journeyman.kit.errors import InvalidError

JOURNEY: dict[str, Any] = {
    "journey": "hello",
    "entry": {"on": "event", "event": "Signed Up"},
    "steps": [{"id": "wait", "wait": {"for": "1d"}}, {"id": "done", "end": "done"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "journeys").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "journeys" / "hello.yaml").write_text("journey: hello\nentry: {on: api}\n")
    (tmp_path / "templates" / "hi.json").write_text('{"channel": "email"}')
    (tmp_path / "templates" / "notes.txt").write_text("not ours")
    return tmp_path


def test_templates_come_before_the_journeys_that_send_them(folder: Path) -> None:
    documents = read_folder(folder)
    assert [document.path for document in documents] == ["/v1/templates/hi", "/v1/journeys/hello"]
    assert documents[1].body == {"journey": "hello", "entry": {"on": "api"}}


def test_a_topic_comes_before_what_is_sent_about_it(folder: Path) -> None:
    (folder / "topics").mkdir()
    (folder / "topics" / "news.yaml").write_text("name: News\nchannels: [email]\n")
    topic, *others = read_folder(folder)
    assert (topic.path, len(others)) == ("/v1/topics/news", 2)
    kept = {"key": "news", "updated_at": "2026-01-01T00:00:00Z", "name": "News", "channels": ["email"]}
    whole = {**kept, "description": "", "marketing": True, "basis": "consent", "double_opt_in": False}
    assert compare(topic, normal(topic), {**whole, "translations": {}}).verdict == "same"
    changed = compare(topic, normal(topic), {**whole, "translations": {}, "marketing": False})
    assert (changed.verdict, "+marketing: true" in changed.difference) == ("change", True)


def test_a_topic_that_cannot_be_used_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(InvalidError, match="topics/news: basis: Input should be 'consent'"):
        normal(Document("topics", "news", {"name": "News", "basis": "because"}))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("hello.yaml", "journey: other", "its journey is `other`; name the file other.yaml"),
        ("hello.yaml", "- a list", "a mapping is wanted"),
        ("hello.yaml", "a: [", "line 1"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(folder: Path, name: str, text: str, says: str) -> None:
    (folder / "journeys" / name).write_text(text)
    with pytest.raises(InvalidError) as caught:
        read_folder(folder)
    assert name in caught.value.detail
    assert says in caught.value.detail


def test_a_folder_without_documents_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="holds no journeys"):
        read_folder(tmp_path)


def journey(**changes: object) -> Document:
    return Document("journeys", "hello", JOURNEY | changes)


def test_what_is_not_there_is_created() -> None:
    change = compare(journey(), JOURNEY, None)
    assert change.verdict == "create"
    assert "+journey: hello" in change.difference.splitlines()


def test_what_differs_is_shown_line_by_line() -> None:
    named = journey(name="Hello")
    change = compare(named, normal(named), JOURNEY)
    assert change.verdict == "change"
    changed = [line for line in change.difference.splitlines()[2:] if line[0] in "+-"]
    assert changed == ["+name: Hello"]


def test_the_same_document_in_other_words_is_the_same() -> None:
    found = JOURNEY | {"steps": [{"wait": {"for": "1d"}, "id": "wait"}, {"end": "done", "id": "done"}]}
    change = compare(journey(), JOURNEY, found)
    assert (change.verdict, change.difference) == ("same", "")


def test_what_the_api_adds_to_a_template_is_no_difference() -> None:
    body = {"channel": "email", "subject": "Hi", "text": "Hello"}
    found = body | {"key": "hi", "hash": "0" * 64, "updated_at": "2026-01-01T00:00:00Z", "html": None}
    wanted = dict(sorted(body.items()))
    assert compare(Document("templates", "hi", body), wanted, found).verdict == "same"


def test_the_contact_policy_is_a_setting_among_the_documents() -> None:
    policy = {"caps": [{"max": 3, "per": "7d"}]}
    document = Document("settings", "contact-policy", policy)
    assert document.path == "/v1/settings/contact-policy"
    assert compare(document, normal(document), {**policy, "updated_at": None}).verdict == "same"
    assert compare(document, normal(document), {"updated_at": None}).verdict == "change"
    with pytest.raises(InvalidError, match="contact-policy"):
        normal(Document("settings", "colours", {}))
    with pytest.raises(InvalidError, match="/caps/0/max"):
        normal(Document("settings", "contact-policy", {"caps": [{"max": 0, "per": "7d"}]}))


def test_the_brands_voice_is_a_document_of_the_settings() -> None:
    voice = {"voice": "Warm", "avoid": ["cheap"]}
    document = Document("settings", "brand", voice)
    assert document.path == "/v1/settings/brand"
    assert compare(document, normal(document), {**voice, "updated_at": "now", "actor": "api/admin"}).verdict == "same"
    with pytest.raises(InvalidError, match="settings/brand: /avoid"):
        normal(Document("settings", "brand", {"avoid": "cheap"}))
