"""`fine_tune(..., method="svd")` of layers, directions and wirings, and of LSTMs that share."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence  # noqa: E402

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.compression.fine_tuning import fine_tune  # noqa: E402
from pynq_lstm.compression.fine_tuning.topology import groups_of_trained  # noqa: E402
from pynq_lstm.compression.fine_tuning.trained import trained  # noqa: E402
from pynq_lstm.compression.weights import dense_weights  # noqa: E402
from pynq_lstm.errors import CalibrationError, CompressionError  # noqa: E402
from pynq_lstm.tiles import element_mask  # noqa: E402

pytestmark = pytest.mark.torch
SETTINGS = {"method": "svd", "learning_rate": 3e-2, "epochs": 2, "progress": False}
TILES = {"u_tile": 2, "v_tile": 4, "zero_u_tiles": 1, "zero_v_tiles": 1}
BATCH, TIME = 12, 6


def stack(layers=2, bidirectional=False, seed=0):
    torch.manual_seed(seed)
    lstm = torch.nn.LSTM(6, 8, layers, batch_first=True, bidirectional=bidirectional)
    return pl.Network.from_torch(lstm, torch.nn.Linear(16 if bidirectional else 8, 3))


def wired():
    """A sum with an external input, every second step, and a last h; the head reads two."""
    torch.manual_seed(1)
    sizes = {"low": (6, 8), "slow": (13, 7), "sum": (8, 8), "end": (7, 5)}
    lstms = {name: torch.nn.LSTM(*size, batch_first=True) for name, size in sizes.items()}
    lstms["low"] = torch.nn.LSTM(6, 8, 2, batch_first=True)
    sources = {"low": "x0", "slow": "low / 2, x1 / 2", "sum": "low + x2", "end": "last(slow)",
               "head": "sum, end"}  # fmt: skip
    return pl.Network.from_torch(lstms, torch.nn.Linear(13, 3), sources)


NETWORKS = {
    "two layers": stack,
    "both directions": lambda: stack(1, True),
    "two layers of both": lambda: stack(2, True),
    "wired": wired,
}


def inputs(network, count=3, seed=0):
    """Batches of packed sequences, whose class the first values of the first input tell."""
    random, made = torch.Generator().manual_seed(seed), []
    for _ in range(count):
        n = torch.randint(2, TIME + 1, (BATCH,), generator=random)
        sizes = network.sequences.input_sizes
        x = [torch.rand(BATCH, TIME, size, generator=random) * 2 - 1 for size in sizes]
        target = x[0][:, 0, :3].argmax(1)
        packed = [pack_padded_sequence(one, n, batch_first=True, enforce_sorted=False) for one in x]
        made.append((packed if len(packed) > 1 else packed[0], target))
    return made


def tuned(name, **settings):
    network = NETWORKS[name]()
    settings = {"refinements": 3, **SETTINGS, **settings}
    return fine_tune(network, inputs(network), **settings)


def check_weights(found, made):
    """What runs has the codes and weights that were trained."""
    modules, place = trained(found.model), {}
    for model, own in zip(made.passes, made.members):
        place.update((k, (model, j)) for j, k in enumerate(own))
    for k, module in enumerate(modules):
        model, j = place[k]
        for own, expected in zip(module.matrices(), dense_weights(model, j)):
            own = own.detach().numpy()
            np.testing.assert_allclose(own, expected, atol=3e-4 * np.abs(own).max())
        step = 2.0 ** -(12 + model.pre_shift[j])
        assert np.abs(model.bias[j] * step - module.bias_sum.detach().numpy()).max() <= 0.51 * step
        assert model.x_inverse_scale[j] == module.x_grid.inverse_scale(module.x_grid.at_least, 8)
    for model, own in zip(made.groups, made.held):
        components = modules[own[0]].components
        for side in ("input", "hidden"):
            part, trained_part = getattr(model, side), getattr(components, side).components()
            np.testing.assert_array_equal(part.u, trained_part.u)
            np.testing.assert_array_equal(part.v, trained_part.v)


def check_same(made, wanted):
    """The same groups and integers; what the provenance says of how they were found may differ."""
    assert made.held == wanted.held
    for own, other in zip(made.groups, wanted.groups):
        for side in ("input", "hidden"):
            for name in ("u", "v", "s"):
                part, expected = getattr(own, side), getattr(other, side)
                np.testing.assert_array_equal(getattr(part, name), getattr(expected, name))


def check_answers(found, made, network):
    """The integers of every back end are the same, and near what the module computes."""
    for x, target in inputs(network, 2, seed=5):
        with torch.no_grad():
            logits = found.model.classes(x, target).numpy()
        with pl.load(made, "reference") as naive, pl.load(made, "cpu") as fast:
            ours = naive.infer_logits(x)
            np.testing.assert_array_equal(ours, fast.infer_logits(x))
        assert np.abs(ours - logits).max() < 0.1
        assert np.abs(ours - network.infer_logits(x)).max() > 0.1  # it was trained


@pytest.mark.parametrize(
    "name, share",
    [*((name, share) for name in NETWORKS for share in (None, "network")),
     ("two layers of both", "none"), ("two layers of both", "auto"), ("wired", "none")],
)  # fmt: skip
def test_the_export_is_what_was_trained(name, share):
    found = tuned(name, share=share, teacher=True, epochs=5)
    network = NETWORKS[name]()
    made = found.export()
    assert isinstance(made, pl.CompressedNetwork) and made.wiring == network.wiring
    assert made.stacks == network.stacks and made.prefixes == (made.max_refinements,)
    start = pl.compress(network, input_range=(-1, 1), refinements=3, share=share or "all",
                        progress=False)  # fmt: skip
    assert made.held == start.held and made.members == start.members
    check_weights(found, made)
    check_answers(found, made, network)


@pytest.mark.parametrize(
    "bits, form, solver",
    [(4, "per_gate", "greedy"), (8, "stacked", "bcd"), (4, "auto", "greedy")],
)
def test_masks_and_grids_of_layers(bits, form, solver):
    asked = {"weight_bits": bits, "form": form, "share": "network", "solver": solver, **TILES}
    before = tuned("two layers of both", **asked, learning_rate=1e-12, epochs=1)
    found = tuned("two layers of both", **asked, weight_decay=0.1)
    made = found.export()
    assert [group.weight_bits for group in made.groups] == [bits]
    check_weights(found, made)
    for side in ("input", "hidden"):
        part, start = (
            getattr(trained(one.model)[0].components, side).components() for one in (found, before)
        )
        for vector in "uv":
            mask = f"{vector}_mask"
            np.testing.assert_array_equal(getattr(part, mask), getattr(start, mask))
            tile = getattr(part, f"{vector}_tile")
            codes = getattr(part, vector)
            assert not codes[~element_mask(getattr(part, mask), tile, codes.shape[-1])].any()
            assert (codes != getattr(start, vector)).any()


def test_layers_share_their_parameters():
    apart, together = (tuned("two layers", share=share).model for share in (None, "network"))
    count = [
        sum(name.endswith(".u") for name, _ in m.named_parameters()) for m in (apart, together)
    ]
    assert count == [4, 2]
    assert groups_of_trained(apart) == ((0,), (1,)) and groups_of_trained(together) == ((0, 1),)


def test_it_learns():
    found = tuned("two layers of both", share="network", epochs=30)
    assert found.history[-1]["loss"] < 0.5 * found.history[0]["loss"]


class Own(torch.nn.Module):
    """A user's model: a stack and another LSTM, packed, and a head on their last h."""

    def __init__(self, dropout=0.0):
        super().__init__()
        torch.manual_seed(3)
        self.deep = torch.nn.LSTM(6, 8, 2, batch_first=True, bidirectional=True, dropout=dropout)
        self.flat = torch.nn.LSTM(6, 5, batch_first=True)
        self.head = torch.nn.Linear(21, 3)

    def forward(self, x):
        deep, flat = (lstm(x)[1][0] for lstm in (self.deep, self.flat))
        return self.head(torch.cat([deep[-2], deep[-1], flat[-1]], 1))


