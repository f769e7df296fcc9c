# SPDX-License-Identifier: Apache-2.0
# The rules of every overlay; its Makefile sets KERNEL, the function of hls_src/KERNEL/KERNEL.cpp.
# Every step is a Tcl script that writes its own stamp as its last act: a tool's exit status is not
# enough. Everything built lies in BUILD_ROOT, a folder a design.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

COMMON := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
ROOT := $(abspath $(COMMON)/../..)
ifneq ($(words $(ROOT)),1)
$(error the tools take no folder with a space in its name: $(ROOT))
endif

# --- what may be given on the command line ------------------------------------------------------
DESIGN ?= design.json
COSIM_DESIGN ?= ../svd_lstm_tiny/design.json
BUILD_ROOT ?= $(ROOT)/build/overlays
OUTPUT ?= $(BUILD)/package
ALLOW_TIMING ?= 0
JOBS ?= 2
STRATEGY ?= Performance_Explore
POWER_OPT ?= 0
TIMEOUT_MINUTES ?= 720
PYTHON ?= $(firstword $(wildcard $(ROOT)/.venv/bin/python) python3)
SOURCE ?= $(ROOT)/hls_src/$(KERNEL)/$(KERNEL).cpp
TESTBENCH ?= $(ROOT)/hls_src/tests/$(KERNEL).cpp
VECTORS ?= $(BUILD)/vectors.bin

# --- what follows from it -----------------------------------------------------------------------
in_tree = $(abspath $(firstword $(wildcard $(1) $(ROOT)/$(1))))
design := $(call in_tree,$(DESIGN))
ifeq ($(design),)
$(error DESIGN=$(DESIGN): no such file, neither from here nor from $(ROOT))
endif
NAME := $(notdir $(patsubst %/,%,$(dir $(design))))
BUILD := $(abspath $(BUILD_ROOT))/$(NAME)
run_python := PYTHONPATH=$(ROOT):$(ROOT)/tools:$(COMMON) $(PYTHON)
CONFIG_COMMAND ?= $(run_python) -m pynq_lstm.accelerator.config $(design)
RESOURCES_COMMAND ?= $(run_python) -m pynq_lstm.accelerator.resources $(design) --json
VECTORS_COMMAND ?= $(run_python) $(ROOT)/hls_src/tests/make_vectors.py $(design) $@
vectors := $(abspath $(VECTORS))
testbench := $(TESTBENCH) $(ROOT)/hls_src/tests/testbench.h
sources := $(SOURCE) $(wildcard $(dir $(SOURCE))*.h $(ROOT)/hls_src/common/*.h)

hls_tool := $(shell command -v vitis_hls || command -v vitis-run)
vivado_tool := $(shell command -v vivado)
# What did not change stays as old as it was, so that nothing is built from it again.
if_changed = > $@.tmp && if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi
# Says first of all that a tool is lacking, but only if there is work for it.
lacking = $(if $($(1)_tool),,$(if $(wildcard $(BUILD)/$(2).done),,lacking-$(1)))
# run_step TOOL SCRIPT: the script writes $@, the stamp.
run_step = OVERLAY_STEP=$(basename $(notdir $@)) OVERLAY_ROOT=$(ROOT) OVERLAY_BUILD=$(BUILD) \
	OVERLAY_JOBS=$(JOBS) OVERLAY_TIMEOUT=$(TIMEOUT_MINUTES) OVERLAY_STRATEGY=$(STRATEGY) \
	OVERLAY_POWER_OPT=$(POWER_OPT) \
	sh $(COMMON)/run_tool.sh $(1) $(COMMON)/$(2) $@

.PHONY: help csim csynth cosim cosim-of-design ip bd bit report package clean lacking-hls lacking-vivado
help:
	@echo "make csim      C simulation of the kernel in Vitis HLS, on vectors of the design"
	@echo "make csynth    synthesis of the kernel"
	@echo "make cosim     synthesis and RTL simulation of the small design $(COSIM_DESIGN)"
	@echo "make ip        the kernel as an IP for Vivado"
	@echo "make bd        project and block design in Vivado"
	@echo "make bit       synthesis, implementation, bitstream"
	@echo "make report    modelled, estimated and implemented resources side by side"
	@echo "make package   .bit, .hwh, design.json, manifest.json in OUTPUT; refused if timing is not met,"
	@echo "               but for ALLOW_TIMING=1"
	@echo "make clean     remove what was built of this design"
	@echo "DESIGN=FILE    another design.json; all variables: ../README.md"

csim: $(BUILD)/csim.done
csynth: $(BUILD)/csynth.done
ip: $(BUILD)/ip.done
bd: $(BUILD)/bd.done
bit: $(BUILD)/bit.done

# a design that is named is simulated itself
cosim_design := $(if $(filter command,$(firstword $(origin DESIGN))),$(DESIGN),$(COSIM_DESIGN))
cosim:
	@$(MAKE) --no-print-directory DESIGN=$(cosim_design) cosim-of-design
cosim-of-design: $(BUILD)/cosim.done

lacking-hls lacking-vivado:
	@sh $(COMMON)/run_tool.sh $(@:lacking-%=%)

$(BUILD)/config.h: $(design) $(wildcard $(ROOT)/pynq_lstm/accelerator/*.py)
	@mkdir -p $(@D)
	@$(CONFIG_COMMAND) $(if_changed)

$(BUILD)/settings.tcl: $(design) $(COMMON)/settings.py
	@mkdir -p $(@D)
	@$(run_python) $(COMMON)/settings.py $(design) --kernel $(KERNEL) --source $(SOURCE) \
		--testbench $(TESTBENCH) --vectors $(vectors) $(if_changed)

$(BUILD)/vectors.bin: $(design)
	@mkdir -p $(@D)
	@$(VECTORS_COMMAND)

kernel_inputs := $(sources) $(BUILD)/config.h $(BUILD)/settings.tcl $(COMMON)/hls.tcl

$(BUILD)/csim.done: $(call lacking,hls,csim) $(kernel_inputs) $(testbench) $(vectors)
	@$(call run_step,hls,hls.tcl)
$(BUILD)/csynth.done: $(call lacking,hls,csynth) $(kernel_inputs)
	@$(call run_step,hls,hls.tcl)
$(BUILD)/cosim.done: $(call lacking,hls,cosim) $(kernel_inputs) $(testbench) $(vectors)
	@$(call run_step,hls,hls.tcl)
$(BUILD)/ip.done: $(call lacking,hls,ip) $(BUILD)/csynth.done
	@$(call run_step,hls,hls.tcl)
$(BUILD)/bd.done: $(call lacking,vivado,bd) $(BUILD)/ip.done $(COMMON)/block_design.tcl $(COMMON)/addresses.tcl \
		$(COMMON)/cycle_counter.v
	@$(call run_step,vivado,block_design.tcl)
$(BUILD)/bit.done: $(call lacking,vivado,bit) $(BUILD)/bd.done $(COMMON)/implement.tcl
	@$(call run_step,vivado,implement.tcl)

$(BUILD)/model.json: $(design)
	@mkdir -p $(@D)
	@$(RESOURCES_COMMAND) $(if_changed)

report: $(BUILD)/csynth.done $(BUILD)/model.json
	@$(run_python) -m reports --build $(BUILD) --model $(BUILD)/model.json

package: $(BUILD)/bit.done
	@$(run_python) $(COMMON)/package.py $(design) --build $(BUILD) --kernel $(KERNEL) --output $(OUTPUT) \
		$(if $(filter 1,$(ALLOW_TIMING)),--allow-timing)

clean:
	rm -rf $(BUILD)
