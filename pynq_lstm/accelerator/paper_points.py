"""What the two papers say of where they operate; what they do not say is None.

Ribes et al. 2020, "Mapping multiple LSTM models on FPGAs", FPT: its roofline (two LSTMs, I = 1024,
H = 512, on a ZCU104) is a picture without numbers in the text, which states no GOPS, no bytes and
no time. Sizes are stated, by the default parameters of the authors' code (`RIBES`), and that every
step streams all weights: both intensities follow by arithmetic, a place without a height.

Zheng et al., "A high energy-efficiency FPGA-based LSTM accelerator architecture design by
structured pruning and normalized linear quantization": a peak of 2.22 TOPS at 150 MHz. Weights
are in ROMs on the chip; no traffic is stated, so that its point has a height and no place. Other
designs are quoted from its Table II, which normalises to 125 MHz and counts on several bases.
"""

from dataclasses import fields

from pynq_lstm.accelerator.operating_points import ARITHMETIC, EACH_STEP, ON_CHIP, QUOTED, Point
from pynq_lstm.accelerator.roofline import OPERATIONS, dense_macs

TABLE_MHZ = 125
TABLE = {  # GOPS at 125 MHz, platform
    "BBS": (1520.5, "Arria 10"),
    "FINN-L (4-4-4)": (857.6, "XCZU7EV"),
    "C-LSTM": (218.5, "Virtex-7"),
    "DeltaRNN": (1198.0, "XC7Z100"),
    "ESE": (1575.0, "XCKU060"),
    "Zheng et al.": (1850.0, "Arria 10"),
}
PEAK_GOPS, RANK = 2220.0, 4
GATES, WORD_BYTES = 4, 2  # words of 16 bits
RIBES = {  # svd_params.h of the authors' code
    "LSTMs": 2, "inputs": 1024, "hidden": 512, "refinements": 16,
    "u_tiles": 32, "zero_u_tiles": 16, "v_tiles": 64, "zero_v_tiles": 8,
}  # fmt: skip
NO_HEIGHT = (
    "Ribes et al. 2020, roofline of two LSTMs: a picture, and the text states neither performance "
    "nor intensity; the latter by arithmetic from default parameters and 16 bits of their code"
)


def points():
    """Points of both papers.

    Returns
    -------
    tuple of Point
        Of the first paper's, intensities are arithmetic and there is no height; of all others there
        is a height, quoted, and no intensity.
    """
    peak = _point(
        "Zheng et al., peak at 150 MHz",
        "block_diagonal",
        residence=ON_CHIP,
        gops=PEAK_GOPS,
        executed_gops=PEAK_GOPS / RANK,
        source="section V.B, quoted; executed: a quarter of it at rank 4, arithmetic",
    )
    return _ribes(), peak, *_table()


def _ribes():
    lstms, inputs, hidden = RIBES["LSTMs"], RIBES["inputs"], RIBES["hidden"]
    u, v = (1 - RIBES[f"zero_{one}_tiles"] / RIBES[f"{one}_tiles"] for one in "uv")
    vectors = GATES * RIBES["refinements"]
    words = vectors * ((inputs + hidden) * u + 2 * hidden * v)  # of both LSTMs, without s
    scalars = 2 * vectors * lstms
    traffic = WORD_BYTES * (words + scalars + lstms * (inputs + hidden))
    return _point(
        "Ribes et al. 2020, SVDn-HW",
        "svdn",
        residence=EACH_STEP,
        intensity=OPERATIONS * dense_macs([(inputs, hidden)] * lstms) / traffic,
        executed_intensity=OPERATIONS * lstms * words / traffic,
        bytes=traffic,
        how=ARITHMETIC,
        source=NO_HEIGHT,
    )


def _table():
    for name, (height, platform) in TABLE.items():
        source = f"Table II of Zheng et al., {platform}, normalised to {TABLE_MHZ} MHz there"
        yield _point(f"{name}, at {TABLE_MHZ} MHz", "other", gops=height, source=source)


def _point(name, engine, **stated):
    return Point(
        **{
            **dict.fromkeys(field.name for field in fields(Point)),
            "name": name,
            "engine": engine,
            "how": QUOTED,
            **stated,
        }
    )
