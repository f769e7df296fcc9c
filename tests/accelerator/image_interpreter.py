"""docs/accelerator_image.md as naive Python: loads an image and runs it, word by word.

Nothing of the packer is imported: this reads the bytes by the page, and refuses what the page
forbids. It is slow and meant to be read beside the page.
"""

import struct
import zlib
from types import SimpleNamespace

import numpy as np
from image_records import (
    BEAT,
    GATES,
    LANES,
    integers,
    need,
    read_bias,
    read_pair,
    read_program,
    read_route,
    read_s,
    read_u,
    read_v,
)

from pynq_lstm import numerics

SECTIONS = ("input_u", "input_s", "input_v", "hidden_u", "hidden_s", "hidden_v", "bias", "route")


class Interpreter:
    """An image in a kernel of `design`; `run` is RUN."""

    def __init__(self, design, beats):
        self.design = design
        data = bytes(beats.tobytes())
        magic, version, hash64 = struct.unpack_from("<IIQ", data, 0)
        size, crc, zero = struct.unpack_from("<IIQ", data, BEAT)
        need((magic, version, hash64) == (0x474D4950, 1, design.hash64), "magic, version or hash")
        need(size * BEAT == len(data) and zero == 0, "length")
        need(zlib.crc32(data[2 * BEAT :]) == crc, "CRC")
        pairs, programs, self.largest, self.collect = struct.unpack_from("<4I", data, 2 * BEAT)
        need(1 <= pairs <= design.max_pairs, "pairs")
        need(pairs <= programs <= design.max_programs, "programs")
        counts = dict(zip(SECTIONS, struct.unpack_from("<8I", data, 3 * BEAT)))
        at = 5 * BEAT
        self.pairs = [read_pair(data, at + 2 * BEAT * k) for k in range(pairs)]
        at += 2 * BEAT * pairs
        self.programs = [read_program(data, at + 2 * BEAT * k) for k in range(programs)]
        at += 2 * BEAT * programs
        readers = {
            "u": lambda d, at, part: read_u(d, at, part, design.u_tile),
            "s": read_s,
            "v": lambda d, at, part: read_v(d, at, part, design.v_tile),
        }
        for name in SECTIONS:
            side, _, unit = name.partition("_")
            part = getattr(design, side, None)
            reader = readers.get(unit)
            if name == "bias":
                reader, depth = (lambda d, at, part: read_bias(d, at, design.v_tile)), None
                depth = design.max_pairs * (design.max_hidden // design.v_tile)
            elif name == "route":
                reader, depth = read_route, design.max_route_words
            else:
                depth = getattr(part, f"{unit}_words")
            need(counts[name] <= depth, f"{name}: {counts[name]} of {depth} records")
            section = []
            for _ in range(counts[name]):
                record, length = reader(data, at, part)
                section.append(record)
                at += length
            setattr(self, name, section)
        need(at == len(data), "sections end elsewhere")
        self.own_programs = self.check()
        self.runs = 0
        self.lag = max(lane.lag for pair in self.pairs for lane in pair.lanes)

    def check(self):
        """Starts, ranges and schedules; returns each pair's programs."""
        d, first, result = self.design, 0, []
        need(sum(p.h_tiles for p in self.pairs if p.collected) == self.collect, "collect")
        for number, pair in enumerate(self.pairs):
            need(1 <= pair.x_tiles <= d.max_inputs // d.u_tile, "x_tiles")
            need(1 <= pair.h_tiles <= d.max_hidden // d.v_tile, "h_tiles")
            need(pair.bias_start + pair.h_tiles <= len(self.bias), "bias range")
            routes = self.route[pair.route_start : pair.route_start + pair.route_words]
            need(len(routes) == pair.route_words, "route range")
            need(sum(r.last for r in routes) == pair.x_tiles and routes[-1].last, "route's tiles")
            takes = sum(any(t.kind == 1 for t in r.terms) for r in routes)
            need(takes == pair.external_tiles, "external tiles")
            for term in (t for r in routes for t in r.terms):
                need(-8 <= term.shift <= 8, "route shift")
                if term.kind == 2:
                    source = self.pairs[term.pair]
                    need(source.collected and source.lanes[term.lane].present, "route source")
                    need(term.tile * 2 < source.h_tiles, "route tile")
            need(pair.lanes[0].present, f"pair {number} has no first lane")
            own = self.programs[first : first + pair.programs]
            need(len(own) == pair.programs >= 1, "program range")
            need(all(p.input.prefix == p.hidden.prefix for p in own), "prefixes of the parts")
            prefixes = [p.input.prefix for p in own]
            need(prefixes == sorted(set(prefixes)) and prefixes[-1] <= self.largest, "prefixes")
            for program in own:
                self.check_part("input", program.input, pair.x_tiles, pair)
                tiles = -(-pair.h_tiles * d.v_tile // d.u_tile)
                self.check_part("hidden", program.hidden, tiles, pair)
            first += pair.programs
            result.append(own)
        need(first == len(self.programs), "programs of no pair")
        return result

    def check_part(self, side, program, tiles, pair):
        words = self.words(side, "u", program.u_start, program.u_words)
        need(1 <= program.slots <= self.design.max_slots, "slots")
        for lane in (
            lane for s in self.words(side, "s", program.s_start, program.slots) for lane in s
        ):
            need(all(p.present or not s for p, s in zip(pair.lanes, lane.s)), "s of an empty lane")
        taken = []  # word that took each tile
        for n, word in enumerate(words):
            if word.take:
                taken.append(n)
            for lane in word.lanes:
                need(lane.slot < program.slots, "slot of U")
                if any(lane.codes):
                    need(lane.tile < len(taken), "a tile that was not taken")
                    distance = n - taken[lane.tile]
                    need(distance >= self.design.take_distance, "a tile that was taken too late")
        need(len(taken) == tiles, "tiles taken")
        words = self.words(side, "v", program.v_start, program.v_words)
        need(sum(w.last for w in words) == pair.h_tiles and words[-1].last, "tiles of V")
        for lane in (lane for word in words for lane in word.lanes):
            part = getattr(self.design, side)
            need(lane.slot < program.slots and lane.bank < part.u_lanes, "index of V")

    def words(self, side, unit, start, count):
        section = getattr(self, f"{side}_{unit}")
        need(count >= 1 and start + count <= len(section), f"range of {side} {unit}")
        return section[start : start + count]

    # --- RUN ---------------------------------------------------------------------------------

    def run(self, beats, sequences, refinements, from_memory=True, keep=True):
        """Returns the output's bytes and a namespace of counts."""
        memory = Memory(beats)
        self.counts = SimpleNamespace(steps=0, u_words=0, v_words=0, p=0, pre=0, c=0)
        out = []
        for _ in range(sequences):
            length, *zeros = struct.unpack("<4I", memory.take(BEAT))
            need(length >= 1 and not any(zeros), "length of a sequence")
            states = [self.read_state(memory, pair, from_memory) for pair in self.pairs]
            for wave in range(length + self.lag):
                before = [state.h.copy() for state in states]  # [lane, unit]
                for number, pair in enumerate(self.pairs):
                    out.append(
                        self.step(number, pair, states, before, memory, wave, length, refinements)
                    )
            if keep:
                out += [self.state_bytes(state) for state in states]
        need(memory.at == len(memory.data), "input left over")
        self.runs += 1
        counts = self.counts
        out.append(struct.pack("<4I", self.runs, counts.p, counts.pre, counts.c))
        return b"".join(out), counts

    def read_state(self, memory, pair, from_memory):
        units = pair.h_tiles * self.design.v_tile
        state = SimpleNamespace(h=np.zeros((LANES, units), int), c=np.zeros((LANES, units), int))
        if from_memory:
            tile = self.design.v_tile
            for n in range(pair.h_tiles):
                own = slice(n * tile, (n + 1) * tile)
                for values, bits in ((state.h, self.design.activation_bits), (state.c, 16)):
                    codes = memory.take_integers(LANES * tile, bits // 8)
                    values[:, own] = np.reshape(codes, (LANES, tile))
        return state

    def state_bytes(self, state):
        tile, bits = self.design.v_tile, self.design.activation_bits
        result = b""
        for n in range(state.h.shape[1] // tile):
            own = slice(n * tile, (n + 1) * tile)
            result += to_bytes(state.h[:, own], bits // 8) + to_bytes(state.c[:, own], 2)
        return result

    def step(self, number, pair, states, before, memory, wave, length, refinements):
        """One call: a wave of a pair; returns what it writes."""
        d = self.design
        valid = [lane.present and lane.lag <= wave < lane.lag + length for lane in pair.lanes]
        own = self.own_programs[number]
        program = next((p for p in own if p.input.prefix >= refinements), own[-1])
        x = self.x_tiles(pair, before, memory)
        h = before_tiles(before[number], d.u_tile)
        sums = [
            self.part("input", program.input, pair, x, refinements, valid),
            self.part("hidden", program.hidden, pair, h, refinements, valid),
        ]
        self.counts.steps += 1
        state, result = states[number], b""
        for tile in range(pair.h_tiles):
            shown = np.zeros((LANES, d.v_tile), int)
            for m in (m for m in range(LANES) if valid[m]):
                for i in range(d.v_tile):
                    unit = tile * d.v_tile + i
                    bias = self.bias[pair.bias_start + tile]
                    acc = [
                        sums[0][tile][g][i][m] + sums[1][tile][g][i][m] + bias[g][i][m]
                        for g in range(GATES)
                    ]
                    need(all(-(2**31) <= a < 2**31 for a in acc), "an accumulator overflows")
                    cell = self.cell(acc, int(state.c[m, unit]), pair.lanes[m])
                    state.h[m, unit], state.c[m, unit] = cell
                    shown[m, i] = cell[0]
            result += to_bytes(shown, d.activation_bits // 8)
        return result

    def cell(self, acc, c, lane):
        """Sections 4 and 7 of docs/numerics.md for one unit."""
        pre = [clip(rounded(a, lane.pre_shift), 16) for a in acc]
        self.counts.pre += sum(p != rounded(a, lane.pre_shift) for a, p in zip(acc, pre))
        i, f, o = (int(numerics.sigmoid(pre[k])) for k in (0, 1, 3))
        g = rounded(int(numerics.tanh(pre[2])), 15 - lane.fraction)
        scaled = rounded(f * c + i * g, 15)
        c = clip(scaled, 16)
        self.counts.c += c != scaled
        t = int(numerics.tanh(clip(rounded(c, lane.fraction - 12), 16)))
        bits = self.design.activation_bits
        return clip(rounded(rounded(o * t, 15), 16 - bits), bits), c

    def x_tiles(self, pair, before, memory):
        """Tiles [lane][element] that the route puts together."""
        d, tiles = self.design, []
        sums = np.zeros((LANES, d.u_tile), int)
        for record in self.route[pair.route_start : pair.route_start + pair.route_words]:
            external = None
            if any(term.kind == 1 for term in record.terms):
                external = [
                    memory.take_integers(d.u_tile, d.activation_bits // 8) for _ in range(LANES)
                ]
            for m, term in enumerate(record.terms):
                source = [0] * d.u_tile
                if term.kind == 1:
                    source = external[m]
                if term.kind == 2:
                    source = before_tiles(before[term.pair], d.u_tile)[term.tile][term.lane]
                sums[m] += [rounded(int(v), term.shift) for v in source]
            if record.last:
                tiles.append(numerics.saturate(sums, d.activation_bits))
                sums = np.zeros((LANES, d.u_tile), int)
        return tiles

    def part(self, side, program, pair, vector, refinements, valid):
        """Sums [tile][gate][unit][lane] of one part; `vector` is its tiles [lane][element]."""
        part, d = getattr(self.design, side), self.design
        dots = np.zeros((program.slots, part.u_lanes, LANES), np.int64)
        for word in self.words(side, "u", program.u_start, program.u_words):
            self.counts.u_words += 1
            for k, lane in enumerate(word.lanes):
                if any(lane.codes):
                    dots[lane.slot, k] += vector[lane.tile] @ np.array(lane.codes)
        need(np.abs(dots).max() < 2**31, "a dot product overflows")
        p = np.zeros(dots.shape, np.int64)
        for slot, record in enumerate(self.words(side, "s", program.s_start, program.slots)):
            for k, lane in enumerate(record):
                for m in range(LANES):
                    own = pair.lanes[m]
                    if lane.refinement < refinements and own.present:
                        scaled = rounded(int(dots[slot, k, m]) * lane.s[m], own.s_shift[side])
                        p[slot, k, m] = clip(scaled, own.p_bits)
                        self.counts.p += bool(valid[m] and p[slot, k, m] != scaled)
        tiles, acc = [], np.zeros((GATES, d.v_tile, LANES), np.int64)
        for word in self.words(side, "v", program.v_start, program.v_words):
            self.counts.v_words += 1
            for k, lane in enumerate(word.lanes):
                acc[k // part.v_lanes] += np.outer(lane.codes, p[lane.slot, lane.bank])
            if word.last:
                tiles.append(acc.tolist())
                acc = np.zeros_like(acc)
        return tiles


class Memory:
    """Bytes read in order, by whole beats."""

    def __init__(self, beats):
        self.data, self.at = beats.tobytes(), 0

    def take(self, count):
        self.at += count
        need(self.at <= len(self.data), "input ends early")
        return self.data[self.at - count : self.at]

    def take_integers(self, count, size):
        """`count` integers, and the zeros behind them up to a whole beat."""
        raw = self.take(-(-count * size // BEAT) * BEAT)
        need(not any(raw[count * size :]), "padding")
        return integers(raw, 0, count, size)


def to_bytes(values, size):
    raw = b"".join(int(v).to_bytes(size, "little", signed=True) for v in values.flat)
    return raw + bytes(-len(raw) % BEAT)


def before_tiles(h, u_tile):
    """h [lane, unit] as tiles of x, [tile][lane][element]; zeros behind."""
    wide = np.zeros((LANES, -(-h.shape[1] // u_tile) * u_tile), int)
    wide[:, : h.shape[1]] = h
    return [wide[:, k : k + u_tile] for k in range(0, wide.shape[1], u_tile)]


def rounded(v, shift):
    return (v + (1 << (shift - 1))) >> shift if shift > 0 else v << -shift


def clip(v, bits):
    return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, v))
