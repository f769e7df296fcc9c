"""`fine_tune(..., method="svd")`: what is trained, what stays, and what is exported."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.compression.fine_tuning import fine_tune  # noqa: E402
from pynq_lstm.compression.fine_tuning.svd_join import joined  # noqa: E402
from pynq_lstm.compression.fine_tuning.trained import trained  # noqa: E402
from pynq_lstm.compression.options import PartOptions, Tiles  # noqa: E402
from pynq_lstm.compression.parts import PartComponents, join_lists  # noqa: E402
from pynq_lstm.compression.svd import approximate  # noqa: E402
from pynq_lstm.compression.weights import dense_weights, gate_problems  # noqa: E402
from pynq_lstm.errors import CalibrationError, CompressionError  # noqa: E402
from pynq_lstm.model_size import parameters  # noqa: E402
from pynq_lstm.tiles import element_mask  # noqa: E402

pytestmark = pytest.mark.torch
TILES = {"u_tile": 2, "v_tile": 4, "zero_u_tiles": 1, "zero_v_tiles": 1}
SETTINGS = {"method": "svd", "refinements": 3, "learning_rate": 5e-2, "progress": False}
SIZES = (6, 5)


def examples(count=6, batch=24, time=6):
    """Which of three numbers, of which two models see their own, is largest in the last step."""
    random = torch.Generator().manual_seed(7)
    made = []
    for _ in range(count):
        x = [torch.rand(batch, time, size, generator=random) * 2 - 1 for size in SIZES]
        made.append((x, torch.stack([x[0][:, -1, 0], x[0][:, -1, 2], x[1][:, -1, 3]], 1).argmax(1)))
    return made


DATA = examples()


def modules(seed=0):
    torch.manual_seed(seed)
    lstms = [torch.nn.LSTM(size, 12, batch_first=True) for size in SIZES]
    return lstms, torch.nn.Linear(24, 3)


def validate(model):
    x, target = examples(7)[-1]
    return torch.nn.functional.cross_entropy(model.classes(x, target), target).item()


def tuned(**settings):
    lstms, head = modules()
    return fine_tune(lstms, DATA, head=head, **{**SETTINGS, "epochs": 2, **settings})


def state(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def test_it_learns_and_everything_is_trained():
    before = state(tuned(epochs=1, learning_rate=1e-12).model)
    found = tuned(epochs=20, validate=validate)
    first, best = (f([e["validation"] for e in found.history]) for f in (lambda v: v[0], min))
    assert best < 0.7 * first
    assert validate(found.model) == pytest.approx(best)
    after = state(found.model)
    names = [name for name, _ in found.model.named_parameters()]
    assert {name.rpartition(".")[2] for name in names} == {"u", "v", "s", "bias_sum", "weight",
                                                           "bias"}  # fmt: skip
    for name in names:
        changed = (after[name] - before[name]).abs()
        assert changed.max() > 1e-4, name
    assert len([name for name in names if name.endswith(".u")]) == 2  # shared by both LSTMs


@pytest.mark.parametrize(
    "bits, solver, form",
    [
        (8, "greedy", "per_gate"),
        (4, "greedy", "per_gate"),
        (4, "bcd", "stacked"),
        (8, "bcd", "auto"),
        (8, "greedy", ("stacked", "per_gate")),
    ],
)
def test_the_export_has_the_trained_weights(bits, solver, form):
    found = tuned(weight_bits=bits, solver=solver, form=form, **TILES)
    model = found.export(provenance={"task": "sums"})
    assert form == "auto" or model.input.gate_stacked == (form[0] == "stacked" or form == "stacked")
    assert model.weight_bits == bits and model.prefixes == (model.max_refinements,)
    assert model.provenance["solver"] == solver and model.provenance["task"] == "sums"
    group = trained(found.model)[0].components
    for side in ("input", "hidden"):
        trained_part, part = getattr(group, side).components(), getattr(model, side)
        np.testing.assert_array_equal(part.u, trained_part.u)
        np.testing.assert_array_equal(part.v, trained_part.v)
    for j, module in enumerate(trained(found.model)):
        for own, expected in zip(module.matrices(), dense_weights(model, j)):
            own = own.detach().numpy()
            # s has 15 bits of the largest s
            np.testing.assert_allclose(own, expected, atol=3e-4 * np.abs(own).max())
        bias = np.ldexp(model.bias[j].astype(float), -(12 + model.pre_shift[j]))
        step = 2.0 ** -(12 + model.pre_shift[j])
        assert np.abs(bias - module.bias_sum.detach().numpy()).max() <= 0.51 * step
    assert model.x_inverse_scale[0] == pytest.approx(
        127 / float(trained(found.model)[0].x_range[0]), rel=1e-6
    )


def test_the_export_computes_nearly_the_same():
    found = tuned(epochs=8)
    with pl.load(found.export(), backend="reference") as session:
        for x, target in DATA[:2]:
            with torch.no_grad():
                logits = found.model.classes(x, target).numpy()
            # h has 8 bits, p has 10: what training does not simulate
            difference = session.infer_logits([part.numpy() for part in x]) - logits
            assert np.abs(difference).max() < 0.1


def test_pruned_tiles_stay_pruned():
    found = tuned(**TILES, weight_decay=0.1)
    before = trained(tuned(**TILES, learning_rate=1e-12).model)[0].components
    group = trained(found.model)[0].components
    for side in ("input", "hidden"):
        part = getattr(group, side).components()
        start = getattr(before, side).components()
        np.testing.assert_array_equal(part.u_mask, start.u_mask)
        np.testing.assert_array_equal(part.v_mask, start.v_mask)
        assert not part.u_mask.all() and not part.v_mask.all()
        assert not part.u[~element_mask(part.u_mask, 2, part.u.shape[1])].any()
        assert not part.v[~element_mask(part.v_mask, 4, part.v.shape[2])].any()
        assert (part.u != start.u).any() and (part.v != start.v).any()


def test_same_arguments_give_the_same_and_a_run_goes_on(tmp_path):
    whole, again = (tuned(epochs=3, validate=validate, teacher=True) for _ in range(2))
    assert same(state(whole.model), state(again.model)) and whole.history == again.history
    calls = []

    def interrupted(model):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return validate(model)

    kept = tmp_path / "run.pt"
    with pytest.raises(KeyboardInterrupt):
        tuned(epochs=3, validate=interrupted, teacher=True, checkpoint=kept)
    resumed = tuned(epochs=3, validate=validate, teacher=True, checkpoint=kept)
    assert same(state(whole.model), state(resumed.model)) and whole.history == resumed.history
    assert resumed.export().content_hash == whole.export().content_hash
    for other in ({"refinements": 2}, {"teacher": None}, {"weight_bits": 4}, {"temperature": 3.0}):
        with pytest.raises(CompressionError, match="belongs to"):
            tuned(**{"epochs": 3, "validate": validate, "teacher": True, "checkpoint": kept,
                     **other})  # fmt: skip


def test_a_teacher_is_learnt_from_and_not_changed():
    lstms, head = modules()
    network = pl.Network.from_torch(lstms, head)
    teacher = copy.deepcopy(fine_tune(lstms, DATA, head=head, epochs=1, **SETTINGS).model)
    before = state(teacher)
    random = [(x, torch.zeros_like(target)) for x, target in DATA]  # targets say nothing
    found = fine_tune(
        network, random, teacher=teacher, epochs=12, distillation=1.0, **{
            **SETTINGS, "refinements": 1},
    )  # fmt: skip
    assert same(state(teacher), before) and not teacher.training
    agreed = [
        (found.model.classes(x, t).argmax(1) == teacher.classes(x, t).argmax(1)).float().mean()
        for x, t in DATA
    ]
    assert float(torch.stack(agreed).mean()) > 0.8


def test_a_network_is_a_start():
    lstms, head = modules()
    network = pl.Network.from_torch(lstms, head)
    from_network = fine_tune(network, DATA, epochs=2, **SETTINGS)
    assert same(state(from_network.model), state(tuned().model))
    headless = pl.Network.from_torch(torch.nn.LSTM(6, 12, 2, batch_first=True))
    with pytest.raises(CompressionError, match="head = 'NoneType'"):
        fine_tune(headless, DATA, method="block_diagonal")


def test_words_are_put_where_the_inputs_of_the_network_need_them():
    found = tuned(refinements=None, words=700, form="auto", calibration_batches=2)
    model = found.export()
    assert 500 < parameters(model) <= 700
    x = [np.concatenate([batch[0][j].numpy() for batch in DATA[:2]]) for j in range(2)]
    lstms, head = modules()
    network = pl.Network.from_torch(lstms, head)
    start = pl.compress(network, calibration=x, words=700, form="auto", progress=False)
    for side in ("input", "hidden"):
        assert getattr(model, side).counts == getattr(start, side).counts


class Branches(torch.nn.Module):
    """A user's model: it reads the last valid step of two LSTMs."""

    def __init__(self):
        super().__init__()
        (self.first, self.second), self.head = modules()

    def forward(self, x):
        outs = [lstm(part)[0][:, -1] for lstm, part in zip((self.first, self.second), x)]
        return self.head(torch.cat(outs, 1))


