# `make run` and `make test` need nothing but Python >= 3.11, make and the package registry.
PYTHON ?= python3
VENV ?= .venv
SITE ?= demo
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# One more than cores: many tests wait, for pauses that are kept and for processes that start.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.PHONY: run test crash trials check bench build clean
.DEFAULT_GOAL := run

run: $(VENV)/.run
	@$(BIN)/crawler run --site $(SITE)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

crash: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) -m "slow and ci"

trials: $(VENV)/.ocr
	$(BIN)/python -m pytest -n $(WORKERS) -m slow

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/crawl.py
	$(BIN)/python benchmarks/extract.py

build: $(VENV)/.dev
	rm -rf dist && $(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing (once) …"
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing the test tools (once) …"
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.ocr: $(VENV)/.dev
	@echo "installing what reads scans (once, 350 MB) …"
	@$(PIP) install -c constraints.txt -e '.[ocr]'
	@touch $@
