"""Documents as YAML 1.2, read as what JSON would hold.

PyYAML reads YAML 1.1, where `on:` is true, `no` is false and `21:00` is 1260. Here words are words: only `true` and
`false` are booleans (YAML 1.2.2, chapter 10.3), dates stay text, keys are text and stand once.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from journeyman.kit.errors import Fault, InvalidError

_SCALARS = (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
)
DEEPEST = 64


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own way to replace what it inherits

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise ComposerError(None, None, "aliases are not available; write it out", self._here())
        self._depth += 1
        if self._depth > DEEPEST:
            raise ComposerError(None, None, "it is nested too deep", self._here())
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _here(self) -> yaml.Mark:
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # left untyped by the stubs
        return mark

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise ConstructorError(None, None, "a key has to be text; quote it", key.start_mark)
            if key.value in seen:
                detail = f"`{key.value}` stands here twice"
                raise ConstructorError(None, None, detail, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_decimal(self, node: yaml.ScalarNode) -> int:
        """Digits are decimal: 010 is ten, not eight."""
        try:
            return int(self.construct_scalar(node))
        except ValueError:  # more digits than Python reads
            raise ConstructorError(None, None, "the number is too long", node.start_mark) from None


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such, so that a difference shows line by line."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - see _Loader

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - nothing is written as an alias
        return True

    def write_text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


for _kind in (_Loader, _Dumper):
    for _tag, _pattern, _first in _SCALARS:
        _kind.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_decimal)
_Dumper.add_representer(str, _Dumper.write_text)


def load_yaml(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """What a YAML or JSON text holds. Raises `InvalidError` that names the line."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    except yaml.YAMLError as error:
        detail = _describe(error)
        raise InvalidError(detail, [Fault("", detail, "Mend the YAML.")]) from error
    except RecursionError as error:
        raise InvalidError(
            "the YAML is nested too deep", [Fault("", "it is nested too deep", "Flatten it.")]
        ) from error


def dump_yaml(body: object) -> str:
    """A document as YAML, in its own order."""
    text: str = yaml.dump(body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _describe(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem or error.context}"
    return str(error).splitlines()[0]
