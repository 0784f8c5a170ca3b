import json
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, ValidationError

from journeyman.language.comparisons import OPERATORS, AttributeCondition
from journeyman.language.conditions import CONDITION, EVENT_CONDITION, Condition, EventCondition, MessageCondition, walk
from journeyman.language.kinds import is_tag

KINDS = (
    "attribute, computed, event, segment, consent, message, score, rfm, entry, context, device, place, lifecycle, "
    "journey, interest, reachable, prediction, all, any, not"
)
LEAF = {"attribute": "country", "equals": "PL"}
GOOD: list[dict[str, Any]] = [
    LEAF,
    {"attribute": "a", "in": [1, True, "x", 1.5]},
    {"attribute": "a", "not_in": {"attribute": "b"}},
    {"attribute": "a", "before": "2026-03-01T12:00:00+01:00"},
    {"attribute": "a", "after": {"ago": "3d"}},
    {"attribute": "a", "within_next": "1d12h"},
    {"attribute": "a", "exists": False},
    {"entry": "cart_id", "not_equals": {"context": "cart"}},
    {"context": "answer.status", "gte": 200},
    {"event": "Order Completed"},
    {"event": "Viewed", "count": 0, "within": "7d", "where": {"not": {"property": "p", "equals": {"entry": "x"}}}},
    {"event": "Viewed", "count": {"gte": 2, "lt": 5}, "sum": {"property": "revenue", "gte": 10.5}},
    {"consent": "email", "is": "no"},
    {"message": "any", "status": "opened", "channel": "sms", "within": "30d", "of": "any journey"},
    {"score": "leads", "gte": 50},
    {"score": "leads", "category": "web", "gt": 0.5, "lte": 10},
    {"rfm": "champions"},
    {"rfm": {"r": {"gte": 4}, "f": 5}},
    {"device": "mobile"},
    {"device": ["mobile", "tablet"]},
    {"place": {"country": "PL", "city": ["Warsaw", "Gda\u0144sk"]}},
    {"lifecycle": "at-risk"},
    {"interest": {"product": "sku-1"}, "in": "viewed"},
    {"interest": {"category": " Shoes /Running"}, "in": "bought", "at_least": 3, "within": "30d"},
    {"reachable": "email"},
    {"prediction": "purchase", "gte": 0.3},
    {"prediction": "value", "gt": 100, "lte": 500.5},
    {"journey": "welcome"},
    {"journey": "welcome", "is": "exited", "by": "bought", "within": "30d"},
    {"all": [{"any": [LEAF, {"not": LEAF}]}, LEAF]},
]

OF_EVENTS = "property, some, all, any, not"


@pytest.mark.parametrize("document", GOOD, ids=str)
def test_a_condition_is_written_back_as_it_was(document: dict[str, Any]) -> None:
    condition = CONDITION.validate_python(document)
    written = CONDITION.dump_python(condition, mode="json")
    assert {**written, **document} == written
    assert CONDITION.validate_json(json.dumps(document)) == condition
    assert CONDITION.validate_python(written) == condition
    assert CONDITION.validate_python(condition) is condition


def test_a_condition_keeps_its_words_inside_another_model() -> None:
    class Rule(BaseModel):
        when: Condition | None = None
        where: EventCondition | None = None

    rule = Rule.model_validate({"when": {"not": LEAF}, "where": {"property": "a", "in": [1]}})
    assert rule.model_dump(mode="json") == {"when": {"not": LEAF}, "where": {"property": "a", "in": [1]}}


@pytest.mark.parametrize(("written", "read"), [(True, "yes"), (False, "no"), ("unknown", "unknown")])
def test_yes_and_no_may_be_what_yaml_makes_of_them(written: object, read: str) -> None:
    condition = CONDITION.validate_python({"consent": "email", "is": written})
    assert CONDITION.dump_python(condition, mode="json")["is"] == read


def test_the_short_forms_mean_the_customary() -> None:
    consent = CONDITION.validate_python({"consent": "email"})
    message = CONDITION.validate_python({"message": "remind", "status": "opened"})
    assert CONDITION.dump_python(consent, mode="json") == {"consent": "email", "is": "yes"}
    assert isinstance(message, MessageCondition)
    assert (message.of, message.within, message.channel) == ("run", None, None)


def refusals(document: object, adapter: Any = CONDITION) -> list[tuple[tuple[int | str, ...], str]]:
    """Where each error is in the document, and what it says."""
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(document)
    return [(tuple(part for part in error["loc"] if not is_tag(part)), error["msg"]) for error in caught.value.errors()]


NO_KIND = f": no kind of condition that may stand here; write one of: {KINDS}"
WARES = "name either a product or a category; write {category: Shoes}, for example"
OUTSIDE = (
    "`{}` is no condition of its own, for the answer comes from outside;"
    " ask by a `call` step before, and write {{context: weather.temperature, gte: 20}}"
)
NO_OPERATOR = "`attribute` has no operator; add one, such as `equals: …` or `exists: true`"
NO_LIST = "this is no list, or an empty one; write [a, b]"
NO_REFERENCE = "this refers to nothing; write {entry: path}, or context, attribute"
NO_INSTANT = "this is no instant; write 2026-03-01T12:00:00Z or {ago: 3d}"
NULL = "null is no value; write `exists: false`"


