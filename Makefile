# Two commands on a fresh machine: `make quickstart` runs the whole loop, `make test` runs all tests. Both set up first.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup quickstart test unit lint

setup: .venv/ready

.venv/ready: requirements/cpu.txt requirements/setup.sh
	PYTHON=$(PYTHON) sh requirements/setup.sh

quickstart: setup
	$(BIN)/csi-train run recipes/quickstart.yaml --resume

test: lint
	$(BIN)/pytest

unit: lint
	$(BIN)/pytest -m "not e2e"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
