"""Where the secrets of `call` steps come from."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from journeyman.bootstrap import call_secrets_of
from journeyman.settings import Settings


def test_the_variable_comes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text('{"a": "of the file", "b": "of the file"}')
    settings = Settings(call_secrets_file=file, call_secrets=SecretStr('{"a": "of the variable"}'))
    assert call_secrets_of(settings) == {"a": "of the variable", "b": "of the file"}


def test_without_either_there_are_none() -> None:
    assert call_secrets_of(Settings()) == {}


@pytest.mark.parametrize("text", ["t0ps3cret", '["t0ps3cret"]', '{"a": {"b": "t0ps3cret"}}'])
def test_what_cannot_be_read_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="JSON object") as raised:
        call_secrets_of(Settings(call_secrets=SecretStr(text)))
    assert "t0ps3cret" not in str(raised.value)
