# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
SCREEN := xvfb-run -a -s "-screen 0 1920x1080x24 +extension GLX" env QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1
OUT ?= out
PROCESSES ?= 2
# A module stays in one process; the fault runs, which take longest, come first.
TESTS := $(BIN)/python -m pytest -q -n $(PROCESSES) --dist loadscope --no-loadscope-reorder

.PHONY: demo test lint audit bench screenshots soak clean setup

setup: .venv/ready

.venv/ready: pyproject.toml packaging/constraints.txt packaging/system-packages.txt
	sh packaging/system-packages.sh
	$(PYTHON) -c 'import sys; sys.exit("musicdesk needs Python 3.11 or newer; say make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c packaging/constraints.txt torch
	$(BIN)/pip install --quiet --disable-pip-version-check -c packaging/constraints.txt -e '.[dev]'
	touch $@

demo: setup
	$(BIN)/musicdesk demo

test: setup lint
	$(TESTS) tests/unit -m 'not long and not display'
	$(TESTS) tests --ignore=tests/unit -m 'not long and not display'
	$(SCREEN) $(BIN)/python -m pytest tests -m 'display and not long' -q

lint: setup
	$(BIN)/ruff check musicdesk tests
	$(BIN)/ruff format --check musicdesk tests
	$(BIN)/mypy
	$(BIN)/lint-imports

# Known weaknesses of what is pinned; asks the advisories of PyPI itself (a mirror has none, and then it fails).
audit:
	$(PYTHON) -m venv $(OUT)/audit
	$(OUT)/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	$(OUT)/audit/bin/pip-audit --strict --no-deps --disable-pip -r packaging/constraints.txt

bench: setup
	for file in tests/benchmarks/bench_*.py; do echo "== $$file"; $(SCREEN) $(BIN)/python -m tests.benchmarks.$$(basename $$file .py) || echo "(a bar was missed)"; done

screenshots: setup
	mkdir -p $(OUT)
	$(BIN)/musicdesk --profile $(OUT)/profile demo --no-gui
	$(SCREEN) $(BIN)/python -m musicdesk.gui.screenshots $(OUT)/screenshots --profile $(OUT)/profile/demo

# Hundreds of repetitions of what `make test` does quickly, then faults at random writes for MINUTES.
MINUTES ?= 60
soak: setup
	$(BIN)/python -m pytest tests -m long -q -rP --hypothesis-profile=drawn
	$(TESTS) tests/unit -m 'not long and not display' --hypothesis-profile=drawn
	$(BIN)/python -m tests.faults.soak --minutes $(MINUTES)

clean:
	rm -rf .venv build dist out *.egg-info
