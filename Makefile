# `make demo` and `make test` set up all they need in .venv and run; see README.md.
SHELL := /bin/sh
VENV ?= .venv
TORCH ?= torch==2.13.0
BIN := $(VENV)/bin
SOURCES := setup.cfg setup.py pyproject.toml pynq_lstm/sigma_knots.py $(wildcard pynq_lstm/runtime/*/*.c pynq_lstm/runtime/*/*.h pynq_lstm/runtime/*/*build.py pynq_lstm/runtime/cpu/kernels/*)
PACKAGE := $(shell find -L pynq_lstm -type f ! -name '*.so' ! -name '*.pyc')
pip = $(1)/bin/python -m pip --disable-pip-version-check install --quiet --retries 5
PIP := $(call pip,$(VENV))
DATA ?= ../shared/data/fashion_mnist_small.npz

.PHONY: help demo test hls pynq wheels aarch64 aarch64-kernels aarch64-tests aarch64-instructions notebooks notebooks-cpu docs results train clean

help:
	@echo "make demo     compress the shipped network, classify real images, draw two pictures"
	@echo "make test     set up and run the tests (TORCH= leaves PyTorch and its tests out)"
	@echo "make hls      check the accelerator's HLS sources: ap_int, dataflow, lint, RTL, Tcl"
	@echo "make pynq     test the driver in the emulator, with pynq $(PYNQ)"
	@echo "make wheels   build and check a wheel for x86-64 and one for aarch64, into dist"
	@echo "make aarch64  test the CPU path as aarch64 code, emulated (as root, on Debian)"
	@echo "make aarch64-instructions"
	@echo "              count the instructions that it executes (CHECK=1 compares with the last)"
	@echo "make notebooks"
	@echo "              run the notebooks in the emulator, timed (SAVE=1 keeps what they show, SHORT=1"
	@echo "              trains less, NOTEBOOK=FILE runs one); make notebooks-cpu without pynq and PyTorch"
	@echo "make docs     the documents as a site, in build/docs; warnings are errors"
	@echo "make bench-cpu"
	@echo "              the CPU path beside ONNX Runtime, ncnn, OpenVINO, PyTorch and NumPy"
	@echo "              (BENCH_OPTIONS=--quick, or --shape=N,I,H,T,Rx,Rh; ONNXRUNTIME=1.31.1)"
	@echo "make bench-solver"
	@echo "              time and errors of SVDn's block coordinate descent"
	@echo "make bench-search"
	@echo "              what a budget or a drop of accuracy makes of the shipped network"
	@echo "make bench-explore"
	@echo "              the model and the design that pl.explore finds, beside an exhaustive search"
	@echo "make bench-forms"
	@echo "              components of gates, stacked ones and allotted words at equal words"
	@echo "make gate-errors"
	@echo "              what allotted words expect of an error, chosen on validation images;"
	@echo "              make gate-errors-ordinary: of a network that is trained for it"
	@echo "make roofline what designs attain and reach on the ZCU104, modelled"
	@echo "make pictures draw those of docs/pictures.md and docs/concepts.md again"
	@echo "make bench-stacks"
	@echo "              components shared across the layers of stacks trained on JapaneseVowels"
	@echo "make cycles-model"
	@echo "              the models of cycles and memory traffic beside 100 random designs simulated"
	@echo "make results  measure most figures of docs/results.md again; its first lines name the others"
	@echo "make train, make ordinary-network"
	@echo "              train the shipped network again, or one without its regulariser and"
	@echo "              compress that; from DATA=$(DATA)"
	@echo "make bench-compression"
	@echo "              rank-1 components tuned at 2 to 8 % of the parameters, beside the float"
	@echo "              networks (COMPRESSION_OPTIONS=--quick, --report, --processes=1)"
	@echo "make paper-svd"
	@echo "              claims of the SVD paper beside what ours shows (SVD_OPTIONS=--quick)"
	@echo "make paper-pbd, make paper-pbd-goal, make paper-pbd-other-ways"
	@echo "              Table I of the block-diagonal paper (PBD_OPTIONS=--quick, --device=cuda)"
	@echo "make lint     ruff, mypy, clang-format and clang-tidy (Debian's clang-tidy)"
	@echo "make first-use"
	@echo "              from git clone to the first answer of an nn.LSTM, timed; make clean-clone the rest"
	@echo "make clean    remove what was built"

demo: $(VENV)/.demo
	$(BIN)/pynq-lstm demo --output demo

# two files of tests at a time
test: $(VENV)/.test
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $(addprefix --ignore=tests/,hls aarch64 driver board) $(PYTEST_OPTIONS)

# What the HLS sources need beyond a compiler: Debian's clang, tcl, iverilog, verilator and yosys,
# and a package from PyPI; HLS_CASES random cases of the kernel against the naive model.
HLS_CASES ?= 10000

hls: $(VENV)/.hls
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --kernel-cases=$(HLS_CASES) tests/hls tests/kernel $(PYTEST_OPTIONS)

$(VENV)/.hls: $(VENV)/.test tools/ap_types.py
	$(PIP) libclang==18.1.1
	$(BIN)/python tools/ap_types.py build/ap_types
	@touch $@

# The driver on the emulator, with each pynq in an environment of its own; DRIVER_CASES random
# models and inputs. Packages come first, side by side; what is compiled beside the sources serves
# every Python, so .demo has made it. Versions come one after another, two tests at a time each.
PYNQ := 4.0.0 3.0.1 3.1.2
PYTHON_4.0.0 := 3.12
# pynq.remote came with 4.0.0; the cases differ little between versions
OPTIONS_3.0.1 := -m "not remote"
OPTIONS_3.1.2 := $(OPTIONS_3.0.1)
CASES_4.0.0 := 1000
PYNQ_TARGETS := $(PYNQ:%=pynq-%)
CACHE := PYNQ_LSTM_CACHE=$(CURDIR)/build/emulator
EMULATE := PYNQ_LSTM_EMULATE=1 $(CACHE)
.PHONY: $(PYNQ_TARGETS)

pynq:
	@$(MAKE) --no-print-directory -j2 $(PYNQ:%=.venv-pynq-%/.packages)
	@$(MAKE) --no-print-directory -j1 $(PYNQ:%=.venv-pynq-%/.ready)
	@$(MAKE) --no-print-directory -j1 --keep-going $(PYNQ_TARGETS)

$(PYNQ_TARGETS): pynq-%: .venv-pynq-%/.ready
	.venv-pynq-$*/bin/python -m pytest -q -n 2 -p no:cacheprovider $(OPTIONS_$*) \
	    --driver-cases=$(or $(DRIVER_CASES),$(CASES_$*),100) --junit-xml=build/pynq-$*.xml \
	    tests/driver $(PYTEST_OPTIONS)
	$(EMULATE) .venv-pynq-$*/bin/python -m pytest -q -p no:cacheprovider --board \
	    --driver-cases=$(or $(DRIVER_CASES),20) tests/board $(PYTEST_OPTIONS)

.venv-pynq-%/.packages:
	python=$$(tools/find_python.sh $(or $(PYTHON_$*),3.10)) && "$$python" -m venv .venv-pynq-$*
	$(call pip,.venv-pynq-$*) 'pynq==$*' 'pycparser<3' 'numpy<2' 'cffi>=1.15' 'setuptools<=80' wheel
	@touch $@

.venv-pynq-%/.ready: .venv-pynq-%/.packages $(VENV)/.demo $(SOURCES)
	PYNQ_LSTM_KEEP_BUILT=1 $(call pip,.venv-pynq-$*) --no-build-isolation -e '.[pynq,test]' 'pynq==$*'
	@touch $@

.PRECIOUS: .venv-pynq-%/.packages .venv-pynq-%/.ready

# The CPU path as aarch64 code: cross-built here, run by the Python of an arm64 root under qemu.
# An emulated test takes some twenty times its time. So EMULATED has what C kernels, numbers and the
# model file do, and of tests/cpu not what is Python alone; LEFT_OUT are the longest of them. qemu
# cannot fork a process that has threads. The portable kernel is compared in C, by tests/aarch64, and
# tests that have a back end as a parameter run with the C one only.
AARCH64 := build/aarch64
AARCH64_PYTHON := tools/aarch64/python
AARCH64_CASES ?= 10
NOT_EMULATED := $(patsubst %,tests/cpu/test_cpu_%.py,direct direct_arguments direct_reports fork \
    groups memory options packing)
EMULATED := $(filter-out $(NOT_EMULATED),$(wildcard tests/cpu/test_*.py)) tests/on_aarch64 \
    $(patsubst %,tests/unit/test_%.py,model model_file numerics overflow report session sessions) \
    tests/attacks/test_model_file_attacks.py
LEFT_OUT := portable or every_shift or every_rank_and_width or every_number_of_bits or many_columns \
    or chunks_of_steps or interleaved or refused or several_threads or while_another \
    or rows_of_a_single or (test_session and every_prefix)
EMULATED_OPTIONS := -n 2 -m "not torch" -k "(cpu or not reference) and not ($(LEFT_OUT))" \
    --cpu-cases=$(AARCH64_CASES)

wheels: $(AARCH64)/.wheels

# the first takes one core for half a minute: beside the second, not before it
aarch64: $(AARCH64)/.installed
	@$(MAKE) --no-print-directory -j2 --keep-going --output-sync aarch64-kernels aarch64-tests

aarch64-kernels: $(AARCH64)/.installed
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/aarch64 $(PYTEST_OPTIONS)

aarch64-tests: $(AARCH64)/.installed
	$(AARCH64_PYTHON) -m pytest -q -p no:cacheprovider $(EMULATED_OPTIONS) $(EMULATED) $(PYTEST_OPTIONS)

aarch64-instructions: $(AARCH64)/.installed
	$(BIN)/python benchmarks/aarch64_instructions.py $(if $(CHECK),--check)

$(AARCH64)/root/.made: tools/aarch64/make_root.sh tools/aarch64/requirements.txt | $(VENV)/.demo
	PYTHON=$(BIN)/python tools/aarch64/make_root.sh $(@D)

$(AARCH64)/.wheels: $(VENV)/.wheels $(AARCH64)/root/.made $(addprefix tools/aarch64/,wheels.py wheel_check.py old_glibc.h) $(PACKAGE)
	$(BIN)/python tools/aarch64/wheels.py --root $(AARCH64)/root --output dist
	@touch $@

$(AARCH64)/.installed: $(AARCH64)/.wheels tools/aarch64/install.sh
	PYTHON=$(BIN)/python tools/aarch64/install.sh $(AARCH64)/root dist
	@touch $@

$(VENV)/.wheels: | $(VENV)/.test
	$(PIP) 'setuptools>=59.6' wheel 'cffi>=1.15' 'abi3info>=2024'
	@touch $@

# TORCH= leaves PyTorch out: the notebooks that train then say so and go on; pynq 4.0.0 has grpcio-tools,
# which takes no newer protobuf. They ask for the emulator themselves. Whole runs of all of them, with
# PyTorch, are figures: docs/results/notebooks.json. The stamp is named after what was added last, so
# that environments of before get it.
NOTEBOOKS := .venv-pynq-4.0.0

notebooks: $(NOTEBOOKS)/.notebooks-onnx
	$(CACHE) $(NOTEBOOKS)/bin/python tools/run_notebooks.py $(if $(SAVE),--save) $(if $(SHORT),--short) \
	    $(if $(SHORT)$(NOTEBOOK),,$(if $(TORCH),--results)) $(NOTEBOOK) $(if $(TORCH),,--without torch)

# what they do on a machine that has neither a board, nor pynq, nor PyTorch
notebooks-cpu: $(NOTEBOOKS)/.notebooks-onnx
	$(NOTEBOOKS)/bin/python tools/run_notebooks.py --short --without torch pynq

$(NOTEBOOKS)/.notebooks-onnx: $(NOTEBOOKS)/.ready
	$(call pip,$(NOTEBOOKS)) 'matplotlib>=3.5' 'nbclient>=0.10' 'ipykernel>=6' 'numpy<2' \
	    'onnx>=1.16' 'protobuf<6' $(TORCH)
	@touch $@

# every page, every docstring of the reference; a link to nothing and a file from elsewhere fail
docs: $(VENV)/.docs
	rm -rf build/docs
	$(BIN)/python -m sphinx -W --keep-going -q -E -b html docs build/docs
	$(BIN)/python tools/offline_site.py build/docs
	@echo "build/docs/index.html"

$(VENV)/.docs: $(VENV)/.demo
	PYNQ_LSTM_KEEP_BUILT=1 $(PIP) -e '.[docs,plots]'
	@touch $@

$(VENV)/bin/python:
	@python=$$(tools/preflight.sh) && echo "setting up $(VENV) with $$python" && "$$python" -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python $(SOURCES)
	@tools/preflight.sh >/dev/null
	$(PIP) -e '.[plots]'
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	$(PIP) -e '.[dask,onnx,plots,test]' onnxruntime $(TORCH) $(if $(TORCH),onnxscript)
	@touch $@

# --- figures: one target a file of docs/results, then the table -----------------------------
FIGURES := budgets weight-error compression-time exactness cpu-against-torch clean-clone roofline
KERNEL_FIGURES := cycles-model accelerator block-diagonal-accelerator paper-pbd-hardware kernel-speed kernel-exactness
DRIVER_FIGURES := driver soak pynq-matrix
SOAK_CALLS ?= 1000000

.PHONY: $(FIGURES) $(KERNEL_FIGURES) $(DRIVER_FIGURES) bench-cpu bench-solver bench-forms gate-errors gate-errors-ordinary bench-search bench-explore bench-stacks training ordinary-network table lint pictures first-use
.PHONY: bench-compression paper-svd paper-pbd paper-pbd-goal paper-pbd-other-ways

results: $(FIGURES) $(KERNEL_FIGURES) $(DRIVER_FIGURES) bench-cpu bench-solver bench-forms gate-errors bench-search bench-explore bench-stacks aarch64-instructions notebooks table

budgets weight-error bench-solver bench-forms gate-errors bench-search bench-explore compression-time exactness cpu-against-torch roofline: $(VENV)/.test
	$(BIN)/python benchmarks/$(subst -,_,$@).py

bench-stacks: $(VENV)/.test
	$(BIN)/python benchmarks/bench_stacks.py --data $(dir $(DATA))

# the CPU path beside the runtimes of others; they take 0.3 GB, and Python 3.11 or newer
# ONNXRUNTIME=version: beside another version of it, recorded by that name.
OTHER_PEER := $(if $(ONNXRUNTIME),build/peers/onnxruntime-$(ONNXRUNTIME))

bench-cpu: $(VENV)/.bench $(OTHER_PEER)
	PYTHONPATH=$(OTHER_PEER) $(BIN)/python benchmarks/bench_cpu.py \
	    $(if $(OTHER_PEER),--name=bench_cpu_onnxruntime_$(ONNXRUNTIME)) $(BENCH_OPTIONS)

build/peers/onnxruntime-%: | $(VENV)/.bench
	rm -rf $@.part
	$(PIP) --no-deps --target $@.part onnxruntime==$*
	mv $@.part $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) -e '.[bench]' $(TORCH)
	@touch $@

