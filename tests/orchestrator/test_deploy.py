"""The files for production say what the code says, publish nothing, and default no secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestrator.settings import PREFIX, Settings
from orchestrator.stack import SEARCH_ATTRIBUTES

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NAMES = sorted(SERVICES)


@pytest.mark.parametrize("name", NAMES)
def test_service_publishes_on_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", NAMES)
def test_secret_has_no_default(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|PWD|TOKEN|SECRET|_KEYS|_URL", variable) and not re.search("SMTP|MEDIA_S3", variable):
            assert re.search(r"\$\{\w+:\?", value), f"{variable} must be required, not defaulted"


@pytest.mark.parametrize("name", NAMES)
def test_own_variables_are_settings(name: str) -> None:
    own = {variable for variable in SERVICES[name].get("environment", {}) if variable.startswith(PREFIX)}
    assert own <= {PREFIX + field.upper() for field in Settings.model_fields}


@pytest.mark.parametrize("name", NAMES)
def test_service_waits_for_services_that_exist(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other]


def test_every_variable_is_in_the_example_or_has_a_default() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert required == set(re.findall(r"^(\w+)=", (ROOT / "deploy" / "example.env").read_text(), re.MULTILINE))


def test_production_namespace_has_the_search_attributes_of_the_embedded_one() -> None:
    script = (ROOT / "deploy" / "temporal" / "namespace.sh").read_text()
    assert dict(re.findall(r"^attribute (\w+) (\w+)$", script, re.MULTILINE)) == SEARCH_ATTRIBUTES


def test_image_is_built_from_hashes_and_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert all("--require-hashes" in line or "--no-deps /wheels" in line for line in installs)
    assert "USER 10001" in lines


@pytest.mark.parametrize("lock", ["runtime.lock", "dev.lock"])
def test_lock_pins_and_hashes_everything_and_names_no_host(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    entries = re.split(r"\n(?=\w)", text.strip())
    assert len(entries) > 40
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
