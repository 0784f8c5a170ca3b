"""Recipes: each goes through a journey to a system that takes only what its documentation asks for."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from journeyman.channels.configuration import read_providers
from journeyman.channels.connections.calling import ConnectedCalls
from journeyman.channels.webhooks.calling import HttpCalls
from journeyman.cli.main import run
from journeyman.journeys.calling.calling import Calling
from journeyman.journeys.calling.recipes import RECIPES, Recipe, recipes
from tests.journeyman.journeys.steps.visits import END, enter, lines
from tests.parts.other_system import Called, OtherSystem, Says, says
from tests.world import World

TOKEN = "t0ken"
VARIABLE = re.compile(r"\$\{(\w+)\}")


def zendesk(called: Called) -> Says:
    """201 and the ticket; a comment is needed, and a new requester needs a name (Create Ticket)."""
    pair = base64.b64encode(f"agent@shop.example/token:{TOKEN}".encode()).decode()
    if called.headers.get("authorization") != f"Basic {pair}":
        return says(401, {"error": "Couldn't authenticate you"})
    ticket = called.document["ticket"]
    if called.path != "/api/v2/tickets.json" or not ticket["comment"]["body"] or not ticket["requester"]["name"]:
        return says(422, {"error": "RecordInvalid"})
    return says(201, {"ticket": {"id": 35436, "subject": ticket["subject"]}})


def intercom(called: Called) -> Says:
    """A contact with its id; one of e-mail, external id and role is needed (Create contact)."""
    if called.headers.get("authorization") != f"Bearer {TOKEN}" or "intercom-version" not in called.headers:
        return says(401, {"type": "error.list"})
    body = called.document
    if called.path != "/contacts" or body["role"] not in {"user", "lead"} or "@" not in body["email"]:
        return says(400, {"type": "error.list"})
    return says(200, {"type": "contact", "id": "667d60d18a68186f43bafddd", **body})


def hubspot(called: Called) -> Says:
    """The contacts with their ids (Create or update a batch of contacts by unique property values)."""
    if called.headers.get("authorization") != f"Bearer {TOKEN}":
        return says(401, {"category": "INVALID_AUTHENTICATION"})
    (one,) = called.document["inputs"]
    if called.path != "/crm/v3/objects/contacts/batch/upsert" or one["idProperty"] != "email" or "@" not in one["id"]:
        return says(400, {"category": "VALIDATION_ERROR"})
    return says(200, {"status": "COMPLETE", "results": [{"id": "512", "properties": one["properties"], "new": True}]})


def salesforce(called: Called) -> Says:
    """A token without an expiry, and 201 for the record; name and company are needed (sObject Lead)."""
    if called.path == "/services/oauth2/token":
        form = {name: values[0] for name, values in parse_qs(called.body.decode()).items()}
        wanted = {"grant_type": "client_credentials", "client_id": TOKEN, "client_secret": TOKEN}
        if form != wanted:
            return says(400, {"error": "invalid_client_id", "error_description": "client identifier invalid"})
        return says(200, {"access_token": "00D!AQ", "token_type": "Bearer", "issued_at": "1732270000000"})
    if called.headers.get("authorization") != "Bearer 00D!AQ":
        return says(401, [{"errorCode": "INVALID_SESSION_ID"}])
    if called.path != "/services/data/v62.0/sobjects/Lead" or not all(
        called.document[name] for name in ("LastName", "Company")
    ):
        return says(400, [{"errorCode": "REQUIRED_FIELD_MISSING"}])
    return says(201, {"id": "00QD000000AbCdE", "success": True, "errors": []})


def slack_webhook(called: Called) -> Says:
    """`ok` as text, and `no_text` for a message without any (Sending messages using incoming webhooks)."""
    is_good = called.path == f"/services/{TOKEN}" and called.headers["content-type"].startswith("application/json")
    if not is_good or not called.document.get("text"):
        return Says(400, b"no_text", {"content-type": "text/html"})
    return Says(200, b"ok", {"content-type": "text/html"})


def slack_message(called: Called) -> Says:
    """200 always, and `ok` in the body; without a character set a warning (chat.postMessage)."""
    if called.headers.get("authorization") != f"Bearer {TOKEN}":
        return says(200, {"ok": False, "error": "invalid_auth"})
    if "charset=utf-8" not in called.headers["content-type"] or called.path != "/api/chat.postMessage":
        return says(200, {"ok": False, "error": "missing_charset"})
    is_whole = bool(called.document["channel"] and called.document["text"])
    return says(200, {"ok": is_whole, "channel": called.document["channel"], "ts": "1503435956.000247"})


SYSTEMS: Mapping[str, tuple[Callable[[Called], Says], dict[str, Any]]] = {
    "zendesk-request": (zendesk, {"ticket": 35436}),
    "intercom-contact": (intercom, {"intercom": "667d60d18a68186f43bafddd"}),
    "hubspot-contact": (hubspot, {"hubspot": "512"}),
    "salesforce-lead": (salesforce, {"lead": "00QD000000AbCdE"}),
    "slack-webhook": (slack_webhook, {}),
    "slack-message": (slack_message, {"said": True, "why_not": None}),
}


class System(OtherSystem):
    """One of them, on loopback."""

    def __init__(self, speaks: Callable[[Called], Says]) -> None:
        super().__init__()
        self._speaks = speaks

    def answer(self, called: Called) -> Says:
        return self._speaks(called)


def connected(recipe: Recipe, system: OtherSystem, folder: Path, here: World) -> ConnectedCalls:
    """The recipe's connection as an operator would set it up, only that the system is here."""
    text = json.dumps({"connections": {recipe.recipe: recipe.connection}})
    for host in {urlsplit(one).netloc for one in re.findall(r'https://[^"]+', text)}:
        text = text.replace(f"https://{host}", system.url)
    file = folder / "providers.yaml"
    file.write_text(text)
    secrets = dict.fromkeys(VARIABLE.findall(text), TOKEN) | {"SLACK_WEBHOOK_URL": f"{system.url}/services/{TOKEN}"}
    return ConnectedCalls(HttpCalls(allows_private=True), read_providers(file, secrets).connections, here.clock)