$(KERNEL_FIGURES): $(VENV)/.hls
	$(BIN)/python benchmarks/$(subst -,_,$@).py

driver: $(NOTEBOOKS)/.ready
	$(NOTEBOOKS)/bin/python benchmarks/driver.py

soak: $(NOTEBOOKS)/.ready
	$(NOTEBOOKS)/bin/python benchmarks/soak.py --calls=$(SOAK_CALLS)

pynq-matrix: pynq $(VENV)/.test
	$(BIN)/python benchmarks/pynq_matrix.py $(PYNQ)

first-use: $(VENV)/.test
	$(BIN)/python benchmarks/first_use.py

clean-clone: $(VENV)/.test
	$(BIN)/python benchmarks/clean_clone.py

train training: $(VENV)/.test
	$(BIN)/python benchmarks/train_fashion_mnist.py --data $(DATA)

ordinary-network: $(VENV)/.test
	$(BIN)/python benchmarks/ordinary_network.py --data $(DATA)

gate-errors-ordinary: $(VENV)/.test
	$(BIN)/python benchmarks/gate_errors.py --ordinary $(DATA)

# fine-tuned components side by side; 45 minutes of one core in all, and an interrupted run goes on
bench-compression: $(VENV)/.test
	$(BIN)/python -m benchmarks.compression.run --data $(dir $(DATA)) $(COMPRESSION_OPTIONS)

