"""A .hwh for the emulator, from the same register table that the tests hold Vivado's to."""

from typing import Any, Dict
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from pynq_lstm.accelerator import registers
from pynq_lstm.runtime.emulator.processor import PLL_MHZ, divisors

_PROCESSOR, _BUS, _INTERRUPTS = "zynq_ultra_ps_e_0", "M_AXI_HPM0_FPD", "pl_ps_irq0"
_AXI = "xilinx.com:interface:aximm:1.0"
_CLOCKS = 4  # of the programmable logic; pynq wants all of them, used or not
_IDLE_MHZ = 100  # of those that are not used
_WIDTH = "128"  # bits of the memory ports


def handoff(design):
    """The text of a .hwh.

    Parameters
    ----------
    design : Design

    Returns
    -------
    str
    """
    root = Element("EDKSYSTEM", EDWVERSION="1.2", TIMESTAMP="", VIVADOVERSION="emulated")
    device, package, speed = design.part.split("-", 2)
    SubElement(
        root,
        "SYSTEMINFO",
        ARCH="zynquplus",
        BOARD="xilinx.com:zcu104:part0:1.1",
        DEVICE=device,
        NAME=design.name,
        PACKAGE=package,
        SPEEDGRADE="-" + speed.split("-")[0],
    )
    SubElement(root, "EXTERNALPORTS")
    SubElement(root, "EXTERNALINTERFACES")
    modules = SubElement(root, "MODULES")
    _kernel(modules, design)
    _counter(modules)
    _processor(modules, design)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _kernel(modules, design):
    port = "s_axi_control"
    module = _module(modules, registers.kernel_instance(design), registers.vlnv(design))
    blocks = SubElement(module, "ADDRESSBLOCKS")
    block = SubElement(
        blocks,
        "ADDRESSBLOCK",
        ACCESS="",
        INTERFACE=port,
        NAME="Reg",
        RANGE=str(registers.KERNEL_RANGE),
        USAGE="register",
    )
    table = SubElement(block, "REGISTERS")
    for register in registers.KERNEL_REGISTERS:
        _register(table, register)
    _wire(module, "interrupt", "O", _PROCESSOR, _INTERRUPTS)
    _slave(module, port)


def _counter(modules):
    module = _module(modules, registers.COUNTER_INSTANCE, registers.COUNTER_VLNV)
    SubElement(module, "ADDRESSBLOCKS")
    SubElement(module, "PORTS")
    _slave(module, "s_axi")


def _processor(modules, design):
    module = _module(modules, _PROCESSOR, "xilinx.com:ip:zynq_ultra_ps_e:3.4", IS_PL="FALSE")
    _wire(module, _INTERRUPTS, "I", registers.kernel_instance(design), "interrupt")
    values: Dict[str, Any] = {"C_MAXIGP0_DATA_WIDTH": _WIDTH}
    values.update({f"C_SAXIGP{port}_DATA_WIDTH": _WIDTH for port in (2, 3)})  # HP0, HP1
    for k in range(_CLOCKS):
        mhz = design.clock_mhz if k == 0 else _IDLE_MHZ
        first, second = divisors(mhz)
        clock = f"PSU__CRL_APB__PL{k}_REF_CTRL__"
        values[f"PSU__FPGA_PL{k}_ENABLE"] = int(k == 0)
        values[clock + "DIVISOR0"], values[clock + "DIVISOR1"] = first, second
        values[clock + "SRCSEL"] = "IOPLL"
        values[clock + "ACT_FREQMHZ"] = f"{PLL_MHZ / (first * second):.6f}"
    parameters = SubElement(module, "PARAMETERS")
    for name, value in values.items():
        SubElement(parameters, "PARAMETER", NAME=name, VALUE=str(value))
    _bus(module, _BUS, "MASTER", _WIDTH)
    ranges = SubElement(module, "MEMORYMAP")
    kernel = (registers.kernel_instance(design), "s_axi_control", "Reg")
    counter = (registers.COUNTER_INSTANCE, "s_axi", "reg0")
    _range(ranges, *kernel, registers.KERNEL_BASE, registers.KERNEL_RANGE)
    _range(ranges, *counter, registers.COUNTER_BASE, registers.COUNTER_RANGE)


def _module(modules, instance, vlnv, **more):
    _, _, kind, version = vlnv.split(":")
    return SubElement(
        modules,
        "MODULE",
        FULLNAME=f"/{instance}",
        HWVERSION=version,
        INSTANCE=instance,
        IPTYPE="PERIPHERAL",
        IS_ENABLE="1",
        MODCLASS="PERIPHERAL",
        MODTYPE=kind,
        VLNV=vlnv,
        **more,
    )


def _register(table, register):
    node = SubElement(table, "REGISTER", NAME=register.name)
    for name, value in (
        ("DESCRIPTION", register.name),
        ("ADDRESS_OFFSET", f"{register.offset:#X}".replace("0X", "0x")),
        ("SIZE", 32),
        ("ACCESS", register.access),
        ("IS_ENABLED", "true"),
        ("RESET_VALUE", 0),
    ):
        SubElement(node, "PROPERTY", NAME=name, VALUE=str(value))
    fields = SubElement(node, "FIELDS")
    for field in register.fields:
        entry = SubElement(fields, "FIELD", NAME=field.name)
        for name, value in (
            ("DESCRIPTION", field.name),
            ("ADDRESS_OFFSET", field.bit),
            ("ACCESS", field.access),
            ("BIT_OFFSET", field.bit),
            ("BIT_WIDTH", field.width),
        ):
            SubElement(entry, "PROPERTY", NAME=name, VALUE=str(value))


def _wire(module, name, direction, instance, port):
    ports = SubElement(module, "PORTS")
    node = SubElement(ports, "PORT", DIR=direction, NAME=name, SIGIS="INTERRUPT")
    connections = SubElement(node, "CONNECTIONS")
    SubElement(connections, "CONNECTION", INSTANCE=instance, PORT=port)


def _slave(module, name):
    SubElement(module, "PARAMETERS")
    _bus(module, name, "SLAVE", "32")


def _bus(module, name, kind, width):
    interfaces = SubElement(module, "BUSINTERFACES")
    interface = SubElement(
        interfaces,
        "BUSINTERFACE",
        BUSNAME="control",
        DATAWIDTH=width,
        NAME=name,
        TYPE=kind,
        VLNV=_AXI,
    )
    SubElement(interface, "PORTMAPS")


def _range(ranges, instance, slave, block, base, size):
    SubElement(
        ranges,
        "MEMRANGE",
        ADDRESSBLOCK=block,
        BASENAME="C_BASEADDR",
        BASEVALUE=f"0x{base:X}",
        HIGHNAME="C_HIGHADDR",
        HIGHVALUE=f"0x{base + size - 1:X}",
        INSTANCE=instance,
        IS_DATA="TRUE",
        IS_INSTRUCTION="TRUE",
        MASTERBUSINTERFACE=_BUS,
        MEMTYPE="REGISTER",
        SLAVEBUSINTERFACE=slave,
    )
