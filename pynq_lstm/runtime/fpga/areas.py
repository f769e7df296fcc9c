"""The areas of one session: allocated when first needed, grown when too small, freed together.

Buffers are flushed as a whole, so small calls have areas of their own: they do not pay for a
large one that came before.
"""

from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.runtime.fpga.area import Area, free_all

SMALL = 64 << 10  # bytes


class Areas:
    """Two inputs, so that one is filled while the kernel reads the other, and one output.

    Parameters
    ----------
    device : pynq Device
    """

    def __init__(self, device):
        self._device, self._areas = device, {}

    def source(self, slot, beats):
        """The input area of a slot (0 or 1), with room for so many beats."""
        return self._ensure(("in", slot, _is_small(beats)), beats)

    def target(self, beats):
        """The output area; nothing may be in flight when it is asked for."""
        return self._ensure(("out", _is_small(beats)), beats)

    def image(self, beats):
        """Where the image lies, (n, 16) uint8; kept, so that a reset kernel can load it again."""
        if "image" not in self._areas:
            area = self._ensure("image", len(beats))
            area.put(beats)
        return self._areas["image"]

    def free(self):
        """Give all memory back; a second call does nothing."""
        areas, self._areas = self._areas, {}
        free_all(areas.values())

    def _ensure(self, key, beats):
        area = self._areas.get(key)
        if area is not None and area.fits(beats):
            return area
        if area is not None:
            del self._areas[key]
            area.free()
        self._areas[key] = Area(self._device, beats * BEAT)
        return self._areas[key]


def _is_small(beats):
    return beats * BEAT <= SMALL
