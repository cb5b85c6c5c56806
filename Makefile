# The commands a person needs; each installs what it uses.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: setup app demo test browser-test test-all lint bench clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) -e ".[train,app,dev]"
	@touch $@

$(VENV)/.ready-app: $(VENV)/.ready
	$(PIP) -e ".[app]"
	@touch $@

app: $(VENV)/.ready-app ## the decision room in the browser
	$(THREADS) $(BIN)/renewal app

demo: $(VENV)/.ready ## one minute of search on the embedded Beijing
	$(THREADS) $(BIN)/renewal optimize --city beijing --scenario balanced --minutes 1 --seed 1 --threads 2 --out runs/demo-$$(date +%Y%m%d-%H%M%S)

test: $(VENV)/.ready-dev
	$(THREADS) $(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

browser-test: $(VENV)/.ready-dev ## a real browser walks through the decision room; needs chromium and chromium-driver
	$(THREADS) $(BIN)/python -m pytest tests/app/web/test_browser.py

test-all: $(VENV)/.ready-dev
	$(THREADS) $(BIN)/python -m pytest

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready-dev
	$(THREADS) $(BIN)/renewal bench

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
