"""Block-diagonal training of layers and directions, and what it refuses, each with its remedy."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.utils.rnn import pack_sequence  # noqa: E402

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.compression.fine_tuning import export, export_network, quantised  # noqa: E402
from pynq_lstm.compression.fine_tuning.side_by_side import as_module  # noqa: E402
from pynq_lstm.errors import CompressionError, InputError  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning"),
]
SETTINGS = {"epochs": 1, "block_rank": 2, "progress": False}
SHAPES = {  # input, hidden, layers, both directions
    "both directions": [(4, 6, 1, True)],
    "layers": [(4, 6, 3, False)],
    "layers, both directions": [(4, 5, 2, True)],
    "several, unequal": [(4, 6, 2, False), (3, 5, 1, True), (2, 7, 1, False)],
}


def lstms_of(shapes, **settings):
    settings = {"batch_first": True, **settings}
    return [
        torch.nn.LSTM(i, h, layers, bidirectional=both, **settings) for i, h, layers, both in shapes
    ]


def head_of(shapes):
    return torch.nn.Linear(sum(h * (1 + both) for _, h, _, both in shapes), 3)


def batch_of(shapes, seed=0):
    random = torch.Generator().manual_seed(seed)
    x = [torch.randn(6, 5, i, generator=random) for i, _, _, _ in shapes]
    return (x if len(x) > 1 else x[0]), torch.randint(3, (6,), generator=random)


@pytest.mark.parametrize("given", ("bare", "network"))
@pytest.mark.parametrize("name", SHAPES)
def test_the_export_is_the_network_that_was_trained(name, given, tmp_path):
    torch.manual_seed(1)
    shapes = SHAPES[name]
    lstms, head, batch = lstms_of(shapes), head_of(shapes), batch_of(shapes)
    model = lstms if given == "bare" else pl.Network.from_torch(lstms, head)
    tuned = pl.fine_tune(model, [batch], head=head if given == "bare" else None, **SETTINGS)
    network = tuned.export()
    assert type(network) is pl.CompressedNetwork and network.method == "block_diagonal"
    assert len(network.passes) == max(layers for _, _, layers, _ in shapes)
    network.save(tmp_path / "a")
    network = pl.CompressedNetwork.load(tmp_path / "a")
    x = batch[0] if len(shapes) > 1 else [batch[0]]
    as_given = [part.numpy() for part in x] if len(x) > 1 else x[0].numpy()
    for backend in ("reference", "cpu"):
        with pl.load(network, backend) as session, torch.no_grad():
            out, state = session.infer(as_given)
            logits = session.infer_logits(as_given)
            listed = [[value] if len(x) == 1 else value for value in (out, *state)]
            for part, lstm, *ours in zip(x, tuned.model.lstms, *listed, strict=True):
                theirs, sides = lstm(part)
                for mine, its in zip(ours, (theirs, *sides), strict=True):
                    np.testing.assert_array_equal(mine, its.numpy())
            wanted = tuned.model.classes(*batch).numpy()
        np.testing.assert_allclose(logits, wanted, atol=1e-5)


@pytest.mark.parametrize("batch_first", (True, False))
@pytest.mark.parametrize("name", SHAPES)
def test_classes_are_of_the_last_h_of_both_directions(name, batch_first):
    """The reverse direction's last h is the one at the first step."""
    torch.manual_seed(2)
    shapes = SHAPES[name]
    lstms, head = lstms_of(shapes, batch_first=batch_first), head_of(shapes)
    (x, target), net = batch_of(shapes), pl.Network.from_torch(lstms, head)
    x = x if len(shapes) > 1 else [x]
    wanted = net.infer_logits([a.numpy() for a in x] if len(x) > 1 else x[0].numpy())
    x = [a if batch_first else a.transpose(0, 1) for a in x]
    with torch.no_grad():
        ours = as_module(lstms, head).classes(x, target).numpy()
    np.testing.assert_allclose(ours, wanted, atol=1e-5)