def test_lstms_of_a_module_have_components_of_their_own():
    found = fine_tune(Branches(), DATA, epochs=2, **{**SETTINGS, "refinements": 2})
    model = found.export(found.model.head)
    assert model.hidden_sizes == (12, 12)
    part = model.input
    assert (np.count_nonzero(part.s, axis=1) == 1).all()  # each serves one LSTM
    assert part.counts == (4, 4, 4, 4)
    for j, module in enumerate(trained(found.model)):
        for own, expected in zip(module.matrices(), dense_weights(model, j)):
            own = own.detach().numpy()
            np.testing.assert_allclose(own, expected, atol=3e-4 * np.abs(own).max())
    with torch.no_grad():
        logits = found.model(DATA[0][0]).numpy()
    with pl.load(model, backend="reference") as session:
        infered = session.infer_logits([part.numpy() for part in DATA[0][0]])
    assert np.abs(infered - logits).max() < 0.1


def components(rows, units, seed, tiles=(3, 4)):
    lstm = torch.nn.LSTM(rows, units)
    torch.manual_seed(seed)
    options = PartOptions(2, Tiles(tiles[0], 1), Tiles(tiles[1], 1))
    problems = gate_problems(pl.Network.from_torch(lstm), "input")
    return join_lists([approximate(gate, options, 8) for gate in problems], [options] * 4)


