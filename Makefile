# make edit   opens the window
# make demo   checks, compiles and trains an example, for about a minute
# make test   runs the whole suite
# They first set up .venv, and do so again only when the dependencies change.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DEMO := build/demo
EXTRAS.edit := data,train
EXTRAS.demo := data,train
EXTRAS.test := test

.PHONY: edit demo test

edit: .venv/edit.stamp
	$(BIN)/wireformer edit

demo: .venv/demo.stamp
	mkdir -p $(DEMO)
	$(BIN)/wireformer check gpt
	$(BIN)/wireformer compile gpt
	$(BIN)/wireformer data python-reference -o $(DEMO)/python-reference.txt
	$(BIN)/wireformer run gpt -o $(DEMO)/gpt --data $(DEMO)/python-reference.txt --minutes 1

# One thread for each of two processes: PyTorch's own threads would fight over the cores.
test: .venv/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

.venv/%.stamp: pyproject.toml constraints.txt
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -c constraints.txt -e '.[$(EXTRAS.$*)]'
	touch $@
