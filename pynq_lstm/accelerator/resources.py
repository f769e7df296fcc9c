"""Resources of a design, modelled: ``python -m pynq_lstm.accelerator.resources DESIGN [--json]``.

DSPs, block RAMs and UltraRAMs follow from the arithmetic and from the shapes of the memories;
LUTs and flip-flops are a range. Nothing here was synthesised by Vitis or Vivado.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass, replace

from pynq_lstm.accelerator import block_logic, kernel_memories, resource_logic
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.devices.device import KINDS, ULTRASCALE, Device
from pynq_lstm.accelerator.memories import block_bits
from pynq_lstm.accelerator.resource_logic import surroundings
from pynq_lstm.errors import DesignError, PynqLstmError

LOGIC = {"svd": resource_logic, "block_diagonal": block_logic}


@dataclass(frozen=True)
class Resources:
    """What a design takes.

    Attributes
    ----------
    part : str
    dsp, uram, lutram : int
    bram36 : float
        Of 36 Kbit; a half is one of 18 Kbit.
    lut, ff : tuple of int
        Least and most; `lut` includes `lutram`.
    memories : tuple of Memory
    items : tuple of Item
    available : dict
        Of the part, by kind.
    """

    part: str
    dsp: int
    bram36: float
    uram: int
    lutram: int
    lut: tuple
    ff: tuple
    memories: tuple
    items: tuple
    available: dict

    @property
    def memory_bits(self):
        """Bits of words in block RAM and UltraRAM: see `memories.block_bits`."""
        return block_bits(self.memories)

    def share(self, kind):
        """Used part of what the part has, the most of a range."""
        used = getattr(self, kind)
        return (used[1] if isinstance(used, tuple) else used) / self.available[kind]

    def to_json(self):
        """The numbers and the lists as one JSON object."""
        memories = [
            asdict(m) | {"bram36": m.bram36, "uram": m.uram, "lut": m.luts} for m in self.memories
        ]
        numbers = {kind: getattr(self, kind) for kind in KINDS}
        percent = {kind: round(100 * self.share(kind), 1) for kind in KINDS}
        tables = {"memories": memories, "items": [asdict(item) for item in self.items]}
        head = {"how": "modelled", "part": self.part}
        whole = head | numbers | {"percent": percent, "available": self.available} | tables
        return json.dumps(whole, indent=1)


def estimate(design):
    """The resources of a design.

    Parameters
    ----------
    design : Design or BlockDesign

    Returns
    -------
    Resources

    Raises
    ------
    DesignError
        A part whose sizes are not known.
    """
    available = _device(design).available
    return replace(counts(design), available=available)


def counts(design):
    """`estimate` of a design for a part that need not be known: nothing is `available`."""
    memories = [*kernel_memories.arrays(design), *kernel_memories.fifos(design)]
    memories += kernel_memories.interfaces()
    items = [*LOGIC[design.engine].units(design), *surroundings(design)]
    lutram = sum(memory.luts for memory in memories)
    return Resources(
        part=design.part,
        dsp=sum(item.dsp for item in items),
        bram36=sum(memory.bram36 for memory in memories),
        uram=sum(memory.uram for memory in memories),
        lutram=lutram,
        lut=tuple(lutram + sum(item.lut[k] for item in items) for k in range(2)),
        ff=tuple(sum(item.ff[k] for item in items) for k in range(2)),
        memories=tuple(memories),
        items=tuple(items),
        available={},
    )


def _device(design):
    try:
        device = Device.of_part(design.part)
    except DesignError as error:
        raise DesignError("design.part", error.value, error.problem, error.remedy) from None
    if device.family != ULTRASCALE:
        problem = "not of UltraScale+, whose memories and DSPs are counted"
        raise DesignError("design.part", design.part, problem, "name a part of that family")
    return device


def table(resources):
    """The summary, then the memories and the logic one by one, as text."""
    lines = [f"{resources.part}, modelled", ""]
    for kind in KINDS:
        used = getattr(resources, kind)
        shown = f"{used[0]:,} to {used[1]:,}" if isinstance(used, tuple) else f"{used:,}"
        percent = 100 * resources.share(kind)
        lines.append(f"{kind:8}{shown:>20} of {resources.available[kind]:>7,}  {percent:5.1f} %")
    lines += [
        "",
        f"{'memory':26}{'bits x words':>14}{'copies':>8}{'BRAM36':>8}{'URAM':>6}{'LUT':>7}",
    ]
    for m in resources.memories:
        counts = "".join(f"{n or '':>{w}}" for n, w in ((m.bram36, 8), (m.uram, 6), (m.luts, 7)))
        lines.append(f"{m.name:26}{m.width:>7} x {m.depth:<4}{m.copies:>8}{counts}")
    lines += ["", f"{'logic':36}{'count':>6}{'DSP':>6}{'LUT':>16}{'FF':>16}  source"]
    for item in resources.items:
        ranges = "".join(f"{f'{low} to {high}':>16}" for low, high in (item.lut, item.ff))
        lines.append(f"{item.name:36}{item.count:>6}{item.dsp or '':>6}{ranges}  {item.source}")
    return "\n".join(lines) + "\n"


def main(arguments=None):
    """Print the resources of the design in a file."""
    parser = argparse.ArgumentParser(prog="python -m pynq_lstm.accelerator.resources")
    parser.add_argument("design", help="a design.json")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    try:
        resources = estimate(Design.load(options.design))
    except (OSError, PynqLstmError) as error:
        sys.stderr.write(f"{options.design}: {error}\n")
        return 1
    sys.stdout.write(resources.to_json() + "\n" if options.json else table(resources))
    return 0


if __name__ == "__main__":
    sys.exit(main())