@pytest.mark.parametrize(
    ("document", "place", "detail"),
    [
        ({}, (), f"an empty mapping{NO_KIND}"),
        ({"atribute": "a", "equals": 1}, (), f"`atribute`, `equals`{NO_KIND}"),
        ([LEAF], (), "a condition is a mapping; write {attribute: country, equals: PL}"),
        ("yes", (), "a condition is a mapping; write {attribute: country, equals: PL}"),
        ({"not": None}, ("not",), "a condition is a mapping; write {attribute: country, equals: PL}"),
        (
            {"attribute": "a", "event": "b"},
            (),
            "`attribute` and `event` are two kinds of condition; write two conditions under `all`",
        ),
        ({"score": "leads"}, (), "there is no bound; write {gte: 1}, for example"),
        ({"score": "leads", "gte": "high"}, ("gte",), "this is no number; write one, without quotes"),
        ({"rfm": {}}, ("rfm",), "this asks for no score; write {r: {gte: 4}}, for example"),
        ({"rfm": {"r": {}}}, ("rfm", "r"), "there is no bound; write {gte: 1}, for example"),
        ({"rfm": {"r": 6}}, ("rfm", "r"), "Input should be less than or equal to 5"),
        ({"device": []}, ("device",), NO_LIST),
        ({"prediction": "churn"}, (), "there is no bound; write {gte: 1}, for example"),
        (
            {"prediction": "luck", "gte": 1},
            ("prediction",),
            "Input should be 'purchase', 'churn' or 'value'",
        ),
        ({"interest": {}, "in": "viewed"}, ("interest",), WARES),
        ({"interest": {"product": "a", "category": "b"}, "in": "viewed"}, ("interest",), WARES),
        (
            {"interest": {"product": "a"}, "in": "viewed", "at_least": 11},
            ("at_least",),
            "Input should be less than or equal to 10",
        ),
        (
            {"journey": "welcome", "by": "bought"},
            (),
            "`by` tells how a run ended; write `is: exited` beside it",
        ),
        ({"place": {}}, ("place",), "this names no place; write {country: PL}, for example"),
        ({"place": {"country": []}}, ("place", "country"), NO_LIST),
        ({"weather": {"city": "Riga"}, "gte": 20}, (), OUTSIDE.format("weather")),
        ({"lookup": {"name": "stock"}}, (), OUTSIDE.format("lookup")),
        ({"attribute": "a"}, (), NO_OPERATOR),
        ({"attribute": "a", "equal": 1}, (), f"`equal` is no operator; write one of: {', '.join(OPERATORS)}"),
        ({"attribute": "a", "gt": 1, "lt": 2}, (), "`gt` and `lt` are two operators; write two conditions under `all`"),
        ({"attribute": "a", "equals": None}, (), NULL),
        ({"attribute": "a", "in": ["x", None]}, ("in", 1), NULL),
        ({"attribute": "a", "in": []}, ("in",), NO_LIST),
        ({"attribute": "a", "in": "x"}, ("in",), NO_LIST),
        ({"attribute": "a", "in": [1] * 1001}, ("in",), "this list is too long; use up to 1000 values"),
        ({"attribute": "a", "equals": {"property": "x"}}, ("equals",), NO_REFERENCE),
        ({"attribute": "a", "equals": {"entry": "x", "context": "y"}}, ("equals",), NO_REFERENCE),
        ({"attribute": "a", "equals": {}}, ("equals",), NO_REFERENCE),
        ({"attribute": "a", "gt": True}, ("gt",), "true and false have no order; write `equals`"),
        (
            {"attribute": "a", "equals": [1]},
            ("equals",),
            "this is no single value; write text, a number, true or false, in quotes if need be",
        ),
        (
            {"attribute": "a", "equals": 2**63},
            ("equals",),
            "this number does not fit 64 bits; write a smaller one, or text",
        ),
        (
            {"attribute": "a", "lt": float("nan")},
            ("lt",),
            "this number does not fit 64 bits; write a smaller one, or text",
        ),
        (
            {"attribute": "a", "equals": "\0"},
            ("equals",),
            "this text holds a character that is none; take out NUL and half surrogates",
        ),
        ({"attribute": "a", "equals": "a" * 1001}, ("equals",), "this text is too long; use up to 1000 characters"),
        ({"attribute": "a", "before": "2026-03-01"}, ("before",), NO_INSTANT),
        ({"attribute": "a", "before": 5}, ("before",), NO_INSTANT),
        (
            {"attribute": "a", "after": {"ago": "soon"}},
            ("after", "ago"),
            "this is no duration; write a duration such as 30m, 1d or 2w",
        ),
        (
            {"attribute": "a", "within_last": "1 calendar day"},
            ("within_last",),
            "this is no duration; write a duration such as 30m, 1d or 2w",
        ),
        ({"attribute": "a", "exists": "no"}, ("exists",), "Input should be a valid boolean"),
        (
            {"attribute": "a..b", "exists": True},
            ("attribute",),
            "a key of this path is empty; write a path such as address.city",
        ),
        ({"all": []}, ("all",), NO_LIST),
        ({"any": LEAF}, ("any",), NO_LIST),
        ({"all": [LEAF, {"attribute": "a"}]}, ("all", 1), NO_OPERATOR),
        ({"event": ""}, ("event",), "String should have at least 1 character"),
        ({"event": "E", "cuont": 1}, ("cuont",), "Extra inputs are not permitted"),
        ({"event": "E", "count": -1}, ("count",), "Input should be greater than or equal to 0"),
        ({"event": "E", "count": True}, ("count",), "Input should be a valid integer"),
        ({"event": "E", "count": {}}, ("count",), "there is no bound; write {gte: 1}, for example"),
        ({"event": "E", "sum": {"property": "p"}}, ("sum",), "there is no bound; write {gte: 1}, for example"),
        (
            {"event": "E", "max": {"property": "p", "gt": "1"}},
            ("max", "gt"),
            "this is no number; write one, without quotes",
        ),
        (
            {"event": "E", "where": LEAF},
            ("where",),
            f"`attribute`, `equals`: no kind of condition that may stand here; write one of: {OF_EVENTS}",
        ),
        ({"consent": "email", "is": "maybe"}, ("is",), "Input should be 'yes', 'no' or 'unknown'"),
        ({"message": "remind"}, ("status",), "Field required"),
        ({"message": "remind", "status": "opened", "of": "all"}, ("of",), "Input should be 'run' or 'any journey'"),
    ],
    ids=str,
)
def test_a_condition_that_is_none_gives_one_error_with_its_mend(
    document: object, place: tuple[Any, ...], detail: str
) -> None:
    assert refusals(document) == [(place, detail)]


