"""Recipes: calls of well-known systems that come with the product, each a connection and a step to be copied."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

RECIPES = Path(__file__).parents[2] / "gallery" / "recipes"


class Recipe(BaseModel):
    """One call, ready to be copied."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Annotated[str, Field(description="Its key, and the name that the step gives the connection")]
    name: str
    description: str
    documentation: Annotated[str, Field(description="What the system's maker says of the call")]
    connection: Annotated[dict[str, Any], Field(description="For `connections` in the providers' file")]
    step: Annotated[dict[str, Any], Field(description="For a journey's `steps`")]


@cache
def recipes() -> tuple[Recipe, ...]:
    """Every recipe, by key."""
    files = sorted(RECIPES.glob("*.yaml"))
    return tuple(Recipe.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files)
