"""A LOAD: the checks, then the image once more on its way into the memories."""

from pynq_lstm.accelerator.design import BEAT, GATES
from pynq_lstm.accelerator.packing.directory import CHECKED_FROM, HEADER_BEATS
from pynq_lstm.accelerator.timing.load_call import loaded
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

CRC_BLOCK = 64  # beats, common/crc32.h


def load(image, latencies):
    """Cycles of a LOAD.

    Parameters
    ----------
    image : Image
    latencies : Latencies

    Returns
    -------
    int
    """
    lat, beats = latencies, len(image.beats)

    def burst(label, count):
        return lat.memory_read + lat.alone(label, count)

    cycles = HEADER_BEATS * lat.memory_read
    for first in range(CHECKED_FROM, beats, CRC_BLOCK):
        block = min(beats - first, CRC_BLOCK)
        cycles += lat.sequential_iteration + burst("crc_read", block)
        cycles += lat.alone("crc_bytes", block * BEAT)
    cycles += burst("check_pairs", len(image.pairs))
    for layout in image.pairs:
        cycles += lat.sequential_iteration + burst("check_route_words", layout.route_words)
    for program in image.programs:
        cycles += lat.sequential_iteration + 2 * lat.memory_read
        for side in PARTS:
            cycles += 2 * lat.memory_read + _CHECKS[image.design.engine](image, program, side, lat)
    return cycles + loaded(image, lat)


def _svd(image, program, side, lat):
    """Cycles in which the words of a part of a program are checked."""
    design, words = getattr(image.design, side), getattr(program, side)
    lanes = GATES * design.v_lanes

    def burst(label, count):
        return lat.memory_read + lat.alone(label, count)

    u = burst("check_u_codes", design.u_lanes * tile_count(image.design.u_tile, BEAT))
    u += burst("check_u_controls", tile_count(2 * design.u_lanes, BEAT))
    v = burst("check_v_codes", tile_count(lanes, 2)) + lat.memory_read
    v += burst("check_v_indexes", tile_count(lanes, BEAT))
    cycles = words.u.words * (u + lat.sequential_iteration)
    return cycles + words.v.words * (v + lat.sequential_iteration)


def _block_diagonal(image, program, side, lat):
    layout, design = image.pairs[program.pair], image.design
    tiles = {"input": layout.x_tiles, "hidden": layout.h_tiles}[side]
    words = getattr(program, side).words
    columns = lat.memory_read + lat.alone("check_column_beats", tiles * design.column_beats)
    return columns + lat.memory_read + lat.alone("check_weight_beats", words * design.word_beats)


_CHECKS = {"svd": _svd, "block_diagonal": _block_diagonal}
