# Everything that is done with this repository, from a fresh clone with Python, pip and make alone.
#   make demo    the product with accounts and a sample batch, until Ctrl-C   (PORT=8001: at another port than 8000;
#                  DEMO_ONCE=1: ends after the report)
#   make test    every check that a change must pass

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
WORKERS ?= 3

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))

.DEFAULT_GOAL := help
.PHONY: help demo test lint format browser bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## run the product with demo accounts and a sample batch
	$(BIN)/iqies demo $(if $(DEMO_ONCE),--once) $(if $(PORT),--port $(PORT))

test: lint browser ## check style, types and contracts, then run every test
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(INSTALLED_DEV) ## check style, types and contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED_DEV) ## put the code into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

browser: ## find Chromium for the browser tests, or install it
	scripts/install-browser

bench: $(INSTALLED_DEV) ## measure; the numbers go into docs/performance.md
	$(BIN)/python -m benchmarks.validate
	$(BIN)/python -m benchmarks.worker
	$(BIN)/python -m benchmarks.access
	$(BIN)/python -m benchmarks.role_requests
	$(BIN)/python -m benchmarks.providers
	$(BIN)/python -m benchmarks.audit

clean: ## remove what make made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found. Install it, or name it: make PYTHON=/path/to/python3 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(INSTALLED_DEV): pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,postgresql]'
	touch $@ $(INSTALLED)