@pytest.mark.parametrize("share, groups", [(None, 3), ("network", 1)])
def test_a_module_of_your_own(share, groups):
    network = stack()
    data, model = inputs(network), Own(dropout=0.3)
    found = fine_tune(model, data, refinements=3, share=share, **SETTINGS)
    made = found.export(model.head)
    assert len(made.groups) == groups and [s.cells for s in made.stacks] == [4, 1]
    check_weights(found, made)
    x, _ = data[0]
    with torch.no_grad(), pl.load(made) as session:
        logits = model(x).numpy()
        assert np.abs(session.infer_logits([x, x]) - logits).max() < 0.1


def test_lstms_side_by_side_in_groups():
    torch.manual_seed(0)
    lstms = [torch.nn.LSTM(6, 8, batch_first=True) for _ in range(3)]
    head = torch.nn.Linear(24, 3)
    data = [([torch.rand(4, 5, 6) for _ in lstms], torch.tensor([0, 1, 2, 0])) for _ in range(2)]
    found = fine_tune(lstms, data, head=head, share=[[0, 2], [1]], refinements=3, **SETTINGS)
    made = found.export()
    assert made.held == ((0, 2), (1,)) and made.provenance["fine-tuned"]
    check_weights(found, made)
    again = fine_tune(found.model, data, refinements=3, **SETTINGS)  # share is not said again
    made = again.export()
    assert made.held == ((0, 2), (1,))
    check_weights(again, made)