class Chain(torch.nn.Module):
    """LSTMs one after another, and a head."""

    def __init__(self, *lstms):
        super().__init__()
        self.lstms = torch.nn.ModuleList(lstms)
        self.head = torch.nn.Linear(6, 3)

    def forward(self, x):
        for lstm in self.lstms:
            x, _ = lstm(x)
        return self.head(x[:, -1])


def chain(**settings):
    torch.manual_seed(3)
    first = torch.nn.LSTM(4, 6, batch_first=True)
    return Chain(first, torch.nn.LSTM(6, settings.pop("size", 6), batch_first=True, **settings))


def test_a_wiring_is_refused_and_its_remedies_are_there():
    module, batch = chain(), batch_of(SHAPES["layers"])
    net = pl.Network.from_torch(list(module.lstms), module.head, ["x0", "m0"])
    with pytest.raises(CompressionError, match="has a wiring, .*pass method='svd', or an nn.Mod"):
        pl.fine_tune(net, [batch], **SETTINGS)
    svd = pl.fine_tune(net, [batch], method="svd", epochs=1, refinements=2, progress=False).export()
    assert [str(source) for source in svd.wiring.sources] == ["x0", "m0"]
    tuned = pl.fine_tune(module, [batch], **SETTINGS)
    first, second = (export(lstm) for lstm in quantised(tuned.model))
    with torch.no_grad():
        wanted = tuned.model.lstms[1](tuned.model.lstms[0](batch[0])[0])[0].numpy()
    with pl.load(first, "cpu") as below, pl.load(second, "cpu") as above:
        out = above.infer(below.infer(batch[0].numpy())[0])[0]
    np.testing.assert_array_equal(out, wanted)


def test_packed_sequences_are_refused_and_batches_of_one_length_are_taken():
    steps = torch.randn(4, 5, 4)
    packed = pack_sequence([row[:n] for row, n in zip(steps, (5, 5, 3, 3))])
    target = torch.tensor([0, 1, 2, 0])
    lengths = [(steps[:2], target[:2]), (steps[2:, :3], target[2:])]
    for shapes in ([(4, 6, 1, False)], [(4, 6, 1, True)]):
        bare = lstms_of(shapes)
        with pytest.raises(InputError, match="batch sequences of one length together, as tensors"):
            pl.fine_tune(bare, [(packed, target)], head=head_of(shapes), **SETTINGS)
        assert type(bare[0]) is torch.nn.LSTM
        pl.fine_tune(bare, lengths, head=head_of(shapes), **SETTINGS).export()
    bare = lstms_of([(4, 6, 1, False)] * 2)
    with pytest.raises(InputError, match="x = 'PackedSequence'.*batch sequences of one length"):
        pl.fine_tune(bare, [([packed] * 2, target)], head=torch.nn.Linear(12, 3), **SETTINGS)

    class Packing(Chain):
        def forward(self, x):
            out, (h, _) = self.lstms[0](x)
            return self.head(h[-1])

    module = Packing(torch.nn.LSTM(4, 6, batch_first=True))
    with pytest.raises(InputError, match="not a tensor; batch sequences of one length, or pad"):
        pl.fine_tune(module, [(packed, target)], **SETTINGS)
    assert pl.fine_tune(module, lengths, **SETTINGS).model is module  # it goes on all the same


def test_padding_behind_the_end_changes_nothing_that_goes_forward():
    """Which is the remedy where an LSTM is given packed sequences; a reverse one reads it first."""
    shapes = [(4, 6, 2, False)]
    tuned = pl.fine_tune(lstms_of(shapes), [batch_of(shapes)], head=head_of(shapes), **SETTINGS)
    (lstm,) = tuned.model.lstms
    x = torch.randn(3, 5, 4)
    with torch.no_grad():
        padded = torch.cat([x, torch.zeros(3, 4, 4)], 1)
        assert torch.equal(lstm(padded)[0][:, :5], lstm(x)[0])


