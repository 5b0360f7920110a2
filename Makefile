# Two commands matter: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
PY := .venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help setup run test check format bench screens clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## install what is missing (can be repeated; says what and why)
	@bash .ci/setup all

run: ## do the main job once with a virtual resident, then leave everything running; ONCE=1 ends after it
	@bash .ci/setup run
	@$(PY) -m reset_app demo $(if $(ONCE),--once)

test: ## set up and run every test: PostgreSQL, pcscd and Chromium included
	@bash .ci/setup all
	@$(MAKE) --no-print-directory check
	@$(PY) -m pytest --numprocesses 2 --no-loadscope-reorder
	@$(PY) -m tests.simulation run --pairs few

check: ## formatter, linter, types, import contracts, front-end types
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@npm run --silent check

format: ## rewrite to the house format
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

bench: ## print the figures, each beside its reference in the same run
	@bash .ci/setup all
	@$(PY) -m reset_app bench all

clean: ## remove everything that set-up and runs made, the Python environment excepted
	@rm -rf var node_modules reset_app/static/build
