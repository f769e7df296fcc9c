"""What the two papers say of where they operate, quoted; what they do not say is None.

Ribes et al. 2020, "Mapping multiple LSTM models on FPGAs", FPT: its roofline (two LSTMs, I = 1024,
H = 512, on a ZCU104) is a picture without numbers in the text, which states no GOPS, no bytes and
no time, so that there is no coordinate to quote.

Zheng et al., "A high energy-efficiency FPGA-based LSTM accelerator architecture design by
structured pruning and normalized linear quantization": a peak of 2.22 TOPS at 150 MHz. Weights
are in ROMs on the chip; no traffic is stated, so that its point has a height and no place. Other
designs are quoted from its Table II, which normalises to 125 MHz and counts on several bases.
"""

from pynq_lstm.accelerator.operating_points import ON_CHIP, QUOTED, Point

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
NO_NUMBERS = (
    "Ribes et al. 2020, roofline of two LSTMs, I = 1024, H = 512: a picture; "
    "the text states neither performance nor intensity"
)


def points():
    """Points of both papers.

    Returns
    -------
    tuple of Point
        `intensity` and `executed_intensity` are None throughout: neither text states traffic.
        The first paper's point has no height either.
    """
    svdn = _quoted("Ribes et al. 2020, SVDn-HW", "svdn", None, None, None, NO_NUMBERS)
    peak = _quoted(
        "Zheng et al., peak at 150 MHz",
        "block_diagonal",
        ON_CHIP,
        PEAK_GOPS,
        PEAK_GOPS / RANK,
        "section V.B, quoted; executed: a quarter of it at rank 4, arithmetic",
    )
    return svdn, peak, *_table()


def _table():
    for name, (height, platform) in TABLE.items():
        source = f"Table II of Zheng et al., {platform}, normalised to {TABLE_MHZ} MHz there"
        yield _quoted(f"{name}, at {TABLE_MHZ} MHz", "other", None, height, None, source)


def _quoted(name, engine, residence, height, executed, source):
    return Point(
        name=name,
        engine=engine,
        residence=residence,
        intensity=None,
        gops=height,
        executed_intensity=None,
        executed_gops=executed,
        bytes=None,
        microseconds=None,
        limit=None,
        how=QUOTED,
        source=source,
    )
