"""The hand-written backward pass against autograd on the float LSTM under the same mask."""

import copy
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from pynq_lstm.compression.block_options import BlockDiagonalOptions  # noqa: E402
from pynq_lstm.compression.fine_tuning import calibrate, quantise_modules  # noqa: E402
from pynq_lstm.compression.fine_tuning.grids import block_mask  # noqa: E402

pytestmark = pytest.mark.torch
INPUTS, HIDDEN = 24, 20


def pruned_lstm(seed=0):
    """An nn.LSTM whose weights the mask leaves as they are."""
    torch.manual_seed(seed)
    lstm = torch.nn.LSTM(INPUTS, HIDDEN)
    with torch.no_grad():
        for name, size in (("weight_ih_l0", INPUTS), ("weight_hh_l0", HIDDEN)):
            getattr(lstm, name).mul_(2 * block_mask(HIDDEN, size, 4).repeat(4, 1))
    return lstm


def gradients(module, x, h, c, weights):
    """Of x, the first state, the matrices and a bias, for a loss that reads all outputs."""
    leaves = [part.clone().requires_grad_() for part in (x, h, c)]
    out, (h_last, c_last) = module(leaves[0], tuple(leaves[1:]))
    loss = (out * weights).sum() + 2 * h_last.sum() + 3 * c_last.sum()
    parameters = [module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0]
    return torch.autograd.grad(loss, leaves + parameters)


def inputs():
    x, weights = 0.5 * torch.randn(15, 6, INPUTS), torch.randn(15, 6, HIDDEN)
    h, c = 0.2 * torch.randn(2, 1, 6, HIDDEN).clamp(-2, 2)
    return x, h, c, weights


@pytest.mark.parametrize("quantization, limit", [("nlq", 0.03), ("tlq", 0.25)])
@pytest.mark.parametrize("maximum", [False, True])
def test_gradients_are_those_of_the_float_network(quantization, limit, maximum):
    lstm = pruned_lstm()
    options = BlockDiagonalOptions(4, 8, 8, quantization, activation_bits=16)
    module = quantise_modules(copy.deepcopy(lstm), options, maximum)
    x, h, c, weights = inputs()
    calibrate(module, [2 * x], lambda m, batch: m(batch, (3 * h, c)))  # nothing saturates then
    expected = gradients(lstm, x, h, c, weights)
    for name, found, true in zip("xhcwub", gradients(module, x, h, c, weights), expected):
        if name == "w":
            true = true * block_mask(HIDDEN, INPUTS, 4).repeat(4, 1)
        if name == "u":
            true = true * block_mask(HIDDEN, HIDDEN, 4).repeat(4, 1)
        assert (found - true).norm() < limit * true.norm(), name


def test_absent_weights_get_no_gradient_and_change_nothing():
    module = quantise_modules(torch.nn.LSTM(INPUTS, HIDDEN), BlockDiagonalOptions())
    x, h, c, weights = inputs()
    calibrate(module, [x])
    before = module(x)[0]
    absent = ~block_mask(HIDDEN, INPUTS, 4).repeat(4, 1)
    assert not gradients(module, x, h, c, weights)[3][absent].any()
    with torch.no_grad():
        module.weight_ih_l0[absent] = 100.0
    assert torch.equal(module(x)[0], before)


def test_what_saturates_gets_no_gradient():
    module = quantise_modules(pruned_lstm(), BlockDiagonalOptions(4, 8, 8, "tlq"))
    x, h, c, weights = inputs()
    with torch.no_grad():
        module.weight_ih_l0[0, 0] = 1.5  # TLQ holds -1 to 1
    calibrate(module, [x])
    x[3, 2, 5] = 40.0  # beyond what was met
    found = gradients(module, x, h, c, weights)
    assert found[0][3, 2, 5] == 0 and found[0][3, 2, 4] != 0
    assert found[3][0, 0] == 0 and found[3][0, 5] != 0


def test_nlq_passes_gradients_to_the_largest_weight_of_a_column():
    module = quantise_modules(pruned_lstm(), BlockDiagonalOptions())
    x, h, c, weights = inputs()
    calibrate(module, [x])
    largest = module.weight_ih_l0.abs().argmax(0)
    found = gradients(module, x, h, c, weights)[3]
    assert (found[largest, torch.arange(INPUTS)] != 0).all()


def test_an_operand_of_the_hidden_part_that_saturates_gets_no_gradient():
    module = quantise_modules(pruned_lstm(), BlockDiagonalOptions())
    x, h, c, weights = inputs()
    calibrate(module, [x])
    direction = module.directions["l0"]
    fine = replace(direction.scales[True], hidden_exponent=(-12,))
    direction.scales[True] = fine
    h = torch.full_like(h, 0.9)
    # of h only the last step's own gradient is left: no step hands one to the step before
    assert not gradients(module, x, h, c, 0 * weights)[1].any()