@pytest.mark.parametrize("given", (1, 3))
def test_as_many_inputs_as_lstms(given):
    shapes = [(4, 6, 1, False)] * 2
    x, target = batch_of(shapes)
    for method in ({"method": "block_diagonal", **SETTINGS}, {"method": "svd", "refinements": 1}):
        method = {**method, "epochs": 1, "progress": False}
        with pytest.raises(InputError, match=f"x = {given}: not one input for each of 2 LSTMs"):
            pl.fine_tune(
                lstms_of(shapes), [([x[0]] * given, target)], head=head_of(shapes), **method
            )


def test_projections_and_reverse_models_and_heads():
    module, batch = chain(size=8, proj_size=6), batch_of(SHAPES["layers"])
    with pytest.raises(CompressionError, match="projections are not supported; train one without"):
        pl.fine_tune(module, [batch], **SETTINGS)
    assert all(type(lstm) is torch.nn.LSTM for lstm in module.lstms)  # the first one, too
    net = pl.Network.from_torch(lstms_of([(4, 6, 1, False)]), head_of([(4, 6, 1, False)]))
    back = pl.Network(net.layers, net.head, [pl.Stack(reverse=True)])
    with pytest.raises(
        CompressionError, match="reverse = True: .*; compress it without tuning, or"
    ):
        pl.fine_tune(back, [batch], **SETTINGS)
    kept = pl.compress(back, "block_diagonal", calibration=batch[0].numpy(), progress=False)
    assert kept.stacks == back.stacks
    with pytest.raises(CompressionError, match=r"not the 12 values .*pass nn.Linear\(12, classes"):
        pl.fine_tune(lstms_of([(4, 6, 1, True)]), [batch], head=torch.nn.Linear(6, 3), **SETTINGS)


METHODS = ({"method": "svd", "refinements": 1}, {"block_rank": 2})


@pytest.mark.parametrize("method", METHODS)
def test_projections_are_refused_before_heads(method):
    """A head that fits such an LSTM is not told to have another size, which would not do either."""
    (x, target), settings = batch_of(SHAPES["layers"]), {"epochs": 1, "progress": False, **method}
    for layers in (1, 2):
        lstm = torch.nn.LSTM(4, 8, layers, batch_first=True, proj_size=4)
        with pytest.raises(CompressionError, match="proj_size = 4: .*train one without"):
            pl.fine_tune(lstm, [(x, target)], head=torch.nn.Linear(4, 3), **settings)


@pytest.mark.parametrize("method", METHODS)
def test_one_lstm_twice_is_refused_and_copies_are_taken(method):
    (x, target), settings = batch_of(SHAPES["layers"]), {"epochs": 1, "progress": False, **method}
    lstm, head = torch.nn.LSTM(4, 6, batch_first=True), torch.nn.Linear(12, 3)
    with pytest.raises(CompressionError, match="model = .*one LSTM twice; pass copies"):
        pl.fine_tune([lstm, lstm], [([x, x], target)], head=head, **settings)
    made = pl.fine_tune([lstm, copy.deepcopy(lstm)], [([x, x], target)], head=head, **settings)
    assert made.export().models == 2


def test_settings_of_the_other_method_are_no_settings():
    shapes = [(4, 6, 1, False)]
    for name, value in (("share", "network"), ("input_range", (-1, 1)), ("refinements", 2)):
        with pytest.raises(CompressionError, match=f"{name} = .*no setting; choose from .*block_r"):
            pl.fine_tune(
                lstms_of(shapes), [batch_of(shapes)], head=head_of(shapes),
                **{name: value}, **SETTINGS,
            )  # fmt: skip


def test_a_head_that_does_not_fit_the_network_is_refused_at_the_export():
    shapes = SHAPES["both directions"]
    tuned = pl.fine_tune(lstms_of(shapes), [batch_of(shapes)], head=head_of(shapes), **SETTINGS)
    with pytest.raises(pl.ModelFormatError, match="head"):
        export_network(copy.deepcopy(tuned.model), torch.nn.Linear(5, 3))
