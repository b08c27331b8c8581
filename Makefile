# Everything one does with this repository, one target each. `make help` lists them.
# Files under .venv and node_modules named `.done-…` remember what is installed: nothing is installed twice.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
export UV_SYSTEM_CERTS := 1
unexport VIRTUAL_ENV

BIN := .venv/bin
PIP := $(BIN)/uv pip install --quiet --python $(BIN)/python
LOCKED := $(PIP) --require-hashes --requirement
COMPILE := $(BIN)/python -m compileall -q -j 0
APP := .venv/.done-app
BYTECODE := .venv/.done-bytecode
EXTRAS := .venv/.done-extras
DEV := .venv/.done-dev
UPSTREAM := tests/upstream/node_modules/.done

# Passed on to the command of `demo`, `run`, `bench` and `screenshots`.
ARGS ?=
# What pytest is told: files, -k, -x; `make test TESTS="tests/spec -x"`.
TESTS ?=
# Processes that share the tests; 0 runs them in one.
WORKERS ?= 2

##@ Use
.PHONY: demo run install install-extras
demo: install ## set everything up and run the demo: make demo ARGS="--port 9300 --no-browser"
	@$(BIN)/assent demo $(ARGS)

run: install ## run the server of ./assent.toml (or of $ASSENT_CONFIG): make run ARGS="--help"
	@$(BIN)/assent serve $(ARGS)

install: $(APP) $(BYTECODE) ## only install: leaves a working .venv/bin/assent

install-extras: $(EXTRAS) ## install besides what only some need: signing in by SAML

##@ Change
.PHONY: test check format docs services services-stop
test: $(DEV) $(UPSTREAM) $(BYTECODE) debian-packages ## install what the tests need, run all of them, stop what was started
	@$(BIN)/python -m scripts.services run -- $(BIN)/python -m pytest --numprocesses $(WORKERS) $(TESTS)

check: $(DEV) ## format, lint, types, floors, messages, generated pages: what CI refuses
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m scripts.check_messages
	$(BIN)/python -m scripts.generate --check

format: $(DEV) ## format the code and repair what the linter can
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

docs: $(DEV) ## write the generated pages anew
	$(BIN)/python -m scripts.generate

services: $(DEV) $(UPSTREAM) debian-packages ## start the tests' PostgreSQL and leave it, to run pytest by hand
	@$(BIN)/python -m scripts.services start

services-stop: $(DEV) ## stop what `make services` started
	@$(BIN)/python -m scripts.services stop

##@ Measure and look
.PHONY: bench screenshots gallery
bench: $(DEV) $(BYTECODE) debian-packages ## requests a second and CPU per request, on SQLite and PostgreSQL
	@$(BIN)/python -m scripts.services run -- $(BIN)/python -m benchmarks $(ARGS)

screenshots: $(DEV) $(UPSTREAM) debian-packages ## every page as a picture, into screenshots/ and docs/images: phone and desktop, light and dark
	@$(BIN)/python -m scripts.screenshots $(ARGS)

gallery: $(DEV) debian-packages ## the skins that come with the product, as pictures for docs/gallery.md
	@$(BIN)/python -m scripts.gallery
	@$(if $(ARGS),,ASSENT_DRAW=1 $(BIN)/python -m pytest --quiet --numprocesses $(WORKERS) tests/looks/test_live_pages.py)

##@ Keep up
.PHONY: lock clean help
lock: .venv/.done-uv ## lock the dependencies anew: make lock ARGS=--upgrade for newer versions
	scripts/lock.sh $(ARGS)

clean: ## remove what was installed and built here
	rm -rf .venv tests/upstream/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

help: ## this list
	@awk -f scripts/help.awk $(MAKEFILE_LIST)

# --- how things get installed ---------------------------------------------------------------------------------------

.PHONY: debian-packages
debian-packages:
	@scripts/debian.sh "/usr/lib/postgresql/*/bin/initdb=postgresql" chromium=chromium xmlsec1=xmlsec1 \
	    /usr/sbin/slapd=slapd ldapmodify=ldap-utils /usr/sbin/nginx=nginx-light \
	    "/usr/lib/*/libatomic.so.1=libatomic1" # which the Node inside Playwright asks for

.venv/.done-uv: requirements/uv.txt scripts/venv.sh
	scripts/venv.sh
	@touch $@

$(APP): .venv/.done-uv requirements/app.txt requirements/build.txt pyproject.toml
	$(LOCKED) requirements/app.txt --requirement requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@$(COMPILE) -q -x '/(pip|setuptools|pkg_resources)/' .venv/lib || true # packages bring files that are no Python of ours
	@touch $@

# Where Python may not write down what it compiled (PYTHONDONTWRITEBYTECODE, a user who owns nothing here), every start
# would compile everything anew, and that takes as long as the rest of it.
$(BYTECODE): $(APP) $(shell find src/assent -name '*.py')
	@$(COMPILE) src/assent
	@touch $@

$(EXTRAS): $(APP) requirements/extras.txt
	$(LOCKED) requirements/extras.txt
	@touch $@

$(DEV): $(EXTRAS) requirements/dev.txt
	$(LOCKED) requirements/dev.txt
	@touch $@

$(UPSTREAM): .venv/.done-uv tests/upstream/package-lock.json requirements/node.txt scripts/node.sh
	scripts/node.sh npm ci --prefix tests/upstream --silent --no-audit --no-fund
	@touch $@
