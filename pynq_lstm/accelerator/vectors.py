"""Files of test vectors: commands of the kernel with what each must answer.

``hls_src/tests/testbench.h`` plays them under Vitis, in C simulation and against the RTL. A
file is, little-endian: "VECT", the number of commands, then for each the registers (command,
sequences, refinements, state, beats of in and out), the 13 results, the beats read and the
beats expected.
"""

import os
import struct
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from pynq_lstm.accelerator.native import Registers

MAGIC = b"VECT"


@dataclass(frozen=True, eq=False)
class Vector:
    """One command and its answer.

    Attributes
    ----------
    command, sequences, refinements, state : int
    given, expected : ndarray, (beats, 16), uint8
        What is read, and what must be written.
    results : Registers
    """

    command: int
    sequences: int
    refinements: int
    state: int
    given: np.ndarray
    expected: np.ndarray
    results: Registers


def write(path, vectors):
    """Write a file of vectors in one step.

    Parameters
    ----------
    path : path-like
    vectors : sequence of Vector
    """
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    with open(partial, "wb") as file:
        file.write(MAGIC + struct.pack("<I", len(vectors)))
        for v in vectors:
            head = (v.command, v.sequences, v.refinements, v.state, len(v.given), len(v.expected))
            file.write(struct.pack("<6I", *head) + struct.pack("<13I", *astuple(v.results)))
            file.write(np.ascontiguousarray(v.given, np.uint8).tobytes())
            file.write(np.ascontiguousarray(v.expected, np.uint8).tobytes())
    os.replace(partial, path)
