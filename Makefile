# What one types to work on Ostatok. It needs Python 3.11 or newer, make and the package registries.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.set-up

.PHONY: help setup demo test lint bench browser messages requirements

help:  ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP)  ## make the virtual environment .venv, or bring it up to date

# Written last, so that an interrupted set-up is done again.
$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: setup  ## run the main job on real purchases, then serve the pages
	$(BIN)/ostatok demo

test: lint  ## check and test everything
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(PYTEST)

lint: setup  ## check style, types and the layers of the packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## measure, beside the limits of this machine
	$(BIN)/ostatok bench

messages: setup  ## bring the catalogues of translations up to date with the source
	$(BIN)/python -m tests.translations.messages

browser:  ## install Chromium for the browser tests (Debian, as root)
	apt-get update -q && apt-get install -qy --no-install-recommends chromium chromium-driver

# Wanted after a change of requirements.in or requirements-dev.in; uv comes from anywhere. No index is named.
UV := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
requirements:  ## pin the requirements anew (needs uv)
	$(UV) --upgrade requirements.in --output-file requirements.txt
	$(UV) --upgrade requirements-dev.in --output-file requirements-dev.txt
