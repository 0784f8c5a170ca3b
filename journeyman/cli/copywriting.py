"""`journeyman copy`: copy for templates, proposed by a model and taken by people."""

import asyncio
import json
from typing import Annotated, Any, Final

import typer

from journeyman.cli.remote import DEFAULT_URL, Key, Url, connect
from journeyman.cli.settings import AsJson
from journeyman.kit.errors import InvalidError
from journeyman.kit.yaml_format import load_yaml

app = typer.Typer(help="Have a model propose copy for templates, and take what is good.", no_args_is_help=True)

SECONDS: Final = 1_300.0
"""Two questions to a model at the longest time that the settings give one."""
Template = Annotated[str, typer.Argument(help="The template's key.", metavar="TEMPLATE", show_default=False)]
Proposal = Annotated[str, typer.Argument(help="The proposal's id.", metavar="PROPOSAL", show_default=False)]
Fields = Annotated[list[str] | None, typer.Option("--field", help="A field to write anew; without one all texts.")]
Count = Annotated[int, typer.Option("--count", min=1, max=10, help="How many proposals.")]
Language = Annotated[str | None, typer.Option("--language", help="In which language, such as `pl`.")]
Limits = Annotated[list[str] | None, typer.Option("--limit", help="Characters at most by field, such as `subject=50`.")]
Parts = Annotated[int | None, typer.Option("--parts", min=1, max=10, help="Parts of a text message at most.")]
Instruction = Annotated[str, typer.Option("--instruction", help="What the proposals are to be like.")]
Variant = Annotated[str | None, typer.Option("--variant", help="Take it as a variant under this key.")]
When = Annotated[str | None, typer.Option("--when", help="The variant's condition, as YAML.")]


@app.command("ask")
def ask(
    template: Template,
    fields: Fields = None,
    count: Count = 3,
    language: Language = None,
    limits: Limits = None,
    parts: Parts = None,
    instruction: Instruction = "",
    url: Url = DEFAULT_URL,
    key: Key = "",
    as_json: AsJson = False,
) -> None:
    """Have a model propose texts. Each is checked; the template stays as it is."""
    wish: dict[str, Any] = {"fields": fields or [], "count": count, "instruction": instruction}
    wish |= {"limits": dict(_limit(one) for one in limits or [])}
    wish |= {name: value for name, value in (("language", language), ("parts", parts)) if value is not None}
    asked = asyncio.run(_post(url, key, f"/v1/templates/{template}/copy", wish))
    if as_json:
        print(json.dumps(asked, indent=2, ensure_ascii=False))
    else:
        for proposal in asked["proposals"]:
            _show(proposal)


@app.command("accept")
def accept(
    template: Template,
    proposal: Proposal,
    variant: Variant = None,
    when: When = None,
    url: Url = DEFAULT_URL,
    key: Key = "",
) -> None:
    """Put a proposal into the template's draft. `copy publish` makes the draft what is sent."""
    body: dict[str, Any] = {}
    if variant is not None or when is not None:
        if variant is None or when is None:
            raise InvalidError("a variant needs both: --variant KEY and --when CONDITION")
        body = {"variant": {"key": variant, "when": load_yaml(when)}}
    draft = asyncio.run(_post(url, key, f"/v1/templates/{template}/copy/{proposal}/accept", body))
    print(f"in the draft of {template}, {draft['hash'][:12]}; messages are as they were")


@app.command("publish")
def publish(template: Template, url: Url = DEFAULT_URL, key: Key = "") -> None:
    """Let the template be its draft from the next message on."""
    kept = asyncio.run(_post(url, key, f"/v1/templates/{template}/draft/publish", {}))
    print(f"{template} is {kept['hash'][:12]} from the next message on")


async def _post(url: str, key: str, path: str, body: object) -> Any:  # noqa: ANN401 - any JSON value
    async with connect(url, key, SECONDS) as remote:
        return await remote.post(path, body)


def _limit(given: str) -> tuple[str, int]:
    field, _, number = given.partition("=")
    if not number.isascii() or not number.isdecimal():
        raise InvalidError(f"--limit {given}: write a field and a number, such as subject=50")
    return field, int(number)


def _show(proposal: dict[str, Any]) -> None:
    print(f"{proposal['id']}  {proposal['state']}")
    for name, text in proposal["texts"].items():
        print(f"  {name}: {text}")
    for one in proposal["findings"]:
        sign = "✗" if one["refuses"] else "!"
        print(f"  {sign} {one['pointer']}: {one['detail']}; {one['mend']} [{one['code']}]")
