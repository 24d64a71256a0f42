# make run, make test: everything else that they need, they do first. `make help` lists all.

DURATION ?= 60s
# Hours after the profile's start, a Monday 00:00 UTC: evening in China, where most of the shop's people live.
OFFSET ?= 12
BIN := .venv/bin
STAMP := .venv/.installed

REAL := tests/conformance/real
BENCH := tests/benchmarks
COUNT ?= 1000
MINUTES ?= 30

.PHONY: help install run test conformance invariants heldout bench-datasets bench-load soak lint format types imports lock clean
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

install: $(STAMP) ## Set up .venv from requirements.lock; .venv/bin/rumsim works after it

run: install ## Load on the embedded collector for DURATION (60s), then the audit. FAULT=drop=0.001 misbehaves; ARGS= goes to Locust
	$(BIN)/locust -f locustfile.py --headless --only-summary -t $(DURATION) --rum-offset $(OFFSET) $(if $(FAULT),--rum-fault $(FAULT)) $(ARGS)

test: install ## Run the tests. ARGS= goes to pytest
ifeq ($(ARGS),)
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --ignore=tests/load --ignore=tests/test_readme.py
	$(BIN)/python -m pytest -q tests/load tests/test_readme.py  # real runs, which want the machine for themselves
else
	$(BIN)/python -m pytest -q $(ARGS)
endif

conformance: install $(REAL)/node_modules/.installed ## COUNT (1000) random scenarios through the real SDK (npm, Node) and the core. ARGS=--seed=7 repeats
	$(BIN)/python tests/conformance/random_scenarios.py --count $(COUNT) $(ARGS)

invariants: install ## Check what is true of every event on a million of them: about a minute. ARGS= goes to the program
	$(BIN)/python $(BENCH)/check_invariants.py $(ARGS)

heldout: install ## Profiles fitted on half of the readers against the other half, 20 splits: minutes. ARGS= goes to check_held_out.py
	$(BIN)/python $(BENCH)/check_held_out.py $(ARGS)

bench-datasets: install build/peers/.installed ## Speed of datasets beside json, Faker, Mimesis and tpchgen: twenty minutes. ARGS=--quick is rough
	$(BIN)/python $(BENCH)/bench_datasets.py $(ARGS)

bench-load: install build/peers/.installed ## What load costs beside wrk and FastHttpUser, its lag and memory: a quarter of an hour. ARGS=--quick is rough
	$(BIN)/python $(BENCH)/bench_load.py $(ARGS)

soak: install ## Load for MINUTES (30) on the embedded collector and on nginx: memory, lag and losses by the minute. ARGS= goes to soak.py
	$(BIN)/python $(BENCH)/soak.py --minutes $(MINUTES) $(ARGS)

lint: install ## Check the style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install ## Lay the code out as `make lint` wants it
	$(BIN)/ruff format .

types: install ## Check the types
	$(BIN)/mypy

imports: install ## Check which room imports which
	$(BIN)/lint-imports --no-logo

COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

# Hashes of everything, the build's own needs included; no path and no address. `all` is spelled out: pip-compile writes a path for an extra that
# names its own project.
lock: install ## Write requirements.lock anew from pyproject.toml, and the lock of what benchmarks measure beside us
	$(COMPILE) --extra load --extra compiled --extra collector --extra columns --extra dask --extra audit --extra fit --extra dev \
	  -o requirements.lock pyproject.toml
	$(COMPILE) -o $(BENCH)/peers.lock $(BENCH)/peers.in

clean: ## Remove what can be made again; runs/ stays
	rm -rf .venv build dist __pycache__ .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find simulator tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(REAL)/node_modules/.installed: $(REAL)/package-lock.json
	cd $(REAL) && npm ci --ignore-scripts --no-fund --no-audit
	@touch $@

build/peers/.installed: $(BENCH)/peers.lock
	rm -rf $(@D)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target $(@D) -r $<
	@touch $@

# The lock is tested with Python 3.11. PYTHON=... names another one.
$(STAMP): requirements.lock pyproject.toml
	@set -e; \
	for python in $(or $(PYTHON),python3 python3.11 python3.12 python3.13); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "rumsim needs Python 3.11 or later; found none as $(or $(PYTHON),python3). Install it, or name it: make install PYTHON=/path/to/python3.11" >&2; exit 2; \
	fi; \
	echo "Setting up .venv with $$("$$found" --version) (once, and again when requirements.lock or pyproject.toml changes)"; \
	"$$found" -m venv --clear .venv || { echo "$$found cannot make a virtual environment (on Debian: apt-get install python3-venv)" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check --disable-pip-version-check >/dev/null || { $(BIN)/python -m pip check; exit 1; }
	@touch $@
