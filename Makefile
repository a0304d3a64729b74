# `make demo` and `make test` need Python 3.10 or newer, make and git; everything else goes into $(VENV).

VENV ?= .venv
SHOP := build/shop
PYTEST_ARGS ?=

# The first interpreter that is new enough; `make PYTHON=python3.12 test` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$p && break; done)

.PHONY: demo test lint format clean help

help:
	@echo "make demo    lint the example shop, mend a copy of it, run its tests before and after"
	@echo "make test    all tests"
	@echo "make lint    ruff and mypy on the project itself"
	@echo "make format  ruff's formatter and safe fixes"

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.10 or newer found; say make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.user: $(VENV)/.made pyproject.toml
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/.user

demo: $(VENV)/.user
	@rm -rf $(SHOP) && mkdir -p build && cp -R examples/shop $(SHOP)
	@echo; echo "== The shop's own tests, before"
	@bin=$$(cd "$(VENV)/bin" && pwd) && cd $(SHOP) && "$$bin/python" -m unittest 2>&1 | tail -n 3
	@echo; echo "== sqlite-lint examples/shop"
	@$(VENV)/bin/sqlite-lint --no-cache examples/shop || test $$? -eq 1
	@echo; echo "== sqlite-lint --fix --unsafe-fixes --diff examples/shop"
	@$(VENV)/bin/sqlite-lint --no-cache --fix --unsafe-fixes --diff examples/shop || test $$? -eq 1
	@echo; echo "== The same, written to a copy in $(SHOP)"
	@bin=$$(cd "$(VENV)/bin" && pwd) && cd $(SHOP) && "$$bin/sqlite-lint" --no-cache --fix --unsafe-fixes .
	@echo; echo "== The shop's own tests, after"
	@bin=$$(cd "$(VENV)/bin" && pwd) && cd $(SHOP) && "$$bin/python" -m unittest 2>&1 | tail -n 3

test: $(VENV)/.dev
	$(VENV)/bin/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev
	@failed=0; for program in "ruff check ." "ruff format --check ." mypy; do \
		echo "$$program"; $(VENV)/bin/$$program || failed=1; done; exit $$failed

format: $(VENV)/.dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean:
	rm -rf build dist *.egg-info .venv .venv-ci .mypy_cache .pytest_cache .ruff_cache .hypothesis .sqlite_lint_cache
