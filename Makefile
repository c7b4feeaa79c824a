# `make` alone lists what there is to do. Everything is installed into .venv, pinned and checked by hash.

PYTHONS := python3.13 python3.12 python3.11 python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet --quiet
PFENNIG := .venv/requirements.installed
TOOLS := .venv/requirements-dev.installed
# A third of what tests do is waiting, so there is work for one process more than there are cores.
BUSY := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# What one process has compiled is there for all that follow, whatever the machine says of its own accord.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo run test test-all coverage mutate browser bench soak cluster-test lint format docs fonts wheel install install-dev requirements clean

help: ## List what there is to do
	@sed -En 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

demo: $(PFENNIG) ## Pay with the demo merchant (ONCE=1: by itself, then stop; PORT=8081)
	@$(BIN)/pfennig demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

run: $(PFENNIG) ## Serve on SQLite at 127.0.0.1:8080 (PORT=8081)
	@$(BIN)/pfennig serve $(if $(PORT),--port $(PORT))

test: $(TOOLS) ## Run the tests, on SQLite and, where it differs, PostgreSQL, and in a browser
	@scripts/needs
	@$(BIN)/pytest --numprocesses=$(BUSY) --dist=worksteal

test-all: $(TOOLS) ## Run the tests with everything: each on both databases, every journey, long random lives
	@scripts/needs
	@$(BIN)/pytest --numprocesses=$(BUSY) --dist=worksteal --everything -p randomly

coverage: $(TOOLS) ## Tell which lines and branches the tests reach, all but those in a browser
	@scripts/needs
	@$(BIN)/pytest --numprocesses=$(BUSY) --dist=worksteal --ignore=tests/browser \
	    --cov=pfennig --cov-branch --cov-context=test --cov-report=term:skip-covered

mutate: $(TOOLS) ## Change small things, one at a time, and tell which no test noticed: all in domain/, 300 in operations/ (SEED=60)
	@test -e .coverage || $(MAKE) coverage
	@nice $(BIN)/python scripts/mutants.py --room domain $(if $(SEED),--seed $(SEED))
	@nice $(BIN)/python scripts/mutants.py --room operations/core operations/pay --count 300 $(if $(SEED),--seed $(SEED))

browser: $(TOOLS) ## Walk every way through the checkout, in Firefox, too, with pictures of all screens in build/screens
	@scripts/needs firefox
	@rm -rf build/screens
	@SCREENS=build/screens $(BIN)/pytest --numprocesses=auto --dist=worksteal tests/browser/test_screens.py tests/browser/test_journeys.py \
	    tests/browser/test_firefox.py
	@$(BIN)/python scripts/screens.py build/screens

bench: $(TOOLS) ## Measure on this machine (PARTS="operations rows": only these)
	@scripts/needs
	@$(BIN)/python -m bench $(PARTS)

soak: $(TOOLS) ## Play accidents, random lives of payments and random requests at length (MINUTES=20 of each)
	@scripts/needs
	@SOAK_MINUTES=$(or $(MINUTES),20) $(BIN)/pytest --everything tests/stories/test_kills.py tests/operations/test_lives.py tests/test_fuzz.py

cluster-test: $(TOOLS) ## Kill and cut off databases of a cluster of five hosts (as root)
	@$(BIN)/python -m cluster

lint: $(TOOLS) ## Check style, types and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(TOOLS) ## Put the code in shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: $(PFENNIG) ## Write the reference pages from the tables, and what all migrations make of a new SQLite file
	@$(BIN)/python scripts/docs.py
	@$(BIN)/python scripts/tables.py

fonts: $(TOOLS) ## Cut the fonts of the checkout out of whole ones
	@$(BIN)/python scripts/fonts.py

wheel: $(PFENNIG) ## Build dist/pfennig-….whl, which pip installs anywhere
	@rm -rf build
	@$(PIP) wheel --no-build-isolation --no-deps --wheel-dir dist .
	@ls dist/*.whl

install: $(PFENNIG) ## Install what Pfennig needs

install-dev: $(TOOLS) ## Install what tests and lint need, too

requirements: | $(BIN)/pip ## Pin the requirements anew (UPGRADE=1: at today's versions)
	@test -x $(BIN)/uv || $(PIP) install uv
	@$(call pin,requirements.txt)
	@$(call pin,requirements-dev.txt,--group dev --constraints requirements.txt)

clean: ## Remove what was installed and built; data stays
	@rm -rf .venv build dist src/*.egg-info .*_cache .hypothesis

# The build backend is among the pins, so that installing the package itself fetches nothing. The pins are complete, so
# nothing is resolved; what is imported is compiled then.
.venv/%.installed: %.txt pyproject.toml | $(BIN)/pip
	@echo "Installing $< into .venv"
	@$(PIP) install --no-deps --no-compile --require-hashes -r $<
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(BIN)/pip:
	@for python in $(PYTHONS); do \
	    $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    exec $$python -m venv --clear .venv; \
	done; \
	echo 'Pfennig needs Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv).' >&2; \
	exit 1

pin = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-annotate $(if $(UPGRADE),--upgrade) --group build $(2) --output-file $(1) pyproject.toml