def test_components_of_two_models_are_joined():
    first, second = components(6, 12, 1), components(9, 8, 2)
    both = joined([first, second])
    assert both.counts == (4, 4, 4, 4) and both.u.shape == (16, 9) and both.v.shape == (16, 4, 12)
    for j, (part, rows, units) in enumerate(((first, 6, 12), (second, 9, 8))):
        own = np.einsum("r,rgh,ri->ghi", part.s[:, 0], part.v.astype(float), part.u)
        whole = np.einsum("r,rgh,ri->ghi", both.s[:, j], both.v.astype(float), both.u)
        np.testing.assert_allclose(whole[:, :units, :rows], own)
    stacked = PartComponents(**{**vars(second), "counts": (8,)})
    mixed = joined([first, stacked])
    assert mixed.counts == (16,) and len(mixed.s) == 16
    with pytest.raises(CompressionError, match="u_tile"):
        joined([first, components(6, 12, 1, tiles=(2, 4))])


def test_the_scales_hold_what_they_are_told():
    narrow = tuned()
    wide = tuned(input_range=(-8.0, 4.0))
    given = [np.full((2, 3, size), 3.0, np.float32) for size in SIZES]
    known = tuned(calibration=given)
    scales = [found.export().x_inverse_scale[0] for found in (narrow, wide, known)]
    np.testing.assert_allclose(scales[1:], [127 / 8, 127 / 3], rtol=1e-6)
    assert scales[0] > 100


def test_logits_of_your_own_serve_the_loss_and_the_teacher():
    seen = []

    def logits(model, batch):
        seen.append(model)
        return model(batch[0])[:, batch[1]]

    data = [(x, 3, target) for x, target in DATA[:1]]
    tuned_lstms, head = modules()
    fine_tune(tuned_lstms, data, head=head, logits=logits, teacher=True, epochs=1, **SETTINGS)
    students, teachers = (
        [model for model in seen if bool(trained(model)) == kind] for kind in (True, False)
    )
    assert students and teachers


@pytest.mark.parametrize(
    "change, error, text",
    [
        ({"block_rank": 4}, CompressionError, "block_rank = 4: no setting"),
        ({"maximum": True}, CompressionError, "maximum = True: no setting"),
        ({"method": ["svd"]}, CompressionError, "unknown"),
        ({"form": "tucker"}, CompressionError, "form = 'tucker'"),
        ({"refinements": 0}, CompressionError, "refinements = 0"),
        ({"weight_bits": 2}, CompressionError, "weight_bits = 2"),
        ({"distillation": 1.5}, CompressionError, "distillation = 1.5"),
        ({"temperature": 0}, CompressionError, "temperature = 0"),
        ({"teacher": "dense"}, CompressionError, "teacher = 'str'"),
        ({"input_range": (1, 0)}, CalibrationError, "input_range"),
        ({"calibration": np.zeros(3)}, CalibrationError, "calibration"),
        (
            {"loss": lambda model, batch: float("nan") * model(batch[0]).sum()},
            CompressionError,
            "not finite",
        ),
        ({"head": None}, CompressionError, "head = 'NoneType'"),
    ],
)
def test_refused_by_name(change, error, text):
    lstms, head = modules()
    arguments = {**SETTINGS, "epochs": 20, "head": head, **change}
    with pytest.raises(error, match=text):
        fine_tune(lstms, DATA[:1], **arguments)


def test_a_model_goes_on_with_its_options_only():
    model = tuned().model
    assert fine_tune(model, DATA[:1], epochs=1, **SETTINGS).model is model
    for change in ({"refinements": 2}, {"method": "block_diagonal", "refinements": None}):
        settings = {k: v for k, v in {**SETTINGS, **change}.items() if v is not None}
        with pytest.raises(CompressionError, match="quantised before"):
            fine_tune(model, DATA[:1], epochs=1, **settings)
    lstms, head = modules()
    pruned = fine_tune(lstms, DATA[:1], head=head, block_rank=2, epochs=1, progress=False).model
    with pytest.raises(CompressionError, match="quantised before"):
        fine_tune(pruned, DATA[:1], epochs=1, **SETTINGS)
