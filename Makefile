# `make demo` and `make test` set up all they need in .venv and run; see README.md.
SHELL := /bin/sh
VENV ?= .venv
TORCH ?= torch==2.13.0
BIN := $(VENV)/bin
SOURCES := setup.cfg setup.py pyproject.toml $(wildcard pynq_lstm/runtime/cpu/*.c pynq_lstm/runtime/cpu/*.h pynq_lstm/runtime/cpu/build.py pynq_lstm/sigma_knots.py)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --retries 5
DATA ?= ../shared/data/fashion_mnist_small.npz

.PHONY: help demo test hls results train clean

help:
	@echo "make demo     compress the shipped network, classify real images, draw two pictures"
	@echo "make test     set up and run the tests (TORCH= leaves PyTorch and its tests out)"
	@echo "make hls      check the accelerator's HLS sources: ap_int, dataflow, lint, RTL, Tcl"
	@echo "make results  measure every figure of docs/results.md again"
	@echo "make train, make ordinary-network"
	@echo "              train the shipped network again, or one without its regulariser and"
	@echo "              compress that; from DATA=$(DATA)"
	@echo "make clean    remove what was built"

demo: $(VENV)/.demo
	$(BIN)/pynq-lstm demo --output demo

test: $(VENV)/.test
	$(BIN)/python -m pytest -q --ignore=tests/hls $(PYTEST_OPTIONS)

# What the HLS sources need beyond a compiler: Debian's clang, tcl, iverilog, verilator and yosys,
# and two packages from PyPI; HLS_CASES random cases of the kernel against the naive model.
HLS_CASES ?= 10000

hls: $(VENV)/.hls
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --kernel-cases=$(HLS_CASES) tests/hls tests/kernel $(PYTEST_OPTIONS)

$(VENV)/.hls: $(VENV)/.test tools/ap_types.py
	$(PIP) libclang==18.1.1 'pytest-xdist>=3'
	$(BIN)/python tools/ap_types.py build/ap_types
	@touch $@

$(VENV)/bin/python:
	@python=$$(tools/preflight.sh) && echo "setting up $(VENV) with $$python" && "$$python" -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python $(SOURCES)
	@tools/preflight.sh >/dev/null
	$(PIP) -e '.[plots]'
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	$(PIP) -e '.[plots,test]' $(TORCH)
	@touch $@

# --- figures: one target a file of docs/results, then the table -----------------------------
FIGURES := budgets weight-error compression-time exactness cpu-against-torch clean-clone
KERNEL_FIGURES := accelerator kernel-speed kernel-exactness

.PHONY: $(FIGURES) $(KERNEL_FIGURES) training ordinary-network table lint

results: $(FIGURES) $(KERNEL_FIGURES) table

budgets weight-error compression-time exactness cpu-against-torch: $(VENV)/.test
	$(BIN)/python benchmarks/$(subst -,_,$@).py

$(KERNEL_FIGURES): $(VENV)/.hls
	$(BIN)/python benchmarks/$(subst -,_,$@).py

clean-clone: $(VENV)/.test
	$(BIN)/python benchmarks/clean_clone.py

train training: $(VENV)/.test
	$(BIN)/python benchmarks/train_fashion_mnist.py --data $(DATA)

ordinary-network: $(VENV)/.test
	$(BIN)/python benchmarks/ordinary_network.py --data $(DATA)

table: $(VENV)/.test
	$(BIN)/python benchmarks/table.py

lint: $(VENV)/.demo
	$(PIP) 'ruff==0.17.*'
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean:
	rm -rf $(VENV) build dist demo *.egg-info pynq_lstm/runtime/cpu/*.so
