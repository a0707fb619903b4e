# Each target makes .venv and installs what it needs; the second time that costs nothing.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

# Compiled modules are kept whatever the caller's environment says: our programs are started hundreds of
# times, and without them each start compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

# Scenes, databases and the tests' folders are thrown away in the end; where memory has room for them
# they need no disk. TMPDIR says otherwise.
ROOMY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 { print "/dev/shm" }')
ifneq ($(ROOMY),)
export TMPDIR ?= $(ROOMY)
endif

.PHONY: conformance test test-long lint falsify bench campaign setup clean

conformance: $(READY)
	@$(BIN)/pdpp-tck run

# Not run again while nothing is different from when they passed; AGAIN=1 runs them whatever was. More processes
# than the two cores of a small machine, because tests wait.
test: $(READY)
	@$(BIN)/python tests/unchanged.py $(if $(AGAIN),--again) \
		--numprocesses 4 --dist worksteal -m "not long" tests

# What proves the tests themselves, or says once more on another way what a quicker one says.
test-long: $(READY)
	@$(BIN)/pytest --numprocesses 3 --dist worksteal -m long tests

# The kit against mutants, which it must catch, and legal variants, which it must let pass.
falsify: $(READY)
	@$(BIN)/pdpp-tck falsify

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pdpp_tck.lint

# Ratios to what bounds us, measured by turns in one run; nothing else should run beside it.
bench: $(READY)
	@$(BIN)/python bench

# Long runs that `make test` leaves out.
campaign: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[campaign]'
	@$(BIN)/python tests/campaign/survivors.py
	@$(BIN)/python tests/campaign/fuzz.py 60
	@$(BIN)/python tests/campaign/thousand_runs.py
	@$(BIN)/python tests/campaign/many_missing.py
	@$(BIN)/python tests/campaign/crashes.py
	@$(BIN)/python tests/campaign/several_hosts.py
	@$(BIN)/python tests/campaign/weakened.py
	@$(BIN)/python tests/campaign/readers.py
	@$(BIN)/python tests/campaign/gigabyte.py
	@$(BIN)/python tests/campaign/examples.py
	@PDPP_STEPS=10000 $(BIN)/pytest -q -p no:cacheprovider tests/storage/test_model.py tests/host/readmodel
	@PDPP_STEPS=10000 $(BIN)/pytest -q -p no:cacheprovider tests/host/web/test_any_interleaving.py
	@PDPP_EXAMPLES=3000 $(BIN)/pytest -q -p no:cacheprovider tests/host/summaries/test_properties.py \
		tests/artifacts/test_anything.py
	@PDPP_MESSAGES=10000 $(BIN)/pytest -q -p no:cacheprovider tests/host/runtime/test_mail_at_scale.py

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv is missing; on Debian install the package python3-venv" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[imap,postgres,dev]'
	@touch $@

clean:
	rm -rf .venv
