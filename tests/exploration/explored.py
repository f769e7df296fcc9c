"""What the tests of explorations ask for."""

from dataclasses import replace

import pynq_lstm as pl
from pynq_lstm.accelerator.devices.device import Device

# where lanes are scarce the time depends on the ranks of small networks, too
SMALL = replace(
    Device.of("zcu104"), name="small", dsp=240, bram36=80, uram=24, lut=120_000
)  # fmt: skip
FIXED = {
    "weight_bits": 8, "form": "stacked", "u_tile": (4, 8), "v_tile": 4, "zero_u_tiles": (0, 1)
}  # fmt: skip
ASKED = {
    "device": SMALL,
    "max_drop": 3.0,
    "tries": 2,
    "engines": ("svdn", "svd1"),
    "baselines": False,
    "progress": False,
    **FIXED,
}


def explored(task, **more):
    """An exploration of a task: network, labelled data, calibration."""
    network, data, calibration = task
    given = {"validation": data, "calibration": calibration, **ASKED, **more}
    return pl.explore(network, **given)
