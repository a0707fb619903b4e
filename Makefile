# Each target makes .venv and installs what it needs; the second time that costs nothing.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: conformance test lint campaign setup clean

conformance: $(READY)
	@$(BIN)/pdpp-tck run

test: $(READY)
	@$(BIN)/pytest --numprocesses 2 --dist loadfile

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pdpp_tck.lint

# Long runs that `make test` leaves out.
campaign: $(READY)
	@$(BIN)/python tests/campaign/thousand_runs.py
	@$(BIN)/python tests/campaign/many_missing.py

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv is missing; on Debian install the package python3-venv" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[postgres,dev]'
	@touch $@

clean:
	rm -rf .venv
