"""`journeyman settings`: every setting, its value and its meaning."""

import json
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from journeyman.kit.errors import Fault, InvalidError
from journeyman.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def read_settings() -> Settings:
    """The settings of this process. Raises `InvalidError` that names the variables that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            Fault(f"JOURNEYMAN_{'_'.join(map(str, fault['loc'])).upper()}", fault["msg"], "see `journeyman settings`")
            for fault in error.errors(include_input=False)
        ]
        raise InvalidError("a setting cannot be used", faults) from error


def settings(as_json: AsJson = False) -> None:
    """Print every setting with its meaning; secrets only as set or not set."""
    described = [
        {
            "name": f"JOURNEYMAN_{name.upper()}",
            "value": value,
            "description": Settings.model_fields[name].description or "",
        }
        for name, value in zip(Settings.model_fields, read_settings().without_secrets().values(), strict=True)
    ]
    if as_json:
        print(json.dumps(described, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    for setting in described:
        value = "" if setting["value"] is None else setting["value"]
        console.print(f"[dim]# {setting['description'].replace('[', chr(92) + '[')}[/dim]")
        console.print(f"{setting['name']}={value}", markup=False)
