"""A whole sequence under Algorithm 1 as one function of torch, with its own backward pass.

Forward is docs/numerics.md: every tensor of a step holds integers (sums are below 2^24 in
float32, or float64 is used), so the exported model has the same codes of h and c. Backward
passes gradients straight through the roundings, not at all where a value saturates, and by the
derivatives of the true curves. What does not depend on the step before is hoisted over time.
"""

import contextlib

import torch

from pynq_lstm.compression.fine_tuning import tables
from pynq_lstm.numerics import PRE_BITS, SIGMA_FRACTION_BITS, limits

SIGMA = SIGMA_FRACTION_BITS
HALF = 1 << (SIGMA - 1)
C_LOW, C_HIGH = limits(PRE_BITS)


class Recurrence(torch.autograd.Function):
    """`run` with gradients."""

    @staticmethod
    def forward(ctx, x, w_ih, w_hh, bias, h, c, constants):
        """See `run`."""
        with _whole_products(x):
            out, h_last, c_last, saved = _forward(x, h, c, constants)
        ctx.saved, ctx.constants = saved, constants
        return out, h_last, c_last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, d_out, d_h, d_c):
        """Gradients of x, the weights, the bias and the first state."""
        with _whole_products(d_out):
            return (*_backward(ctx.saved, ctx.constants, d_out, d_h, d_c), None)


def run(x, w_ih, w_hh, bias, h, c, constants):
    """Run M models of one shape over a sequence.

    Parameters
    ----------
    x : tensor, (time, models, batch, inputs), float32
    w_ih, w_hh, bias : tensor
        As `constants` were made of; gradients go there.
    h, c : tensor, (models, batch, hidden), float32
    constants : Constants

    Returns
    -------
    out : tensor, (time, models, batch, hidden), float32
        On the grid of h.
    h, c : tensor, (models, batch, hidden), float32
    """
    return Recurrence.apply(x, w_ih, w_hh, bias, h, c, constants)


@contextlib.contextmanager
def _whole_products(x):
    """On CUDA without TF32, whatever the user has set: sums of integers are to be exact."""
    setting = torch.backends.cuda.matmul
    try:
        name, exact, before = "allow_tf32", False, x.is_cuda and setting.allow_tf32
    except RuntimeError:  # the user has set it by its newer name, which may not be mixed with this
        name, exact, before = "fp32_precision", "ieee", setting.fp32_precision
    if not before:
        yield
        return
    setattr(setting, name, exact)
    try:
        yield
    finally:
        setattr(setting, name, before)


def _forward(x, h, c, k):
    time, models, batch, _ = x.shape
    size, options, device = k.hidden, k.setting.shared, x.device
    fraction = k.setting.scales.cell_fraction_bits[0]
    bits = options.activation_bits
    low, high = limits(bits)
    gate_table = tables.gates(options.gate_bits, fraction, device)
    tanh_table = tables.cell_tanh(fraction, device)

    x_scaled = torch.round(x * k.x_inverse_scale)
    x_codes = x_scaled.clamp(low, high).to(k.dtype)
    x_operand, x_maximum = _operands(x_codes, k, 0)
    flat = x_operand.transpose(0, 1).reshape(models, time * batch, -1)
    sums = torch.bmm(flat, k.parts[0].codes).view(models, time, batch, -1).transpose(0, 1)
    sums = sums + k.bias if x_maximum is None else torch.addcmul(k.bias, sums, x_maximum)

    def buffer(width, dtype, steps=time):
        return torch.empty(steps, models, batch, width, dtype=dtype, device=device)

    h_codes, cells = buffer(size, k.dtype, time + 1), buffer(size, torch.int32, time + 1)
    h_codes[0] = torch.round(h * (high + 1)).clamp(low, high)
    cells[0] = torch.round(c * 2.0**fraction).clamp(C_LOW, C_HIGH)
    index, gates = buffer(4 * size, torch.int32), buffer(4 * size, torch.int32)
    operands, tanhs = buffer(size, k.dtype), buffer(size, torch.int32)
    h_maximum = buffer(1, k.dtype) if k.setting.maximum else None
    hidden, half = k.parts[1], torch.full((), 0.5, dtype=k.dtype, device=device)
    coarse, c_coarse = 16 - bits, PRE_BITS - options.cell_bits
    c_shift, (c_low, c_high) = SIGMA + c_coarse, limits(options.cell_bits)
    for t in range(time):
        if h_maximum is None:
            operand = torch.addcmul(half, h_codes[t], hidden.m, out=operands[t])
            operand.floor_().clamp_(k.low, k.high)
            pre = torch.baddbmm(sums[t], operand, hidden.codes)
        else:
            operands[t], h_maximum[t] = _operands(h_codes[t], k, 1)
            pre = torch.addcmul(sums[t], torch.bmm(operands[t], hidden.codes), h_maximum[t])
        index[t] = pre.floor_().clamp_(k.first, k.last)
        torch.index_select(gate_table, 0, index[t].view(-1), out=gates[t].view(-1))
        i, f, g, o = gates[t].split(size, dim=-1)
        cell = (f * cells[t]).addcmul_(i, g).add_(1 << (c_shift - 1))
        cell.bitwise_right_shift_(c_shift).clamp_(c_low, c_high)
        if c_coarse:
            cell.bitwise_left_shift_(c_coarse)
        cells[t + 1] = cell
        torch.index_select(tanh_table, 0, (cell - C_LOW).view(-1), out=tanhs[t].view(-1))
        new = (o * tanhs[t]).add_(HALF).bitwise_right_shift_(SIGMA)
        if coarse:
            new = new.add_(1 << (coarse - 1)).bitwise_right_shift_(coarse)
        h_codes[t + 1] = new.clamp_(max=high)
    out = (h_codes[1:] * 2.0 ** (1 - bits)).float()
    saved = {
        "x_scaled": x_scaled, "x_codes": x_codes, "x_operand": x_operand, "x_maximum": x_maximum,
        "h_codes": h_codes, "operands": operands, "h_maximum": h_maximum, "cells": cells,
        "index": index, "gates": gates, "tanhs": tanhs,
    }  # fmt: skip
    return out, out[-1].clone(), (cells[-1] * 2.0**-fraction).float(), saved


