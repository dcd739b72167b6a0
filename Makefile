# Every target does its own set-up; nothing needs to be installed by hand.
#
#   make demo     seal sample PDFs with the embedded sandbox service, then keep serving
#                 (DEMO_FLAGS=--no-serve ends when they are sealed)
#   make test     style, types, floors and tests (TEST_FLAGS go to pytest)
#   make coverage the tests again, with what they cover: half as long again
#   make bench    how fast it is, beside other signers: 25 minutes, writes bench/RESULTS.md
#                 (BENCH_FLAGS=--small for a look in 3, BENCH_FLAGS=NAME for one of them)
#   make lint     the checks of make test without the tests
#   make format   let ruff put the code in order
#   make sbom     write dist/sealgate.cdx.json, the software bill of materials
#   make audit    ask the package index for withdrawn versions and known vulnerabilities
#   make lock     write requirements.lock anew, with hashes, from the ranges in pyproject.toml
#   make clean    remove what these targets made, except sealed documents
#
# PYTHON=/path/to/python3 chooses the interpreter of a new .venv.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PYTHON

.PHONY: help demo test coverage bench lint format sbom audit lock clean setup

help:
	@sed -n 's/^#   //p' Makefile

setup:
	@scripts/setup.sh

demo: setup
	@.venv/bin/sealgate demo $(DEMO_FLAGS)

test: setup
	@scripts/test-tools.sh
	@scripts/test.sh $(TEST_FLAGS)

coverage: setup
	@scripts/test-tools.sh
	@scripts/test.sh --cov --cov-report=term:skip-covered $(TEST_FLAGS)

bench: setup
	@scripts/bench-tools.sh
	@.venv/bin/python -m bench $(BENCH_FLAGS)

lint: setup
	@scripts/lint.sh

format: setup
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

sbom: setup
	@mkdir -p dist
	@.venv/bin/python scripts/sbom.py >dist/sealgate.cdx.json
	@echo "dist/sealgate.cdx.json"

audit: setup
	@scripts/audit.sh

lock:
	@scripts/lock.sh

clean:
	rm -rf .venv .venv-audit .venv-bench .venv-fuzz bench/peers/node/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage .coverage.* dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
