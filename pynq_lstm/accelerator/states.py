"""States of the kernel in memory, and tiles of h and c in general (docs/accelerator_image.md)."""

import numpy as np

from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.accelerator.packing.records import beats as to_beats


def state_beats(image):
    """Beats of the state of one sequence, all pairs."""
    design = image.design
    return sum(layout.h_tiles for layout in image.pairs) * (design.h_beats + design.c_beats)


def pack_state(image, h, c):
    """States as the kernel reads them: h and c are lists of (batch, hidden).

    Returns
    -------
    ndarray, (batch, beats, 16), uint8
    """
    design, parts = image.design, []
    batch = len(h[0])
    for k, layout in enumerate(image.pairs):
        rows = []
        for values, bits in ((h, design.activation_bits), (c, 16)):
            shape = batch, layout.h_tiles, design.lanes, design.v_tile
            lanes = np.zeros(shape, f"<i{bits // 8}")
            for place, own in zip(image.plan.members, values):
                if place[0] == k:
                    lanes[:, :, place[1]] = _tiled(own, layout, design.v_tile)
            rows.append(to_beats(lanes.reshape(batch * layout.h_tiles, -1).view(np.uint8)))
        parts.append(np.concatenate(rows, axis=1).reshape(batch, -1, BEAT))
    return np.concatenate(parts, axis=1)


def unpack_state(image, beats):
    """h and c of states as the kernel writes them, (batch, beats, 16); lists of (batch, hidden)."""
    design, batch = image.design, len(beats)
    per_tile = design.h_beats + design.c_beats
    tiles = beats.reshape(batch, -1, per_tile, BEAT)
    h_rows, c_rows = tiles[:, :, : design.h_beats], tiles[:, :, design.h_beats :]
    return (
        by_member(image, h_rows, design.activation_bits),
        by_member(image, c_rows, 16),
    )


def _tiled(values, layout, tile):
    """(..., hidden) to (..., tiles, tile), zeros where there is no unit."""
    wide = np.zeros((*values.shape[:-1], layout.h_tiles * tile), values.dtype)
    wide[..., layout.unit_index] = values
    return wide.reshape(*values.shape[:-1], layout.h_tiles, tile)


def by_member(image, rows, bits):
    """Tiles of all pairs to the members'.

    Parameters
    ----------
    image : Image
    rows : ndarray, (..., tiles, beats, 16), uint8
        A tile of both lanes each.
    bits : int
        Of a value.

    Returns
    -------
    list of ndarray, (..., hidden), int16
    """
    tile, lanes = image.design.v_tile, image.design.lanes
    used = lanes * tile * bits // 8
    values = rows.reshape(*rows.shape[:-2], -1)[..., :used]
    values = np.ascontiguousarray(values).view(f"<i{bits // 8}").astype(np.int16, copy=False)
    values = values.reshape(*values.shape[:-1], lanes, tile)
    result = []
    for k, lane in image.plan.members:
        layout = image.pairs[k]
        own = values[..., layout.bias_start : layout.bias_start + layout.h_tiles, lane, :]
        flat = own.reshape(*own.shape[:-2], layout.h_tiles * tile)
        result.append(np.ascontiguousarray(flat[..., layout.unit_index]))
    return result
