"""Benches of the RTL leaf blocks: each feeds a block and counts what differs from numerics.py."""

import sys
from pathlib import Path

import numpy as np

from pynq_lstm import numerics

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from rtl import blocks

CODE = 127  # codes of u and v exclude -128


def codes(rng, shape):
    """Codes of u or v, a third of them extreme."""
    drawn = rng.integers(-CODE, CODE + 1, shape)
    return np.where(rng.random(shape) < 1 / 3, rng.choice([-CODE, CODE], shape), drawn)


def signed(rng, shape, bits):
    """Integers of `bits` bits, a third of them extreme."""
    low, high = numerics.limits(bits)
    drawn = rng.integers(low, high + 1, shape)
    return np.where(rng.random(shape) < 1 / 3, rng.choice([low, low + 1, high], shape), drawn)


def differences(got, expected):
    """How many values of the outputs are not those expected."""
    return sum(int(np.count_nonzero(got[name] != want)) for name, want in expected.items())


def bench_packed_sum(run, rng):
    """Random and extreme operands, the largest sums among them."""
    n, bits = run.block.parameters["N"], run.block.parameters["SHARED"]
    code = codes(rng, (60_000, n))
    other = signed(rng, (60_000, n), max(bits, 8))
    code[:4] = [[CODE], [-CODE], [CODE], [-CODE]]
    other[:4] = np.array(numerics.limits(max(bits, 8)))[[0, 0, 1, 1], None]
    return packed_differences(run, code, other, np.roll(other, 1, 0), bits)


def bench_row_sum(run, rng):
    """Random and extreme weights and operands."""
    n, *bits = (run.block.parameters[name] for name in ("N", "WEIGHT", "OPERAND"))
    weights, operands = (signed(rng, (20_000, n), width) for width in bits)
    got = run(weights=weights, operands=operands)
    return differences(got, {"sum": (weights * operands).sum(-1)})


def packed_differences(run, code, other, second, bits):
    """For u the code is the shared operand; for v it is p, and two codes are the pair."""
    if bits == 8:
        operands = {"shared": code, "low": other, "high": second}
    else:
        operands = {"shared": other, "low": code, "high": np.roll(code, 2, 0)}
    sums = {f"{k}_sum": (operands[k] * operands["shared"]).sum(-1) for k in ("high", "low")}
    return differences(run(**operands), sums)


def bench_umac(run, rng):
    """Programs of random words, each after a clear; then every slot is read."""
    rounds, words, tile = 60, 40, run.block.parameters["TILE"]
    length = 1 + words + 4 + 16  # clear, words, the pipeline runs empty, slots
    shape = (rounds, length)
    row = np.broadcast_to(np.arange(length), shape)
    code = codes(rng, (*shape, tile))
    x0, x1 = (signed(rng, (*shape, tile), 8) for _ in range(2))
    code[0], x0[0], x1[0] = CODE, -128, 127
    slot = rng.integers(0, 16, shape)
    valid = (row > 0) & (row <= words) & (rng.random(shape) < 0.8)
    emit = np.maximum(row - (1 + words + 4), 0)
    inputs = {"clear": row == 0, "valid": valid, "slot": slot, "emit": emit}
    inputs |= {"codes": code, "x0": x0, "x1": x1}
    got = run(**{k: v.reshape(rounds * length, *v.shape[2:]) for k, v in inputs.items()})
    expected = {}
    for name, x in (("d0", x0), ("d1", x1)):
        dots = np.zeros((rounds, 16), np.int64)
        at = (np.arange(rounds)[:, None].repeat(length, 1), slot)
        np.add.at(dots, at, np.where(valid, (code * x).sum(-1), 0))
        expected[name] = dots
    shown = {name: d.reshape(shape)[:, -16:] for name, d in got.items()}
    return differences(shown, expected)


