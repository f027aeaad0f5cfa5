"""Setting up a clone: which lock is installed when, certificates of a company's own, and locks that agree."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.examples import some

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
_PIN = re.compile(r"^([\w.\[\]-]+==\S+)", re.MULTILINE)


@pytest.fixture
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sojourn_install", REQUIREMENTS / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pins(name: str) -> set[str]:
    return set(_PIN.findall((REQUIREMENTS / f"{name}.lock").read_text()))


def test_each_lock_holds_all_of_the_one_before_it() -> None:
    assert pins("runtime") < pins("run") < pins("dev")


@pytest.mark.parametrize("name", ["runtime", "run", "dev", "installer"])
def test_locks_carry_hashes_and_name_no_host(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.lock").read_text()
    assert "://" not in text
    assert text.count("==") == text.count("== ") + len(pins(name))
    for requirement in text.replace("\\\n", " ").splitlines():
        assert "==" not in requirement.split("#")[0] or "--hash=sha256:" in requirement


def test_a_run_is_content_with_the_tools_of_the_tests_but_not_the_other_way_round(install: ModuleType) -> None:
    made_from = install.base()
    run, dev = install.fingerprint("run"), install.fingerprint("dev")
    assert install.up_to_date("run", made_from, run)
    assert install.up_to_date("run", made_from, dev)
    assert install.up_to_date("dev", made_from, dev)
    assert not install.up_to_date("dev", made_from, run)
    assert not install.up_to_date("run", "another Python", run)
    assert not install.up_to_date("run", made_from, "run of another lock")


def test_a_certificate_named_for_pip_is_passed_on_to_uv_and_node(install: ModuleType) -> None:
    passed_on = install.certificates({"PIP_CERT": "/etc/company.pem", "PATH": "/bin"})
    assert passed_on["SSL_CERT_FILE"] == passed_on["NODE_EXTRA_CA_CERTS"] == passed_on["PIP_CERT"] == "/etc/company.pem"
    assert passed_on["PATH"] == "/bin"


def test_what_somebody_has_set_stays(install: ModuleType) -> None:
    own = {"SSL_CERT_FILE": "/a.pem", "NODE_EXTRA_CA_CERTS": "/b.pem", "PIP_CERT": "/c.pem", "UV_SYSTEM_CERTS": "0"}
    assert own.items() <= install.certificates(own).items()


def test_without_any_the_system_is_trusted(install: ModuleType) -> None:
    passed_on = install.certificates({})
    assert (passed_on["NODE_USE_SYSTEM_CA"], passed_on["UV_SYSTEM_CERTS"]) == ("1", "1")
    assert not {"SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"} & passed_on.keys()


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "SSL_CERT_FILE"),
        ("certificate verify failed: unable to get local issuer certificate", "SSL_CERT_FILE"),
        ("no route to host", "the network or the package index"),
    ],
)
def test_a_failure_says_what_to_do(
    install: ModuleType, capfd: pytest.CaptureFixture[str], words: str, advice: str
) -> None:
    with pytest.raises(SystemExit):
        install.do("installing", [sys.executable, "-c", f"raise SystemExit({words!r})"])
    first, last = capfd.readouterr().err.splitlines()
    assert first == words
    assert last.startswith("sojourn: installing failed (above)")
    assert advice in last


@pytest.mark.parametrize("lock", some(["run", "runtime"], 2))
def test_the_product_imports_with_what_its_lock_names(lock: str) -> None:
    """The tests' own environment has more, and hides what a newcomer's lacks."""
    script = [sys.executable, "-m", "tests.orchestrator.import_with_lock", f"requirements/{lock}.lock"]
    done = subprocess.run(script, cwd=REQUIREMENTS.parent, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 500
