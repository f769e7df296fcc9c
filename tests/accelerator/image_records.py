"""The records of docs/accelerator_image.md as naive Python; nothing of the packer is imported."""

import struct
from types import SimpleNamespace

import numpy as np

BEAT, LANES, GATES = 16, 2, 4
PAIR = (
    "x_tiles",
    "h_tiles",
    "external_tiles",
    "route_start",
    "route_words",
    "programs",
    "bias_start",
    "collected",
)
PROGRAM = ("u_start", "u_words", "s_start", "slots", "v_start", "v_words", "prefix")


class BadImage(Exception):
    """What the page does not allow."""


def need(holds, what):
    if not holds:
        raise BadImage(what)


def integers(data, at, count, size, signed=True):
    return [
        int.from_bytes(data[at + k * size : at + (k + 1) * size], "little", signed=signed)
        for k in range(count)
    ]


def read_pair(data, at):
    pair = SimpleNamespace(**dict(zip(PAIR, struct.unpack_from("<8H", data, at))))
    need(pair.collected in (0, 1), "collected")
    pair.lanes = []
    for m in range(LANES):
        raw = struct.unpack_from("<8B", data, at + BEAT + 8 * m)
        present, input_shift, hidden_shift, pre_shift, fraction, lag, p_bits, zero = raw
        need(zero == 0 and present in (0, 1), "lane of a pair")
        need(present or not any(raw), "an empty lane")
        if present:
            need(input_shift < 48 and hidden_shift < 48 and pre_shift <= 32, "shifts")
            need(fraction < 15 and 4 <= p_bits <= 16, "fraction or p_bits")
        pair.lanes.append(
            SimpleNamespace(
                present=bool(present),
                s_shift={"input": input_shift, "hidden": hidden_shift},
                pre_shift=pre_shift - 8,
                fraction=fraction,
                lag=lag,
                p_bits=p_bits,
            )
        )
    return pair


def read_program(data, at):
    parts = []
    for n in range(2):
        *values, zero = struct.unpack_from("<8H", data, at + n * BEAT)
        need(zero == 0, "program")
        parts.append(SimpleNamespace(**dict(zip(PROGRAM, values))))
    return SimpleNamespace(input=parts[0], hidden=parts[1])


def read_u(data, at, part, u_tile):
    lanes, control = [], at + BEAT * part.u_lanes
    for k in range(part.u_lanes):
        (bits,) = struct.unpack_from("<H", data, control + 2 * k)
        codes = integers(data, at + BEAT * k, u_tile, 1)
        need(not any(data[at + BEAT * k + u_tile : at + BEAT * (k + 1)]), "padding of U")
        need(-128 not in codes, "code of -128")
        need(not bits >> 12 & (7 if k == 0 else 15), "reserved bits of U")
        lanes.append(SimpleNamespace(codes=codes, slot=bits & 15, tile=bits >> 4 & 255))
        if k == 0:
            take = bits >> 15
    length = BEAT * (part.u_lanes + -(-part.u_lanes // 8))
    need(not any(data[control + 2 * part.u_lanes : at + length]), "padding of U")
    return SimpleNamespace(lanes=lanes, take=bool(take)), length


def read_s(data, at, part):
    lanes = []
    for k in range(part.u_lanes):
        s0, s1, refinement, zero = struct.unpack_from("<hhHH", data, at + 8 * k)
        need(zero == 0, "reserved bits of S")
        lanes.append(SimpleNamespace(s=(s0, s1), refinement=refinement))
    length = BEAT * -(-part.u_lanes // 2)
    need(not any(data[at + 8 * part.u_lanes : at + length]), "padding of S")
    return lanes, length


def read_v(data, at, part, v_tile):
    lanes, count = [], GATES * part.v_lanes
    index = at + 8 * count
    end = index + BEAT * -(-count // BEAT)
    for k in range(count):
        codes = integers(data, at + 8 * k, v_tile, 1)
        need(not any(data[at + 8 * k + v_tile : at + 8 * (k + 1)]), "padding of V")
        need(-128 not in codes, "code of -128")
        lanes.append(
            SimpleNamespace(codes=codes, slot=data[index + k] & 15, bank=data[index + k] >> 4)
        )
    need(not any(data[index + count : end]), "padding of V")
    need(data[end] in (0, 1) and not any(data[end + 1 : end + BEAT]), "last of V")
    return SimpleNamespace(lanes=lanes, last=bool(data[end])), end + BEAT - at


def read_bias(data, at, v_tile):
    values = integers(data, at, GATES * v_tile * LANES, 4)
    return np.reshape(values, (GATES, v_tile, LANES)).tolist(), -(-len(values) * 4 // BEAT) * BEAT


def read_route(data, at, _):
    raw = data[at : at + BEAT]
    need(raw[0] in (0, 1) and raw[1] == 0 and not any(raw[12:]), "route record")
    terms = []
    for m in range(LANES):
        kind, pair, lane, tile, shift = struct.unpack_from("<BBBBb", raw, 2 + 5 * m)
        need(kind in (0, 1, 2), "kind of a term")
        need(kind == 2 or not (pair or lane or tile), "source of a term")
        need(kind or not shift, "nothing, shifted")
        terms.append(SimpleNamespace(kind=kind, pair=pair, lane=lane, tile=tile, shift=shift))
    return SimpleNamespace(last=bool(raw[0]), terms=terms), BEAT