def test_an_event_condition_speaks_of_properties_only() -> None:
    assert EVENT_CONDITION.validate_python({"any": [{"property": "a", "exists": True}]})
    ((place, detail),) = refusals({"all": [{"property": "a", "exists": True}, {"consent": "email"}]}, EVENT_CONDITION)
    assert place == ("all", 1)
    assert detail.startswith("`consent`: no kind of condition that may stand here")


def wrapped(depth: int) -> dict[str, Any]:
    document: dict[str, Any] = LEAF
    for _ in range(depth - 1):
        document = {"not": document}
    return document


def test_conditions_have_a_bound_in_depth_and_in_number() -> None:
    assert CONDITION.validate_python(wrapped(8))
    assert CONDITION.validate_python({"all": [LEAF] * 199})
    assert refusals(wrapped(9))[0][1] == "conditions stand more than 8 deep in one another; make it flatter"
    assert (
        refusals({"all": [LEAF] * 200})[0][1]
        == "these are more than 200 conditions in one; use fewer, or `in` with a list"
    )
    assert refusals(wrapped(5000))


def test_yaml_may_have_read_an_instant_already() -> None:
    condition = CONDITION.validate_python({"attribute": "a", "before": datetime(2026, 3, 1, 12, tzinfo=UTC)})
    assert isinstance(condition, AttributeCondition)
    assert condition.operand == 1_772_366_400_000_000
    assert refusals({"attribute": "a", "before": datetime(2026, 3, 1, 12)})  # noqa: DTZ001 - that is the point


def test_walk_tells_every_condition_with_its_pointer() -> None:
    condition = CONDITION.validate_python(
        {"all": [LEAF, {"not": {"event": "E", "where": {"any": [{"property": "p", "gt": 1}]}}}]}
    )
    assert [pointer for pointer, _ in walk(condition)] == [
        *("", "/all/0", "/all/1", "/all/1/not", "/all/1/not/where", "/all/1/not/where/any/0"),
    ]


def test_the_schema_names_every_field_and_never_null() -> None:
    schema = CONDITION.json_schema()
    fields = {name for part in schema["$defs"].values() for name in part["properties"]}
    assert fields >= {*OPERATORS, *KINDS.split(", "), "property", "ago", "ahead"}
    assert fields >= {"count", "within", "where", "sum", "average", "max", "min", "is", "status", "channel", "of"}
    assert not any(name.endswith("_") for name in fields)
    assert '"null"' not in json.dumps(schema)
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())


def test_the_schema_accepts_what_the_language_accepts() -> None:
    validator = jsonschema_rs.validator_for(CONDITION.json_schema())
    for document in GOOD:
        assert [error.message for error in validator.iter_errors(document)] == []
    for document in (
        {"score": "staff"},
        {"attribute": "a", "equals": None},
        {"all": []},
        {"event": "E", "within": "1x"},
    ):
        assert not validator.is_valid(document)
