"""Explorations as a search could have found them, made up: no network is compressed."""

import numpy as np

from pynq_lstm.candidate import MEASURED, MODELLED, Candidate
from pynq_lstm.exploration.result import Exploration

DENSE_OPERATIONS = 2 * 2 * 4 * 128 * (28 + 128)  # a step of two LSTMs, 28 -> 128
PARALLEL = {"svdn": 1.0, "svd1": 1.9, "block_diagonal": 1.3, "dense": 4.0}
ERROR = {"svdn": 1.0, "svd1": 1.4, "block_diagonal": 2.0, "dense": 0.002}
OPTIONS = {
    "svd1": {"method": "svd", "share": False},
    "block_diagonal": {"method": "block_diagonal"},
    "dense": {"method": "dense"},
}
LIMITS = ("feedback", "input_u", "hidden_v", "sigma_unit")


def candidate(engine="svdn", r=16, bits=8, drop=0.5, microseconds=1.0, how=MODELLED, **others):
    """One point; the figures that are not given follow from rank and engine."""
    software = how == MEASURED
    cycles = None if software else 250.0 * microseconds
    fields = {
        "engine": engine,
        "options": {
            **OPTIONS.get(engine, {"method": "svd"}),
            "refinements": (r, 2 * r),
            "weight_bits": bits,
        },
        "design": None
        if software
        else {"engine": "svd", "clock_mhz": 250, "u_lanes": 4, "v_tile": [8, 16]},
        "value": None if drop is None else 87.9 - drop,
        "drop": drop,
        "mse": 4e-3 * ERROR.get(engine, 1.0) / r,
        "bytes": 700 * r,
        "multiplications": 1300 * r,
        "microseconds": microseconds,
        "how": how,
        "cycles": cycles,
        "limit": None if software else LIMITS[r % len(LIMITS)],
        "stages": {}
        if software
        else {
            "input_u": 0.5 * cycles,
            "input_v": 0.6 * cycles,
            "hidden_u": 0.7 * cycles,
            "hidden_v": 0.95 * cycles,
            "sigma": 0.3 * cycles,
        },
        "resources": {}
        if software
        else {
            "dsp": 300 + 20 * r,
            "bram36": 40.5 + r,
            "uram": 8,
            "lut": (30_000 + 1000 * r, 42_000 + 1400 * r),
            "ff": (40_000 + 1500 * r, 61_000 + 1900 * r),
        },
        "energy": None if software else 90.0 * r,
        "intensity": None if software else 700.0 / r,
        "gops": DENSE_OPERATIONS / microseconds / 1e3,
    }
    return Candidate(**{**fields, **others})


def candidates(count=24, seed=0):
    """Of four engines and ranks 2 to 64: more time, less drop, with noise."""
    rng = np.random.default_rng(seed)
    found = []
    for n in range(count):
        engine = ("svdn", "svdn", "svd1", "block_diagonal")[n % 4]
        r = int(2 ** rng.uniform(1, 6))
        drop = 24 * ERROR[engine] / r - 0.7 + rng.normal(0, 0.15)
        microseconds = PARALLEL[engine] * (0.25 + 0.03 * r) * rng.uniform(1, 1.5)
        found.append(candidate(engine, r, drop=round(drop, 3), microseconds=round(microseconds, 4)))
    dense = candidate("dense", 60, drop=0.05, microseconds=7.5, options={"method": "dense"})
    return (*found, dense)


def baselines():
    """Two of hardware, one of them a curve, and two of software."""
    curve = [
        candidate("svd1_hw", r, drop=30 / r, microseconds=0.9 + 0.06 * r, design=None)
        for r in (8, 16, 32)
    ]
    return (
        candidate("lstm_hw", 60, drop=0.0, microseconds=9.1, options={}, design=None),
        *curve,
        candidate("lstm_sw", 60, drop=0.0, microseconds=310.0, how=MEASURED, options={}),
        candidate("svdn_sw", 16, drop=0.8, microseconds=42.0, how=MEASURED),
    )


def exploration(found=None, others=None, **fields):
    """The soonest of those of at most half a point is the best, else the first."""
    found = candidates() if found is None else tuple(found)
    known = [c for c in found if c.drop is not None and c.drop <= 0.5]
    best = min(known, key=lambda c: c.microseconds) if known else found[0]
    return Exploration(
        **{
            "model": None,
            "design": None,
            "best": best,
            "candidates": found,
            "baselines": baselines() if others is None else tuple(others),
            "device": "zcu104",
            "asked": "the least time within 0.5 points of drop on zcu104 at 250 MHz",
            "float_value": 87.9,
            "left_out": {"bound": 310, "resources": 42, "accuracy": 17},
            **fields,
        }
    )
