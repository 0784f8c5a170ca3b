"""What steps say and fill is looked at before a journey is published."""

from typing import Any

import pytest

from journeyman.journeys.documents.texts import refuse_unreadable
from journeyman.kit.errors import InvalidError
from tests.builders import definition, journey
from tests.world import world

CALL = {"url": "https://crm.example/leads"}


@pytest.mark.parametrize(
    ("step", "pointer"),
    [
        ({"call": {**CALL, "url": "https://crm.example/{{ customer.id"}}, "/call/url"),
        ({"call": {**CALL, "headers": {"X-A": "{{ a | nothing }}"}}}, "/call/headers/X-A"),
        ({"call": {**CALL, "body": {"a/b": [1, {"c": "{% if %}"}]}}}, "/call/body/a~1b/1/c"),
        ({"task": {"title": "{{", "timeout": "1d"}}, "/task/title"),
        ({"task": {"title": "Call", "details": "{% for %}", "timeout": "1d"}}, "/task/details"),
    ],
)
def test_a_text_that_is_no_liquid_is_named(step: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidError) as raised:
        refuse_unreadable(definition(steps=[{"id": "step", **step}]))
    (fault,) = raised.value.faults
    assert (fault.pointer, bool(fault.mend)) == (f"/steps/0{pointer}", True)


def test_what_can_be_read_is_fine() -> None:
    call = {**CALL, "body": {"a": "{{ customer.email }}", "b": {"entry": "x"}, "c": 3}}
    refuse_unreadable(definition(steps=[{"id": "step", "call": call}]))


async def test_a_list_has_to_be_there_and_kept_by_hand(database_url: str) -> None:
    async with world(database_url) as here:
        await here.put("/v1/segments/callers", {"name": "Callers"})
        await here.put("/v1/segments/adults", {"name": "Adults", "when": {"attribute": "age", "gte": 18}})
        lists = {"add": ["callers", "adults"], "remove": ["nowhere"]}
        with pytest.raises(InvalidError) as raised:
            await here.shop.publish(journey(steps=[{"id": "note", "update": {"segments": lists}}]))
        found = [
            (fault.pointer.removeprefix("/steps/0/update/segments"), fault.detail) for fault in raised.value.faults
        ]
        assert found == [
            ("/add/1", "the condition of `adults` decides who is in it"),
            ("/remove/0", "there is no segment `nowhere`"),
        ]


async def test_a_list_that_a_live_journey_fills_is_not_deleted(database_url: str) -> None:
    async with world(database_url) as here:
        await here.put("/v1/segments/callers", {"name": "Callers"})
        await here.shop.publish(journey(steps=[{"id": "note", "update": {"segments": {"add": ["callers"]}}}]))
        refused = await here.http.delete("/v1/segments/callers")
        assert (refused.status_code, "cart" in refused.text) == (409, True)
