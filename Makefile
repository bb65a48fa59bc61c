# Needs git, make and Python 3.11 or newer with venv; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs readme accuracy claims bench week lock clean

help: ## show what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: $(READY) ## what twenty background subtasks cost under seven deployments: a table and pictures
	@$(BIN)/burncurve compare openclaw-stock-monitor --replications 1  # 100 of them first compile the engine, half a minute

test: lint ## everything that must hold
	$(BIN)/pytest -q -n 2 --dist loadfile

lint: $(READY) ## style, types and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY) ## the documentation, with its examples run, in docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

readme: $(READY) claims ## run every example of README.md and docs/ and write down what it prints now
	$(BIN)/python docs/executed.py README.md docs/*.md docs/lessons/*.md

accuracy: $(READY) ## write docs/accuracy.md from all real data at hand (BURNCURVE_TRACES, BURNCURVE_EXAMPLE_SESSIONS)
	$(BIN)/python benchmarks/accuracy.py

claims: $(READY) ## compute docs/claims.md anew: what others claim, and what comes out here
	$(BIN)/python docs/claims.py

bench: $(READY) ## engine and start-up, measured on this machine
	$(BIN)/python benchmarks/engines.py
	$(BIN)/python benchmarks/compiled.py --rounds 3
	$(BIN)/python benchmarks/bills.py
	$(BIN)/python benchmarks/studies.py --rounds 3
	$(BIN)/python benchmarks/compare12.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/importers.py

week: $(READY) ## a week of OpenRouter's top ten, call by call, beside what was counted (ACCOUNTS=100000)
	$(BIN)/python benchmarks/week.py $(if $(ACCOUNTS),--accounts $(ACCOUNTS))

lock: $(READY) ## resolve requirements.lock anew
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --upgrade --all-extras --output-file requirements.lock pyproject.toml

clean: ## remove the environment and what was built
	rm -rf $(VENV) build dist docs/_build

$(READY): requirements.lock pyproject.toml
	@.ci/check-python $(PYTHON)
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@.ci/install $(BIN)
	@touch $@
