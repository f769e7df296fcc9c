"""`QuantisedLSTM` in the place of nn.LSTM: shapes, names, modes, and what is refused."""

import copy

import pytest

torch = pytest.importorskip("torch")

from pynq_lstm import errors  # noqa: E402
from pynq_lstm.compression.block_options import BlockDiagonalOptions  # noqa: E402
from pynq_lstm.compression.fine_tuning import (  # noqa: E402
    QuantisedLSTM,
    calibrate,
    export,
    quantise_modules,
)
from pynq_lstm.compression.fine_tuning.constants import Setting  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("layers, bidirectional", [(1, False), (2, True)])
def test_called_and_answers_as_nn_lstm(batch_first, batched, layers, bidirectional):
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(5, 6, layers, batch_first=batch_first, bidirectional=bidirectional)
    module = quantise_modules(copy.deepcopy(lstm), BlockDiagonalOptions(2, 8, 8))
    x = torch.randn((4, 7, 5) if batched else (7, 5))
    calibrate(module, [x])
    out, state = module(x)
    expected, expected_state = lstm(x)
    assert out.shape == expected.shape
    assert [part.shape for part in state] == [part.shape for part in expected_state]
    again, _ = module(x, state)
    assert not torch.equal(again, out)
    with pytest.raises(errors.InputError, match="state h.shape"):
        module(x, tuple(part[..., :-1] for part in state))


def test_a_sequence_cut_in_two_gives_the_bits_of_the_whole():
    torch.manual_seed(1)
    module = quantise_modules(torch.nn.LSTM(5, 6), BlockDiagonalOptions()).eval()
    x = torch.randn(9, 3, 5)
    calibrate(module, [x])
    whole, last = module(x)
    first, state = module(x[:4])
    second, end = module(x[4:], state)
    assert torch.equal(torch.cat([first, second]), whole)
    assert all(torch.equal(a, b) for a, b in zip(end, last))


def test_the_parameters_stay_those_of_the_model():
    model = torch.nn.Sequential(torch.nn.Linear(5, 5), torch.nn.LSTM(5, 6))
    before = dict(model.named_parameters())
    assert quantise_modules(model) is model
    after = dict(model.named_parameters())
    assert before.keys() == after.keys() and all(before[k] is after[k] for k in before)


def test_scales_travel_with_the_state_dict_and_modes_have_their_own():
    torch.manual_seed(2)
    first, second = (quantise_modules(torch.nn.LSTM(5, 6)) for _ in range(2))
    x = torch.randn(6, 2, 5)
    calibrate(first.train(), [4 * x])
    calibrate(first.eval(), [x])
    direction = first.directions["l0"]
    assert direction.scales[True].x_inverse_scale[0] < direction.scales[False].x_inverse_scale[0]
    second.eval().load_state_dict(first.state_dict())
    assert torch.equal(first(x)[0], second(x)[0])


def test_misuse_is_refused_by_name():
    module = quantise_modules(torch.nn.LSTM(5, 6))
    x = torch.randn(6, 2, 5)
    with pytest.raises(errors.CalibrationError, match="no scales yet"):
        module(x)
    with pytest.raises(errors.CalibrationError, match="met no data"):
        calibrate(module, [])
    with pytest.raises(errors.CalibrationError, match="no scale for x"):
        calibrate(module, [0 * x])
    calibrate(module, [x])
    packed = torch.nn.utils.rnn.pack_sequence([x[:, 0], x[:3, 1]])
    with pytest.raises(errors.InputError, match="pad sequences"):
        module(packed)
    with pytest.raises(errors.CompressionError, match="projections"):
        QuantisedLSTM(torch.nn.LSTM(5, 6, proj_size=3))
    with pytest.raises(errors.CompressionError, match="no QuantisedLSTM"):
        export(torch.nn.LSTM(5, 6))
    deep = quantise_modules(torch.nn.LSTM(5, 6, 2))
    calibrate(deep, [x])
    with pytest.raises(errors.CompressionError, match="export_layers"):
        export(deep)
    eq12 = quantise_modules(torch.nn.LSTM(5, 6), maximum=True)
    calibrate(eq12, [x])
    with pytest.raises(errors.CompressionError, match="maximum"):
        export(eq12)


def test_models_together_compute_as_apart():
    torch.manual_seed(3)
    options = [BlockDiagonalOptions(4, b, o, q) for b, o, q in
               ((2, 8, "nlq"), (4, 4, "tlq"), (8, 6, "nlq"))]  # fmt: skip
    lstm = torch.nn.LSTM(9, 12)
    from pynq_lstm.compression.fine_tuning.direction import Direction

    def run(chosen, x):
        direction = Direction(chosen)
        models = len(chosen)
        weights = [getattr(lstm, name).detach() for name in
                   ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")]  # fmt: skip
        weights = [w.expand(models, *w.shape).clone().requires_grad_() for w in weights]
        zero = torch.zeros(models, 5, 12)
        many = x[:, None].expand(-1, models, -1, -1)
        direction.observe()
        direction(many, *weights, zero, zero)
        direction.settle(*weights[:2])
        out, _, _ = direction(many, *weights, zero, zero)
        return out, torch.autograd.grad(out.square().sum(), weights)

    x = torch.randn(8, 5, 9)
    together, gradient = run(options, x)
    for j, option in enumerate(options):
        alone, own = run([option], x)
        assert torch.equal(together[:, j], alone[:, 0])
        for a, b in zip(gradient, own):
            torch.testing.assert_close(a[j], b[0])
    with pytest.raises(errors.CompressionError, match="gate_bits"):
        Setting((options[0], BlockDiagonalOptions(gate_bits=8)), None)