# the first paper's claims; ten minutes, and an interrupted run goes on
paper-svd: $(VENV)/.test
	$(BIN)/python -m benchmarks.paper_svd.run $(SVD_OPTIONS)

# Table I of the block-diagonal paper; hours on a CPU, and it goes on where it was interrupted
paper-pbd: $(VENV)/.test
	$(BIN)/python -m benchmarks.paper_pbd.run $(PBD_OPTIONS)

# only the rows of the 1 % goal; PBD_OPTIONS=--epochs=36 for a longer schedule
paper-pbd-goal: $(VENV)/.test
	$(BIN)/python -m benchmarks.paper_pbd.run --output paper_pbd_goal \
	    --rows dense pruned nlq-4-8 nlq-4-8-narrow $(PBD_OPTIONS)

# other ways to that goal, with the trained dense network as start, as teacher or as both
paper-pbd-other-ways: $(VENV)/.test
	$(BIN)/python -m benchmarks.paper_pbd.run --output paper_pbd_other_ways --epochs 15 \
	    --rows dense dense-again nlq-4-8 nlq-4-8-from-dense nlq-4-8-distilled \
	    nlq-4-8-from-dense-distilled $(PBD_OPTIONS)

pictures: $(VENV)/.demo
	$(BIN)/python tools/drawings.py
	$(BIN)/python tools/pictures.py $(PICTURE_OPTIONS)

table: $(VENV)/.test
	$(BIN)/python benchmarks/table.py

# what `make lint` and the hooks of .pre-commit-config.yaml run
lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/c_format.py
	$(BIN)/python tools/c_tidy.py
	$(BIN)/python tools/file_checks.py

$(VENV)/.lint: $(VENV)/.demo
	$(PIP) 'ruff==0.17.*' 'mypy==2.4.*' clang-format==14.0.6
	@touch $@

clean:
	rm -rf $(VENV) $(PYNQ:%=.venv-pynq-%) build dist demo *.egg-info pynq_lstm/runtime/*/*.so
