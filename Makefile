# Everything a newcomer needs: `make run` and `make test`. Both set themselves up first, and only when something changed.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is new enough; `make PYTHON=/path/to/python3` overrides. An old one is passed on, to be told so.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; exit; }; done; echo python3)
BIN := .venv/bin
# Tests side by side, one more than there are cores, for many wait for servers; who is done takes over from who is not.
# `make test PYTEST_ARGS=` runs them one after the other.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))' 2>/dev/null || echo 2)
PYTEST_ARGS ?= -n $(WORKERS) --dist worksteal
# What a change touches: `make test-changed SINCE=HEAD~3 STEPS=2` (no further away than two imports).
SINCE ?= main
RUN_ARGS ?=
STEPS ?=

# Some images forbid Python to keep what it compiled: then every process of the tests compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-run run test test-changed test-long check lint messages bench lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# `make run` needs no tools of the tests: a smaller lock, sooner there.
setup setup-run:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "sojourn: no Python found. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 2; }
	@$(PYTHON) requirements/install.py $(if $(filter setup-run,$@),run,dev)

setup:  ## make .venv from the hashed locks (does nothing when up to date)

run: setup-run  ## start everything on this machine, with a demo shop; Ctrl-C stops it (RUN_ARGS=--no-browser)
	@exec $(BIN)/sojourn run $(RUN_ARGS)

test: setup  ## the tests (finds or installs a browser for those of the console), and the slowest twenty
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m pytest --durations 20 $(PYTEST_ARGS)

test-changed: setup  ## the tests that import, from near or far, what was changed since SINCE (main)
	@$(BIN)/python -m tests.changed $(SINCE) $(STEPS) | xargs -r $(BIN)/python -m pytest $(PYTEST_ARGS)

test-long: setup  ## every test, with all examples of every property: at night, and before a release
	@$(BIN)/python -m tests.chromium
	TEST_LONG=1 $(BIN)/python -m pytest --durations 20 $(PYTEST_ARGS)

check: lint test  ## every check: ruff, mypy, import contracts, the canvas's types, tests

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python web/canvas/build.py run check

messages: setup  ## bring the catalogues (orchestrator/core/locale/*.po) in line with the sources
	@$(BIN)/python -m tools.messages

bench: setup  ## the benchmarks (see bench/README.md)
	$(BIN)/python -m bench

lock: setup  ## resolve the dependencies anew into requirements/*.lock (needs uv)
	@command -v uv >/dev/null 2>&1 || { echo "sojourn: make lock needs uv (pip install uv)." >&2; exit 2; }
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		pyproject.toml -o requirements/runtime.lock
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--extra embedded --extra build --extra dev -c requirements/runtime.lock pyproject.toml -o requirements/dev.lock
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--extra embedded --extra build -c requirements/dev.lock pyproject.toml -o requirements/run.lock
	echo uv | uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate - -o requirements/installer.lock

clean:  ## remove what was built (.venv, caches); data in .sojourn/ stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
