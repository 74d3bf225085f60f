# make edit      opens the window
# make demo      checks, compiles and trains an example, for about a minute
# make test      runs the whole suite
# make fast      runs what a change of a node, of a check or of a command needs
# make lint      runs ruff, mypy and import-linter
# make docs      builds the documentation into build/docs
# make mutants PACKAGE=codegen.check SAMPLE=150
#                changes the code of a package, in a copy, and lists the changes that no test notices
# They first set up .venv, and do so again only when the dependencies change.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DEMO := build/demo
PACKAGE ?= codegen.check
EXTRAS.edit := data,train
EXTRAS.demo := data,train
EXTRAS.test := test
EXTRAS.lint := lint
EXTRAS.docs := docs
EXTRAS.mutants := mutants
# One thread for each of two processes: PyTorch's own threads would fight over the cores.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

FAST := $(addprefix tests/,nodes codegen builder/commands builder/document) $(wildcard \
	tests/test_every_*.py tests/test_harness.py tests/test_port_lookup.py)

.PHONY: edit demo test fast lint docs mutants screen

edit: .venv/edit.stamp
	$(BIN)/wireformer edit

demo: .venv/demo.stamp
	mkdir -p $(DEMO)
	$(BIN)/wireformer check gpt
	$(BIN)/wireformer compile gpt
	$(BIN)/wireformer data python-reference -o $(DEMO)/python-reference.txt
	$(BIN)/wireformer run gpt -o $(DEMO)/gpt --data $(DEMO)/python-reference.txt --minutes 1

test: screen .venv/test.stamp
	$(PYTEST)

fast: .venv/test.stamp
	$(PYTEST) -m "not slow and not window" $(FAST)

lint: .venv/lint.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/ruff format --check --isolated codegen/layers codegen/project/training
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/docs.stamp
	DISABLE_MKDOCS_2_WARNING=true NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --site-dir build/docs

mutants: .venv/mutants.stamp
	$(BIN)/python -m tests.mutants $(PACKAGE) $(if $(SAMPLE),--sample $(SAMPLE))

# The tests of the window bring a screen of their own; without it they are reported as skipped.
screen:
	@sh tests/window/install_screen.sh

.venv/%.stamp: pyproject.toml constraints.txt
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -c constraints.txt -e '.[$(EXTRAS.$*)]'
	touch $@