def test_every_recipe_is_tested() -> None:
    assert {one.recipe for one in recipes()} == SYSTEMS.keys()
    assert {file.stem for file in RECIPES.iterdir()} == SYSTEMS.keys()


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.recipe)
async def test_a_recipe_does_what_it_says(here: World, tmp_path: Path, recipe: Recipe) -> None:
    speaks, kept = SYSTEMS[recipe.recipe]
    async with System(speaks) as system:
        here.advance.calling = Calling(connected(recipe, system, tmp_path, here), {})
        await here.shop.introduce(first_name="Ann")
        run = await enter(here, recipe.step, END)
        (line,) = await lines(here, recipe.step["id"])
        assert (line.code, line.data.get("detail")) == ("called", None)
        assert {name: run.context.get(name) for name in kept} == kept
        assert TOKEN not in f"{await here.shop.journal()}{run}"
        await here.advance.calling.http.close()


def test_recipes_are_listed_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journey", "recipes", "--json"]) == 0
    assert [one["recipe"] for one in json.loads(capsys.readouterr().out)] == sorted(SYSTEMS)
    assert run(["journey", "recipes"]) == 0
    assert "zendesk-request" in capsys.readouterr().out
    assert run(["journey", "recipes", "slack-message"]) == 0
    assert "chat.postMessage" in capsys.readouterr().out
    assert run(["journey", "recipes", "../x"]) != 0
    assert "there is no recipe" in capsys.readouterr().err


def test_the_guide_lists_the_recipes() -> None:
    guide = (Path(__file__).parents[4] / "docs" / "guides" / "calls.md").read_text()
    assert all(f"`{one.recipe}`" in guide for one in recipes())
