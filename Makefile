# The commands a person needs; each installs what it uses.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# Every check that needs no run of the whole suite. `make lint` and .pre-commit-config.yaml run these, by name.
CHECKS := check-style check-format check-types check-layers check-texts check-pages

# A search knows no preferences: the run of the first serves the other presets with its bounds.
PLANNER_PRESETS := investment_first by_the_rules binding
PLANNER_EVALUATIONS := 4000

.PHONY: setup app demo test browser-test test-all lint $(CHECKS) pictures room-pictures planner-check site bench clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) -e ".[train,app,docs,dev]"
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

lint: $(CHECKS) ## every check that needs no run of the whole suite

check-style: $(VENV)/.ready-dev
	$(BIN)/ruff check .

check-format: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .

check-types: $(VENV)/.ready-dev
	$(BIN)/mypy

check-layers: $(VENV)/.ready-dev ## the order of folders, as pyproject.toml says
	$(BIN)/lint-imports

check-texts: $(VENV)/.ready-dev ## both languages of every text
	$(THREADS) $(BIN)/python -m pytest -q tests/data/test_catalogue.py

check-pages: $(VENV)/.ready-dev ## links and sentences of the docs, the picture of the house, the page of parameters
	$(THREADS) $(BIN)/python -m pytest -q tests/docs/test_pages.py tests/docs/test_architecture_picture.py tests/docs/test_parameters_page.py

# An open room, and a run with two of its plans: make room-pictures ADDRESS=http://localhost:8501 RUN=first PLAN=p001 OTHER=p002
room-pictures: $(VENV)/.ready-dev ## every page of an open room, wide, on a phone, in the dark and printed, in build/room, to be looked at
	mkdir -p build/room
	$(BIN)/python tests/app/web/room_pictures.py $(ADDRESS) build/room run=$(RUN) plan=$(PLAN) other=$(OTHER)

pictures: $(VENV)/.ready ## draws the house again and writes the page of parameters, after imports or the book changed
	$(BIN)/python docs/architecture_picture.py
	$(BIN)/python docs/parameters_page.py

planner-check: $(VENV)/.ready ## the page of what a planner would check: a search for every preset, then the page
	for preset in $(PLANNER_PRESETS); do \
		$(THREADS) $(BIN)/renewal optimize --city beijing --scenario $$preset --out build/planner/$$preset --seed 0 --evaluations $(PLANNER_EVALUATIONS) || exit 1; done
	$(BIN)/python docs/planner_check.py build/planner

site: $(VENV)/.ready-dev ## the pages and the API as a web site, in build/site
	$(BIN)/mkdocs build --strict --site-dir build/site

bench: $(VENV)/.ready-dev
	$(THREADS) $(BIN)/renewal bench

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
