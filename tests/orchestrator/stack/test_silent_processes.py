"""`sojourn run` replaces a process of its own that is there and does nothing: frozen by SIGSTOP, as a hang would be."""

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from orchestrator.stack.ports import reserve_port
from tests.orchestrator.stack.test_supervisor import ROOT, Run, restarted
from tests.waiting import until_true

SILENT_AFTER = 6
"""Seconds; longer than a process that lives is silent on a machine that others use."""


@pytest.mark.long
@pytest.mark.timeout(400)
def test_each_that_is_frozen_is_replaced_and_no_other(servers_dir: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SOJOURN_DATA_DIR": str(servers_dir.parent / "silent"),
        "SOJOURN_PORT": str(reserve_port()),
        "SOJOURN_TEMPORAL_PORT": str(reserve_port()),
        "SOJOURN_TEMPORAL_UI_PORT": str(reserve_port()),
        "SOJOURN_DEMO": "0",
        "SOJOURN_SILENT_AFTER": str(SILENT_AFTER),
    }
    command = [sys.executable, "-m", "orchestrator.cli", "run"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    assert process.stdout
    with process.stdout:
        try:
            run = Run(process, Path(environment["SOJOURN_DATA_DIR"]), int(environment["SOJOURN_PORT"]))
            run.until("Sojourn is ready")
            for name in ("worker", "router", "api"):
                others = {one: pid for one, pid in run.pids().items() if one != name}
                before = run.pid(name)
                os.kill(before, signal.SIGSTOP)
                run.until(f"{name} has given no sign of life for {SILENT_AFTER} s; replacing it")
                until_true(functools.partial(restarted, run, name, before))
                assert not psutil.pid_exists(before)
                assert {one: pid for one, pid in run.pids().items() if one != name} == others, "no other is touched"
            assert run.end() == 0
        finally:
            process.kill()
            process.wait()
