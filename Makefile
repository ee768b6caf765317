# On a fresh machine: `make quickstart` runs the whole loop, `make quickstart-preference` the instruction track,
# `make test` all tests. Each sets up first.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup quickstart quickstart-preference test unit lint

setup: .venv/ready

.venv/ready: requirements/cpu.txt requirements/setup.sh
	PYTHON=$(PYTHON) sh requirements/setup.sh

quickstart: setup
	$(BIN)/csi-train run recipes/quickstart_writer.yaml --resume
	$(BIN)/csi-train run recipes/quickstart.yaml --resume

quickstart-preference: setup
	$(BIN)/csi-train run recipes/quickstart_reward.yaml --resume
	$(BIN)/csi-train run recipes/quickstart_preference.yaml --resume

test: lint
	$(BIN)/pytest

unit: lint
	$(BIN)/pytest -m "not e2e"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