def bench_vmac(run, rng):
    """Tiles of random length, the running sums after every valid word."""
    cycles, lanes, bits = 6_000, run.block.parameters["LANES"], run.block.parameters["P"]
    code = codes(rng, (cycles, lanes, 8))
    p = signed(rng, (2, cycles, lanes), bits)
    code[:50], p[:, :50] = CODE, -(1 << (bits - 1))
    valid, last = rng.random(cycles) < 0.8, rng.random(cycles) < 0.2
    got = run(valid=valid, last=last, codes=code.reshape(cycles, -1), p0=p[0], p1=p[1])
    products = np.einsum("clu,mcl->cmu", code, p).reshape(cycles, 16)
    running, wrong = np.zeros(16, np.int64), 0
    for n in np.flatnonzero(valid):
        running = running + products[n]
        wrong += np.count_nonzero(got["sums"][n] != running)
        running = running * (not last[n])
    return wrong


def bench_smul(run, rng):
    """Every shift and width of p, random and extreme operands, and exact ties."""
    shift = np.repeat(np.arange(48), 2_000)
    d, s = signed(rng, shift.shape, 27), signed(rng, shift.shape, 16)
    tie = (rng.random(shift.shape) < 0.2) & (shift > 0) & (shift < 18)
    odd = 2 * rng.integers(-128, 128, shift.shape) + 1
    d = np.where(tie, odd << np.maximum(np.minimum(shift, 18) - 1, 0), d)
    s = np.where(tie, 1, s)
    wrong = 0
    for bits in range(4, 11):
        kept = rng.random(shift.shape) < 0.9
        exact = numerics.round_shift(d * s, shift)
        p = np.where(kept, numerics.saturate(exact, bits), 0)
        limit = np.full_like(d, numerics.limits(bits)[1])
        got = run(d=d, s=s, shift=shift, limit=limit, kept=kept)
        wrong += differences(got, {"p": p, "clipped": kept & (p != exact)})
    return wrong


def bench_requantise(run, rng):
    """Every shift; every value of 16 bits, random and extreme ones of 32."""
    bits, left = run.block.parameters["IN"], run.block.parameters["LEFT"]
    shifts = range(-8, 25) if bits == 32 else range(-left, 16 - left)
    values = np.arange(-32768, 32768)
    if bits == 32:
        values = np.concatenate([values, values << 8, values << 16, signed(rng, 4_000, bits)])
    value, shift = np.tile(values, len(shifts)), np.repeat(np.array(shifts), len(values))
    exact = numerics.round_shift(value, shift)
    expected = numerics.saturate(exact, run.block.outputs[0].bits)
    clipped = {"result": expected, "clipped": expected != exact}
    return differences(run(value=value, shift=shift + left), clipped)


def bench_pwl(run, rng):
    """Every input."""
    pre = rng.permutation(np.arange(-32768, 32768))
    curve = numerics.sigmoid if run.block.parameters["SIGMOID"] else numerics.tanh
    return differences(run(pre=pre), {"y": curve(pre)})


def cell(i, f, g, c, fraction):
    """Steps 2 and 3 of section 7 of docs/numerics.md."""
    on_grid = numerics.round_shift(g, 15 - fraction)
    return numerics.requantise(f * c + i * on_grid, 15, 16)


def bench_cell_update(run, rng):
    """Gates in the ranges of the curves, any cell, every format of it."""
    fraction = np.repeat(np.arange(15), 4_000)
    pre = signed(rng, (3, len(fraction)), 16)
    i, f, g = numerics.sigmoid(pre[0]), numerics.sigmoid(pre[1]), numerics.tanh(pre[2])
    c = signed(rng, len(fraction), 16)
    got = run(i=i, f=f, g=g, c=c, fraction=fraction)
    return differences(got, {"c_next": cell(i, f, g, c, fraction)})