def _operands(codes, k, part):
    """x' of the normalised codes, and under eq. (12) what a code of x' is worth, (..., 1)."""
    scaled = codes * k.parts[part].m
    if not k.setting.maximum:
        return scaled.add_(0.5).floor_().clamp_(k.low, k.high), None
    unit = scaled.abs().amax(-1, keepdim=True) / k.operand_top.to(scaled.dtype)
    unit = unit.clamp_(min=torch.finfo(unit.dtype).tiny)
    return (scaled / unit).add_(0.5).floor_().clamp_(k.low, k.high), unit


def _backward(s, k, d_out, d_h, d_c):
    time, models, batch, _ = s["x_codes"].shape
    size, device = k.hidden, d_out.device
    factors = _Factors(s, k)
    effective = k.parts[1].effective
    d_pre = torch.empty(time, models, batch, 4 * size, device=device)
    d_h, d_c = d_h.clone(), d_c.clone()
    for t in range(time - 1, -1, -1):
        d_h += d_out[t]
        d_c.addcmul_(d_h, factors.tanh[t])
        torch.mul(d_h, factors.o[t], out=d_pre[t, ..., 3 * size :])
        ifg = d_pre[t, ..., : 3 * size].unflatten(-1, (3, size))
        torch.mul(d_c.unsqueeze(-2), factors.ifg[t], out=ifg)
        d_h = torch.bmm(d_pre[t], effective).mul_(factors.h_inside[t])
        d_c = d_c * factors.c[t]
    flat = d_pre.transpose(0, 1).reshape(models, time * batch, 4 * size)
    d_x = torch.bmm(flat, k.parts[0].effective).view(models, time, batch, -1).transpose(0, 1)
    inputs = (s["x_operand"], s["x_maximum"]), (s["operands"], s["h_maximum"])
    d_w = [_weight_gradient(flat, *pair, part) for pair, part in zip(inputs, k.parts)]
    return d_x * factors.x_inside, *d_w, flat.sum(1), d_h, d_c


class _Factors:
    """What a step of the backward pass multiplies with, for all steps at once.

    Attributes
    ----------
    tanh, o, c : (time, models, batch, hidden)
        From h to c, from h to the pre-activation of o, from c to the c before.
    ifg : (time, models, batch, 3, hidden)
        From c to the pre-activations of i, f and g.
    h_inside, x_inside : bool
        Not where x' saturated; for x also not where its own code did.
    """

    def __init__(self, s, k):
        size, fraction = k.hidden, k.setting.scales.cell_fraction_bits[0]
        bits = k.setting.shared.cell_bits
        index = s["index"].view(-1)
        slope = tables.slopes(index.device).index_select(0, index).view(s["index"].shape)
        gates = s["gates"].float()
        i, f, g, o = gates.split(size, dim=-1)
        unit = 2.0**-SIGMA
        before, cell = s["cells"][:-1], s["cells"][1:]
        tanh = s["tanhs"] * unit
        low, high = (v << (16 - bits) for v in limits(bits))
        c_inside = ((cell > low) & (cell < high)).float()
        self.c = f * c_inside * unit
        self.tanh = o * (1 - tanh * tanh) * unit
        self.o = tanh * slope[..., 3 * size :]
        to_c = torch.stack([g * 2.0**-fraction, before * 2.0**-fraction, i * unit], -2)
        to_c *= slope[..., : 3 * size].unflatten(-1, (3, size))
        self.ifg = to_c.mul_(c_inside.unsqueeze(-2))
        if k.setting.maximum:  # the largest defines the scale: nothing saturates
            self.h_inside = torch.ones((len(gates), 1, 1, 1), device=index.device)
            self.x_inside = s["x_scaled"] == s["x_codes"]
            return
        self.h_inside = _inside(s["h_codes"][:-1], s["operands"], k.parts[1])
        inside = _inside(s["x_codes"], s["x_operand"], k.parts[0])
        self.x_inside = inside & (s["x_scaled"] == s["x_codes"])


def _inside(codes, operands, part):
    return torch.floor(codes * part.m + 0.5) == operands


def _weight_gradient(d_pre, operands, maximum, part):
    """Straight through: d pre / d w is the normalised input over the scale of its column."""
    operands = operands if maximum is None else operands * maximum
    flat = operands.float().transpose(0, 1).reshape(len(d_pre), d_pre.shape[1], -1)
    gradient = torch.bmm(d_pre.transpose(1, 2), flat)
    return gradient.mul_(part.unscale.transpose(1, 2)).mul_(part.inside)