@pytest.mark.parametrize(
    "share, kind", [(None, pl.CompressedModel), ("none", pl.CompressedNetwork)]
)
def test_lstms_side_by_side_with_components_of_their_own(share, kind):
    """Joined in one model only if nobody asked for groups."""
    network = pl.Network(stack().layers[:1] + stack(seed=1).layers[:1])
    model = torch.nn.ModuleList(network.to_torch()[0].values())
    x = torch.rand(4, 5, 6)

    def loss(model, batch):
        return sum(lstm(batch[0])[0].square().mean() for lstm in model)

    data = [(x,)]
    first = fine_tune(model, data, loss=loss, refinements=3, share="none", **SETTINGS)
    assert first.export().held == ((0,), (1,))
    again = fine_tune(model, data, loss=loss, refinements=3, share=share, **SETTINGS)
    made = again.export()
    assert isinstance(made, kind)
    for k, module in enumerate(trained(model)):
        one, j = (made, k) if share is None else (made.passes[k], 0)
        for own, expected in zip(module.matrices(), dense_weights(one, j)):
            own = own.detach().numpy()
            np.testing.assert_allclose(own, expected, atol=3e-4 * np.abs(own).max())


def test_groups_side_by_side_that_no_network_holds_are_refused_before_training(monkeypatch):
    torch.manual_seed(0)
    lstms = [torch.nn.LSTM(6, 8, batch_first=True) for _ in range(3)]
    monkeypatch.setattr("pynq_lstm.passes.checks.MAX_PASSES", 2)
    data = [([torch.rand(4, 5, 6)] * 3, torch.tensor([0, 1, 2, 0]))]
    with pytest.raises(CompressionError, match="more than 2 passes"):
        fine_tune(lstms, data, head=torch.nn.Linear(24, 3), share="none", refinements=3,
                  **SETTINGS)  # fmt: skip


def test_bare_layers_batch_second():
    torch.manual_seed(0)
    lstm, head = torch.nn.LSTM(6, 8, 2, bidirectional=True), torch.nn.Linear(16, 3)
    x, target = torch.rand(TIME, BATCH, 6), torch.randint(3, (TIME, BATCH))
    found = fine_tune(lstm, [(x, target)], head=head, refinements=3, **SETTINGS)
    with torch.no_grad(), pl.load(found.export()) as session:
        logits = found.model(x).transpose(0, 1).numpy()
        ours = session.infer_logits(x.transpose(0, 1).numpy(), every_step=True)
        assert np.abs(ours - logits).max() < 0.1


def test_a_run_goes_on(tmp_path):
    network, kept, calls = stack(), tmp_path / "run.pt", []
    data = inputs(network)

    def validate(model):
        x, target = data[0]
        return torch.nn.functional.cross_entropy(model.classes(x, target), target).item()

    def interrupted(model):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return validate(model)

    more = {**SETTINGS, "refinements": 3, "share": "network"}
    again = {**more, "epochs": 3, "validate": validate}
    whole = fine_tune(network, data, **again)
    with pytest.raises(KeyboardInterrupt):
        fine_tune(network, data, checkpoint=kept, **{**again, "validate": interrupted})
    resumed = fine_tune(network, data, checkpoint=kept, **again)
    assert resumed.export().content_hash == whole.export().content_hash
    with pytest.raises(CompressionError, match="belongs to"):
        fine_tune(network, data, checkpoint=kept, **{**again, "share": "none"})
    model = whole.model
    assert fine_tune(model, data, **more).model is model
    assert fine_tune(model, data, **{**more, "share": None}).model is model
    with pytest.raises(CompressionError, match="share = 'none'"):
        fine_tune(model, data, **{**more, "share": "none"})


