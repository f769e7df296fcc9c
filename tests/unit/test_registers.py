"""The register table against what the tools write: a .hwh and a driver header."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pynq_lstm.accelerator import registers
from pynq_lstm.accelerator.design import Design

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "tests" / "hls" / "reports"
DESIGN = Design.load(ROOT / "overlays" / "svd_lstm" / "design.json")
KERNEL = registers.kernel_instance(DESIGN)


@pytest.fixture(scope="module")
def handoff():
    return ElementTree.parse(REPORTS / "overlay.hwh").getroot()


def test_the_table_is_that_of_the_hwh(handoff):
    found = []
    for node in handoff.iterfind(".//REGISTERS/REGISTER"):
        values = {p.get("NAME"): p.get("VALUE") for p in node.iterfind("PROPERTY")}
        found.append((node.get("NAME"), int(values["ADDRESS_OFFSET"], 0), values["ACCESS"]))
    assert found == [(r.name, r.offset, r.access) for r in registers.KERNEL_REGISTERS]


def test_the_table_is_that_of_the_driver_header():
    text = (REPORTS / "kernel_hw.h").read_text()
    pattern = r"^#define XSVD_LSTM_CONTROL_ADDR_(\w+?)(?:_DATA)? +(0x\w+)"
    header = {name.lower(): int(offset, 16) for name, offset in re.findall(pattern, text, re.M)}
    control = {"ap_ctrl": "CTRL", "gie": "GIER", "ier": "IP_IER", "isr": "IP_ISR"}
    header = {control.get(name, name): offset for name, offset in header.items()}
    wide = re.findall(r"BITS_(\w+)_DATA +64", text)
    assert wide == ["IN_R", "OUT_R"]
    for name in map(str.lower, wide):
        low = header.pop(name)
        header.update({f"{name}_1": low, f"{name}_2": low + 4})
    assert header == {r.name: r.offset for r in registers.KERNEL_REGISTERS}


def test_names_and_addresses_are_those_of_the_hwh(handoff):
    ranges = {
        node.get("INSTANCE"): (int(node.get("BASEVALUE"), 16), int(node.get("HIGHVALUE"), 16))
        for node in handoff.iterfind(".//MEMRANGE")
    }
    assert ranges == {
        KERNEL: (0xA0000000, 0xA000FFFF),
        registers.COUNTER_INSTANCE: (0xA0010000, 0xA0010FFF),
    }
    assert ranges[KERNEL] == _range(registers.KERNEL_BASE, registers.KERNEL_RANGE)
    assert ranges[registers.COUNTER_INSTANCE] == _range(
        registers.COUNTER_BASE, registers.COUNTER_RANGE
    )
    names = {node.get("INSTANCE"): node.get("VLNV") for node in handoff.iterfind(".//MODULE")}
    assert names[KERNEL] == registers.vlnv(DESIGN)
    assert names[registers.COUNTER_INSTANCE] == registers.COUNTER_VLNV


def _range(base, size):
    return base, base + size - 1


def test_the_block_design_has_the_same_addresses():
    text = (ROOT / "overlays" / "common" / "addresses.tcl").read_text()
    values = dict(re.findall(r"^set (\w+) (\w+)", text, re.M))
    assert int(values["kernel_address"], 16) == registers.KERNEL_BASE
    assert int(values["counter_address"], 16) == registers.COUNTER_BASE
    assert values["kernel_range"] == f"{registers.KERNEL_RANGE >> 10}K"
    assert values["counter_range"] == f"{registers.COUNTER_RANGE >> 10}K"


def test_the_counter_has_the_same_id():
    text = (ROOT / "overlays" / "common" / "cycle_counter.v").read_text()
    assert f"ID = 32'h{registers.COUNTER_ID:08X};" in text


def test_what_the_driver_needs_is_in_the_table():
    assert set(registers.REQUIRED) <= set(registers.OFFSETS)
    assert registers.OFFSETS["in_1"] == 0x30 and registers.OFFSETS["out_2"] == 0x48
    assert len(registers.OFFSETS) == len(registers.KERNEL_REGISTERS)
