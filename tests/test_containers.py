"""The container files: read by a compose client where there is one, and checked for what no client checks."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from journeyman.cli.temporal_server import SEARCH_ATTRIBUTES
from journeyman.settings import Settings

ROOT = Path(__file__).parents[1]
SECRETS = ("POSTGRES_PASSWORD", "JOURNEYMAN_SECRET_KEY", "JOURNEYMAN_ADMIN_KEY", "JOURNEYMAN_INGEST_KEY")
REQUIRED = (*SECRETS, "JOURNEYMAN_SMTP_URL")
ONE_SHOT = {"migrate", "temporal-schema", "temporal-namespace"}


def compose_client() -> list[str] | None:
    if shutil.which("docker"):
        told = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if told.returncode == 0:
            return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def config(folder: Path, *arguments: str, missing: str = "") -> "subprocess.CompletedProcess[str]":
    client = compose_client()
    if client is None:
        pytest.skip("no compose client is installed here")
    given = {name: f"of-the-test-{number}" for number, name in enumerate(REQUIRED) if name != missing}
    (folder / "env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    environment = {name: value for name, value in os.environ.items() if name not in REQUIRED}
    command = [*client, "--env-file", str(folder / "env"), *arguments, "config"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_compose_client_reads_the_file(tmp_path: Path) -> None:
    told = config(tmp_path, "--profile", "development")
    assert told.returncode == 0, told.stderr
    assert "postgresql+asyncpg://journeyman:of-the-test-0@database/journeyman" in told.stdout


@pytest.mark.parametrize("missing", REQUIRED)
def test_nothing_starts_without_its_secrets(tmp_path: Path, missing: str) -> None:
    told = config(tmp_path, missing=missing)
    assert told.returncode != 0
    assert "set it in .env" in told.stderr


def test_secrets_have_no_default_and_the_example_names_them_all() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    example = (ROOT / ".env.example").read_text()
    for name in SECRETS:
        assert set(re.findall(rf"\${{{name}([^}}]*)}}", text)) == {":?set it in .env"}
        assert f"\n{name}=\n" in example


def test_ports_are_bound_to_loopback(services: dict[str, dict[str, Any]]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) >= 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_service_that_stays_has_a_health_check_and_a_pinned_image(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert re.search(r":\d+\.\d+(\.\d+)?$", service["image"]), name
        if name not in ONE_SHOT and name != "api":  # the API's check is the image's own
            assert service["healthcheck"]["test"], name
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()


def test_whoever_waits_for_a_service_waits_for_the_right_thing(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        for other, wish in service.get("depends_on", {}).items():
            finished = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            assert wish == {"condition": finished}


def test_only_settings_that_there_are_are_set(services: dict[str, dict[str, Any]]) -> None:
    known = {f"JOURNEYMAN_{name.upper()}" for name in Settings.model_fields} | {"JOURNEYMAN_READY_FILE"}
    assert services["api"]["environment"].keys() <= known


def test_the_namespace_gets_the_search_attributes_of_the_local_server(services: dict[str, dict[str, Any]]) -> None:
    script = services["temporal-namespace"]["command"][0]
    assert dict(re.findall(r"--name (\w+) --type (\w+)", script)) == SEARCH_ATTRIBUTES


def test_what_is_mounted_and_copied_is_there(services: dict[str, dict[str, Any]]) -> None:
    mounted = [volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])]
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for path in [name for name in mounted if name.startswith(".")] + " ".join(copied).split():
        assert (ROOT / path).exists(), path
    admitted = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert set(" ".join(copied).split()) == set(admitted)


def test_the_image_does_not_run_as_root(services: dict[str, dict[str, Any]]) -> None:
    final = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001$", final, re.MULTILINE)
    assert services["api"]["cap_drop"] == ["ALL"]
