"""`fine_tune` of `net.to_torch_module()`: what is exported has the network's wiring and head."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.utils.rnn import PackedSequence, pack_sequence  # noqa: E402

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.compression.block_options import BlockDiagonalOptions  # noqa: E402
from pynq_lstm.compression.fine_tuning import export, quantise_modules, quantised  # noqa: E402
from pynq_lstm.compression.fine_tuning.side_by_side import as_module  # noqa: E402
from pynq_lstm.errors import CompressionError, InputError  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning"),
]
SVD = {"method": "svd", "refinements": 2, "epochs": 1, "progress": False}
BLOCKS = {"block_rank": 2, "epochs": 1, "progress": False}


def chained():
    """Every second step of one is read by the other, which the head reads."""
    torch.manual_seed(0)
    a, b = torch.nn.LSTM(4, 5, batch_first=True), torch.nn.LSTM(5, 6, batch_first=True)
    return pl.Network.from_torch({"a": a, "b": b}, torch.nn.Linear(6, 3), {"b": "a / 2"})


def side_by_side(layers=1):
    torch.manual_seed(0)
    lstms = [torch.nn.LSTM(n, 5, layers, batch_first=True) for n in (4, 2)]
    return pl.Network.from_torch(lstms, torch.nn.Linear(10, 3))


def both_directions():
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(4, 5, 2, batch_first=True, bidirectional=True)
    return pl.Network.from_torch(lstm, torch.nn.Linear(10, 3))


def batch_of(network):
    random = torch.Generator().manual_seed(1)
    x = [torch.randn(6, 8, n, generator=random) for n in network.sequences.input_sizes]
    return (x if len(x) > 1 else x[0]), torch.randint(3, (6,), generator=random)


def numpy(x):
    return [one.numpy() for one in x] if isinstance(x, list) else x.numpy()


def check_same(network, settings):
    """The module and its network train to the same integers."""
    batch = batch_of(network)
    module = network.to_torch_module()
    made = pl.fine_tune(module, [batch], **settings).export()
    wanted = pl.fine_tune(network, [batch], **settings).export()
    assert type(made) is type(wanted)
    if isinstance(wanted, pl.CompressedNetwork):
        assert made.wiring == wanted.wiring == network.wiring
        assert made.stacks == wanted.stacks == network.stacks
    np.testing.assert_array_equal(made.head.weight, wanted.head.weight)
    np.testing.assert_array_equal(made.head.bias, wanted.head.bias)
    with pl.load(made, "cpu") as ours, pl.load(wanted, "cpu") as theirs:
        x = numpy(batch[0])
        np.testing.assert_array_equal(ours.infer_logits(x), theirs.infer_logits(x))
    assert all(type(lstm) is torch.nn.LSTM for lstm in module.lstms)


@pytest.mark.parametrize("make", (chained, side_by_side, both_directions))
def test_the_same_export_as_of_the_network(make):
    check_same(make(), SVD)


@pytest.mark.parametrize("make", (side_by_side, lambda: side_by_side(2), both_directions))
def test_the_same_blocks_as_of_the_network(make):
    check_same(make(), BLOCKS)


def test_other_heads_packed_batches_and_a_second_training():
    network = chained()
    (x, target), head = batch_of(network), torch.nn.Linear(6, 3)
    packed = pack_sequence([row[:n] for row, n in zip(x, (8, 7, 6, 5, 4, 2))])
    tuned = pl.fine_tune(network.to_torch_module(), [(packed, target)], head=head, **SVD)
    assert tuned.model.head is head and tuned.model.wiring == network.wiring
    again = pl.fine_tune(tuned.model, [(x, target)], **SVD)
    assert again.model is tuned.model and again.export().wiring == network.wiring
    plain = pl.Network(network.layers, None, network.stacks, network.wiring)
    with pytest.raises(CompressionError, match="head = .*bare LSTMs give no logits"):
        pl.fine_tune(plain.to_torch_module(), [(x, target)], **SVD)


def test_a_wiring_is_refused_where_none_is_trained_and_its_remedy_works():
    network = chained()
    module, (x, target) = network.to_torch_module(), batch_of(network)
    with pytest.raises(CompressionError, match="has a wiring, .*pass method='svd', or .*one that "):
        pl.fine_tune(module, [(x, target)], **BLOCKS)
    assert all(type(lstm) is torch.nn.LSTM for lstm in module.lstms)
    holder = torch.nn.Sequential(module)
    packed = pack_sequence([row[:n] for row, n in zip(x, (8, 8, 8, 6, 6, 4))])
    with pytest.raises(InputError, match="x = 'PackedSequence': .*batch sequences of one length"):
        pl.fine_tune(holder, [(packed, target)], **BLOCKS)
    equal = pack_sequence([row[:6] for row in x])
    for one in (x, equal):  # the same module goes on with sequences of one length
        tuned = pl.fine_tune(holder, [(one, target)], **BLOCKS)
    assert tuned.model is holder
    first, second = (export(lstm) for lstm in quantised(holder))
    with torch.no_grad():
        wanted = module.infer(x)[0][1].numpy()
    with pl.load(first, "cpu") as below, pl.load(second, "cpu") as above:
        out = above.infer(below.infer(x.numpy())[0][:, 1::2])[0]
    np.testing.assert_array_equal(out, wanted)


def test_a_model_of_the_reverse_direction_is_refused():
    network = pl.Network(chained().layers[:1], None, [pl.Stack(reverse=True)])
    head = torch.nn.Linear(5, 3)
    for settings in (SVD, BLOCKS):
        with pytest.raises(CompressionError, match="m0.reverse = True: .*is not trained"):
            pl.fine_tune(network.to_torch_module(), [batch_of(network)], head=head, **settings)


def test_one_that_was_quantised_goes_on():
    network = side_by_side()
    module = quantise_modules(network.to_torch_module(), BlockDiagonalOptions(block_rank=2))
    own = list(module.lstms)
    tuned = pl.fine_tune(module, [batch_of(network)], **BLOCKS)
    assert quantised(tuned.model) == own and tuned.export().head is not None


def test_sequences_of_one_length_are_not_packed():
    """Padded or not: what stands for an nn.LSTM need not take packed sequences."""
    network = chained()
    module, (x, _) = network.to_torch_module(), batch_of(network)
    taken = []
    for lstm in module.lstms:
        lstm.register_forward_pre_hook(lambda _, given: taken.append(type(given[0])))
    for lengths in (None, [6] * 6):
        out, (h, c) = module.infer(x, lengths=lengths)
        expected, ends = network.infer(x.numpy(), lengths=lengths)
        assert set(taken) == {torch.Tensor}
        for ours, theirs in zip((*out, *h, *c), (*expected, *ends[0], *ends[1])):
            np.testing.assert_allclose(ours.detach().numpy(), theirs, atol=1e-5)
    module(x, lengths=[8, 8, 8, 6, 6, 6])
    assert taken[-2:] == [PackedSequence, PackedSequence]


def test_x_has_the_dtype_of_the_weights():
    network = chained()
    x, target = batch_of(network)
    for given in (x.double(), torch.ones_like(x).long()):
        with pytest.raises(InputError, match=r"x\[0\].dtype = .*the weights are torch.float32"):
            pl.fine_tune(network.to_torch_module(), [(given, target)], **SVD)
    ours = as_module(network, networks=True).bfloat16()
    assert ours.classes(x.bfloat16(), target).dtype is torch.bfloat16