def bench_sigma_unit(run, rng):
    """Every shift and format; sums that saturate, that fill the range, and that are small."""
    pre_shift = np.tile(np.arange(-8, 25), 1_000)
    count = len(pre_shift)
    fraction, c = rng.integers(0, 15, count), signed(rng, count, 16)
    scale = np.where(pre_shift < 0, 0, pre_shift)[:, None]
    size = rng.choice([1 << 9, 1 << 14, 1 << 17], (count, 1))
    sums = (signed(rng, (count, 4), 16) * size >> 15 << scale) + rng.integers(-9, 9, (count, 4))
    sums = np.clip(sums, -(1 << 31) + (1 << 24), (1 << 31) - (1 << 24))
    hidden, bias = (rng.integers(-(1 << 22), 1 << 22, (count, 4)) for _ in range(2))
    given = {"input_sums": sums - hidden - bias, "hidden_sums": hidden, "bias": bias}
    got = run(**given, pre_shift=pre_shift + 8, fraction=fraction, c=c)
    pre = numerics.requantise(sums, pre_shift[:, None], 16)
    i, f, o = (numerics.sigmoid(pre[:, k]) for k in (0, 1, 3))
    c_next = cell(i, f, numerics.tanh(pre[:, 2]), c, fraction)
    t = numerics.tanh(numerics.requantise(c_next, fraction - 12, 16))
    h = numerics.requantise(numerics.round_shift(o * t, 15), 8, 8)
    return differences(got, {"c_next": c_next, "h": h})


def bench_p_copy(run, rng):
    """Writes and reads at random, a read of this cycle seeing what was written before it."""
    cycles, banks = 3_000, run.block.parameters["BANKS"]
    token = signed(rng, (cycles, banks, 2), 10)
    write, write_slot = rng.random(cycles) < 0.3, rng.integers(0, 16, cycles)
    write[:16], write_slot[:16] = True, np.arange(16)
    bank, slot = rng.integers(0, banks, cycles), rng.integers(0, 16, cycles)
    flat = token.reshape(cycles, -1)
    got = run(write=write, write_slot=write_slot, token=flat, bank=bank, slot=slot)["p"]
    held, wrong = np.zeros((16, banks, 2), np.int64), 0
    for n in range(cycles):
        if n >= 16:
            wrong += np.count_nonzero(got[n] != held[slot[n], bank[n]])
        if write[n]:
            held[write_slot[n]] = token[n]
    return wrong


def bench_word_memory(run, rng):
    """Every word is written, then reads and writes at random."""
    depth, width = run.block.parameters["DEPTH"], run.block.inputs[-1].count
    cycles = 3 * depth
    data = rng.integers(0, 2, (cycles, width))
    write = np.arange(cycles) < depth
    place = np.where(write, np.arange(cycles), rng.integers(0, depth, cycles)) % depth
    write |= rng.random(cycles) < 0.3
    address = rng.integers(0, depth, cycles)
    got = run(write=write, write_address=place, address=address, data=data)["word"]
    held, wrong = np.zeros((depth, width), np.int64), 0
    for n in range(cycles):
        if n >= depth:
            wrong += np.count_nonzero(got[n] != held[address[n]])
        if write[n]:
            held[place[n]] = data[n]
    return wrong


BENCHES = {
    "row_sum": (blocks.row_sum(), bench_row_sum),
    "row_sum_16": (blocks.row_sum(1, 16, 16), bench_row_sum),
    "packed sum of u": (blocks.packed_sum(8, 8), bench_packed_sum),
    "packed sum of v": (blocks.packed_sum(2, 10), bench_packed_sum),
    "U lane": (blocks.umac(), bench_umac),
    "V lanes": (blocks.vmac(), bench_vmac),
    "S multiplier": (blocks.smul(), bench_smul),
    "sigmoid": (blocks.pwl("sigmoid"), bench_pwl),
    "tanh": (blocks.pwl("tanh"), bench_pwl),
    "pre-activation": (blocks.requantise(), bench_requantise),
    "argument of tanh": (blocks.requantise(16, 16, 12, 4), bench_requantise),
    "cell": (blocks.cell_update(), bench_cell_update),
    "sigma": (blocks.sigma_unit(), bench_sigma_unit),
    "copy of p": (blocks.p_copy(), bench_p_copy),
    "memory": (blocks.word_memory(144, 64), bench_word_memory),
}