@pytest.mark.parametrize("share", [None, "auto", "network"])
def test_a_run_of_a_module_of_your_own_goes_on_in_the_same_process(tmp_path, share):
    data, kept, calls = inputs(stack()), tmp_path / "run.pt", []

    def validate(model):
        x, target = data[0]
        return torch.nn.functional.cross_entropy(model(x), target).item()

    def interrupted(model):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return validate(model)

    asked = {**SETTINGS, "refinements": 3, "share": share, "epochs": 3, "validate": validate}
    whole, model = Own(), Own()
    wanted = fine_tune(whole, data, **asked).export(whole.head)
    with pytest.raises(KeyboardInterrupt):
        fine_tune(model, data, checkpoint=kept, **{**asked, "validate": interrupted})
    assert trained(model)
    found = fine_tune(model, data, checkpoint=kept, **asked)
    assert len(found.history) == 3 and len(calls) == 2
    check_same(found.export(model.head), wanted)


def test_calibration_reaches_every_lstm():
    network = wired()
    given = [np.full((2, TIME, size), v, np.float32)
             for v, size in zip((3.0, 2.0, 5.0), network.sequences.input_sizes)]  # fmt: skip
    made = tuned("wired", calibration=given).export()
    found = {k: s for model, own in zip(made.passes, made.members)
             for k, s in zip(own, model.x_inverse_scale)}  # fmt: skip
    assert found[0] == pytest.approx(127 / 3, rel=1e-6) and found[1] == 128
    assert found[2] == 32  # joined to h: a power of two that holds 2
    assert found[3] == 16  # h + x2: one that holds 5 and h
    assert found[4] == 128
    wide = tuned("two layers", input_range=(-8, 8)).export()
    assert [m.x_inverse_scale[0] for m in wide.passes] == pytest.approx([127 / 8, 128])


@pytest.mark.parametrize(
    "change, error, text",
    [
        ({"share": "some"}, CompressionError, "share = 'some'"),
        ({"share": [[0, 1]]}, CompressionError, "share = .*not each of 4 LSTMs"),
        ({"words": 500, "refinements": None}, CompressionError, "words = 500"),
        ({"refinements": 1, "share": "none"}, CompressionError, "too few for LSTMs"),
        ({"calibration": np.zeros((2, 3, 5), np.float32)}, CalibrationError, "calibration"),
        ({"head": torch.nn.Linear(9, 3)}, CompressionError, "head.in_features = 9"),
        ({"method": "block_diagonal", "refinements": None}, pl.InputError, "'PackedSequence'"),
    ],
)
def test_refused_by_name(change, error, text):
    network = stack(2, True)
    settings = {"refinements": 2, **SETTINGS, **change}
    settings = {k: v for k, v in settings.items() if v is not None}
    with pytest.raises(error, match=text):
        fine_tune(network, inputs(network, 1), **settings)


def test_what_nn_lstm_does_not_have_is_refused():
    layers = stack(1).layers
    network = pl.Network(layers, stack(1).head, (pl.Stack(reverse=True),))
    with pytest.raises(CompressionError, match="m0.reverse = True"):
        fine_tune(network, inputs(network, 1), **SETTINGS)


def test_inputs_that_do_not_fit_are_named():
    network = wired()
    (x, target), other = inputs(network, 1)[0], pack_sequence([torch.rand(2, 7)] * BATCH)
    for wrong, text in (
        (x[:2], "not 3 external inputs"),
        ([x[0], x[1], other], r"x\[2\] = .*other lengths"),
        ([torch.rand(2, 1, 6), torch.rand(2, 1, 5), torch.rand(2, 1, 8)], "no step for a model"),
        ([None] * 3, "not a batch of sequences"),
    ):
        with pytest.raises(pl.InputError, match=text):
            fine_tune(network, [(wrong, target)], refinements=2, **SETTINGS)
