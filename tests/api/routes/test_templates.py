"""Templates over the API: kept, rendered for samples and for real customers, sent as a test."""

from typing import Any

import pytest

from journeyman.kit.yaml_format import dump_yaml, load_yaml
from tests.world import World

GREETING = {
    "channel": "email",
    "subject": "Hello {{ customer.name }}",
    "html": "<p>Cart {{ entry.cart_id }}, {{ customer.name }}</p>",
}


async def test_a_template_comes_out_as_it_went_in(world: World) -> None:
    kept = await world.put("/v1/templates/greeting", GREETING)
    assert {name: kept[name] for name in GREETING} == GREETING
    assert len(kept["hash"]) == 64
    read = await world.get("/v1/templates/greeting")
    assert read == {**read, **GREETING, "key": "greeting", "hash": kept["hash"]}
    (item,) = (await world.get("/v1/templates"))["items"]
    assert (item["key"], item["channel"], item["subject"]) == ("greeting", "email", GREETING["subject"])


async def test_a_template_goes_in_and_comes_out_as_yaml(world: World) -> None:
    headers = {"content-type": "application/yaml", "accept": "application/yaml"}
    await world.http.put("/v1/templates/greeting", content=dump_yaml(GREETING), headers=headers)
    read = load_yaml((await world.http.get("/v1/templates/greeting", headers=headers)).text)
    assert {name: read[name] for name in GREETING} == GREETING


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**GREETING, "html": "{% if %}"}, "/html"),
        ({**GREETING, "channel": "pigeon"}, "/channel"),
        ({**GREETING, "colour": "red"}, "/colour"),
        ([], ""),
    ],
)
async def test_what_is_wrong_with_a_template_is_named(world: World, body: Any, pointer: str) -> None:
    answer = await world.http.put("/v1/templates/greeting", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_it_is_rendered_for_a_sample(world: World) -> None:
    await world.put("/v1/templates/greeting", GREETING)
    sample = {"customer": {"name": "Ann"}, "entry": {"cart_id": "c1"}}
    rendered = (await world.http.post("/v1/templates/greeting/render", json=sample)).json()
    assert (rendered["subject"], "Cart c1, Ann" in rendered["html"], "Cart c1, Ann" in rendered["text"]) == (
        "Hello Ann",
        True,
        True,
    )
    assert "/t/" not in rendered["html"], "a preview tracks nothing"


async def test_it_is_rendered_for_a_real_customer(world: World) -> None:
    await world.put("/v1/templates/greeting", GREETING)
    await world.shop.introduce("ann", name="Ann of the shop")
    rendered = await world.http.post("/v1/templates/greeting/render", json={"customer": "ann"})
    assert rendered.json()["subject"] == "Hello Ann of the shop"
    unknown = await world.http.post("/v1/templates/greeting/render", json={"customer": "nobody"})
    assert unknown.status_code == 404


async def test_what_cannot_be_rendered_says_why(world: World) -> None:
    template = {"channel": "email", "subject": "{% unless customer.shy %}Hi{% endunless %}", "text": "Hi"}
    kept = await world.http.put("/v1/templates/greeting", json=template)
    assert kept.status_code == 200
    answer = await world.http.post("/v1/templates/greeting/render", json={"customer": {"shy": True}})
    assert (answer.status_code, answer.json()["code"]) == (422, "render_failed")
    assert answer.json()["errors"][0]["mend"]


async def test_a_test_is_sent_past_the_ledger_and_marked(world: World) -> None:
    await world.put("/v1/templates/greeting", GREETING)
    body = {"to": "me@example.com", "customer": {"name": "Ann"}}
    answer = await world.http.post("/v1/templates/greeting/test-send", json=body)
    assert answer.status_code == 200
    mail = world.smtp.read()
    assert (mail["Subject"], mail["To"]) == ("[Test] Hello Ann", "me@example.com")
    await world.shop.introduce("ann")
    assert (await world.get("/v1/customers/ann/messages"))["items"] == []


@pytest.mark.parametrize(("to", "script", "status"), [("no address", (), 422), ("me@example.com", ("550 no",), 409)])
async def test_a_test_that_is_not_sent_says_so(world: World, to: str, script: tuple[str, ...], status: int) -> None:
    await world.put("/v1/templates/greeting", GREETING)
    world.smtp.script("RCPT", *script)
    answer = await world.http.post("/v1/templates/greeting/test-send", json={"to": to})
    assert (answer.status_code, world.smtp.mails) == (status, [])


async def test_lint_says_what_is_worth_a_second_look(world: World) -> None:
    await world.put("/v1/templates/greeting", GREETING)
    found = await world.get("/v1/templates/greeting/lint")
    codes = [item["code"] for item in found["items"]]
    assert codes == ["no-default", "no-default", "no-unsubscribe", "no-preheader"]
    assert found["items"][0] == {
        **found["items"][0],
        "pointer": "/subject",
        "detail": "`customer.name` is empty for whoever has none",
    }
    calm = await world.get("/v1/templates/greeting/lint", transactional=True)
    assert "no-unsubscribe" not in [item["code"] for item in calm["items"]]
    assert (await world.http.get("/v1/templates/missing/lint")).status_code == 404


async def test_what_is_rendered_comes_with_what_lint_finds(world: World) -> None:
    await world.put("/v1/templates/greeting", {**GREETING, "subject": "Hello {{ customer.name }}!!"})
    found = (await world.http.post("/v1/templates/greeting/render", json={"customer": {"name": "Ann"}})).json()
    assert "subject-shouts" in [item["code"] for item in found["findings"]]


async def test_it_is_rendered_in_the_language_that_is_asked_for(world: World) -> None:
    languages = {"pl": {"subject": "Witaj {{ customer.name }}"}}
    kept = await world.put("/v1/templates/greeting", {**GREETING, "language": "en", "languages": languages})
    assert kept["languages"] == languages
    ann: dict[str, Any] = {"customer": {"name": "Ann", "language": "pl"}}
    seen = []
    for query in ("", "?language=en-GB", "?language=fr", "?language=pl-PL"):
        rendered = (await world.http.post(f"/v1/templates/greeting/render{query}", json=ann)).json()
        seen.append((rendered["language"], rendered["subject"]))
    assert seen == [("pl", "Witaj Ann"), ("en", "Hello Ann"), ("en", "Hello Ann"), ("pl", "Witaj Ann")]
    assert (await world.http.post("/v1/templates/greeting/render?language=-", json=ann)).status_code == 422


async def test_a_broken_language_is_named(world: World) -> None:
    body = {**GREETING, "languages": {"pl": {"html": "{% if %}"}}}
    answer = await world.http.put("/v1/templates/greeting", json=body)
    assert answer.json()["errors"][0]["pointer"] == "/languages/pl/html"


async def test_a_template_tells_what_it_was_and_is_that_again(world: World) -> None:
    first = await world.put("/v1/templates/greeting", GREETING)
    await world.put("/v1/templates/greeting", GREETING)
    second = await world.put("/v1/templates/greeting", {**GREETING, "subject": "Hi"})
    path = "/v1/templates/greeting/versions"
    items = (await world.get(path))["items"]
    assert [(one["number"], one["hash"], one["actor"]) for one in items] == [
        (2, second["hash"], "api/operator"),
        (1, first["hash"], "api/operator"),
    ]
    assert (await world.get(f"{path}/{first['hash']}"))["subject"] == GREETING["subject"]
    restored = await world.http.post(f"{path}/{first['hash']}/restore")
    assert restored.json()["hash"] == (await world.get("/v1/templates/greeting"))["hash"] == first["hash"]
    assert [one["number"] for one in (await world.get(path))["items"]] == [3, 2, 1]
    for unknown in (f"{path}/{'0' * 64}", "/v1/templates/nobody/versions"):
        assert (await world.http.get(unknown)).status_code == 404


async def test_an_edit_of_what_has_changed_meanwhile_is_refused(world: World) -> None:
    first = (await world.put("/v1/templates/greeting", GREETING))["hash"]
    for tag in (f'"{first}"', first):
        answer = await world.http.put("/v1/templates/greeting", json=GREETING, headers={"if-match": tag})
        assert answer.status_code == 200
    await world.put("/v1/templates/greeting", {**GREETING, "subject": "Hi"})
    lost = await world.http.put("/v1/templates/greeting", json=GREETING, headers={"if-match": f'"{first}"'})
    assert (lost.status_code, lost.json()["code"]) == (412, "changed_meanwhile")
    new = await world.http.put("/v1/templates/other", json=GREETING, headers={"if-match": f'"{first}"'})
    assert new.status_code == 412
    assert (await world.get("/v1/templates/greeting"))["subject"] == "Hi"


async def test_a_template_tells_what_it_reads(world: World) -> None:
    await world.put("/v1/blocks/footer", {"text": "{{ customer.city }}"})
    await world.put("/v1/templates/greeting", {**GREETING, "text": "{% render 'footer' %}"})
    nothing: dict[str, list[str]] = {"event": [], "context": [], "lookups": []}
    uses = {"customer": ["city", "name"], "entry": ["cart_id"], "blocks": ["footer"], "coupon": False}
    assert (await world.get("/v1/templates/greeting"))["uses"] == {**uses, **nothing}
