"""What the designs of all engines have in common: their text, their hash, sizes in beats."""

import hashlib
from dataclasses import asdict
from functools import cached_property
from typing import ClassVar

from pynq_lstm.model_file.strict_json import canonical
from pynq_lstm.tiles import tile_count

BEAT = 16  # bytes of a word of memory
GATES = 4  # i, f, g, o


class DesignCommon:
    """A base without fields.

    Subclasses are frozen dataclasses with `name`, `version`, `part`, `clock_mhz`,
    `activation_bits`, `u_tile`, `v_tile` and parts `input` and `hidden`. Attributes of the class:

    engine : str
        Which weights the kernel computes with; the method of the models that it runs.
    kernel : str
        The top function of the HLS sources.
    lanes : int
        LSTMs of a pair.
    """

    name: str
    activation_bits: int
    u_tile: int
    v_tile: int
    lanes: ClassVar[int]

    def to_json(self):
        """The one text of this design: keys sorted, no spaces, ASCII."""
        return canonical(asdict(self))  # type: ignore[call-overload] # subclasses are dataclasses

    @cached_property
    def hash64(self):
        """The first 8 bytes of the SHA-256 of `to_json`, as a little-endian integer."""
        return int.from_bytes(hashlib.sha256(self.to_json().encode()).digest()[:8], "little")

    @property
    def activation_bytes(self):
        """Bytes of an element of x or h in memory."""
        return self.activation_bits // 8

    @property
    def x_beats(self):
        """Beats of a tile of x of one lane."""
        return tile_count(self.u_tile * self.activation_bytes, BEAT)

    @property
    def h_beats(self):
        """Beats of a tile of h of all lanes."""
        return tile_count(self.lanes * self.v_tile * self.activation_bytes, BEAT)

    @property
    def c_beats(self):
        """Beats of a tile of c of all lanes."""
        return tile_count(self.lanes * self.v_tile * 2, BEAT)

    @property
    def bias_beats(self):
        """Beats of a bias record."""
        return tile_count(GATES * self.v_tile * self.lanes * 4, BEAT)
