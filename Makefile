# Every target makes .venv first, if need be; .venv/bin/closeout is the command.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help demo up test lint mutants bench scale chaos lock clean

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# Twice as many as there are cores: tests wait for servers about as long as they compute.
WORKERS := $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))
TEST ?= -n $(WORKERS) --dist worksteal
CASES ?= 100000
LAW ?=
SEED ?= 1
KILLS ?= 20
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --quiet

help: ## say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: $(STAMP) ## a nonconformity from report to close-out, on the real servers, in seconds
	$(BIN)/closeout demo

up: $(STAMP) ## everything on this machine, data under .closeout
	$(BIN)/closeout up

test: $(STAMP) ## the tests; TEST="-k word" for some of them
	$(BIN)/pytest $(TEST)

lint: $(STAMP) ## style, types, import directions, migrations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/squawk activities/sql/migrations/*.sql

mutants: $(STAMP) ## change the rules by one thing at a time and see whether the tests notice; takes minutes; LAW=workflows.policy for less
	$(BIN)/python -m tests.rules.mutants $(LAW)

bench: $(STAMP) ## measure against the goals; bench/out/latest.json
	$(BIN)/python -m bench

scale: $(STAMP) ## open 100,000 cases and see what grows; bench/out/scale.json; CASES=2000 for fewer
	$(BIN)/python -m bench.scale --cases $(CASES)

chaos: $(STAMP) ## kill, stop and cut everything under load, then check; bench/out/chaos-SEED.json; SEED=2, KILLS=5 for less
	$(BIN)/python -m tests.chaos --seed $(SEED) --kills $(KILLS)

lock: $(STAMP) ## pin the requirements anew: hashes, no addresses
	$(COMPILE) --upgrade -o requirements/runtime.txt
	$(COMPILE) --upgrade --extra embedded --group dev -c requirements/runtime.txt -o requirements/dev.txt

clean: ## what was made here, data under .closeout apart
	rm -rf .venv build dist bench/out *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .grimp_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The project itself is built by the pinned setuptools, without a network. pip is told by the lock, too.
$(STAMP): requirements/dev.txt pyproject.toml
	@if command -v uv >/dev/null; then \
		uv venv --quiet --allow-existing --python $(PYTHON) .venv; \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt; \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		$(PYTHON) -m venv .venv; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt; \
		PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@
