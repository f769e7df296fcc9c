"""Every figure of the demonstration's table, computed again by other means."""

import json
import re
import struct

import numpy as np
import pytest

import pynq_lstm as pl
from pynq_lstm.cli import demo
from pynq_lstm.cli.main import main
from pynq_lstm.examples import budgets, fashion_mnist, pareto

COUNT = 500  # test images
RANKS = [2, 16]
# float32: two LSTMs of 28 inputs and 128 units with one bias each, a head of 10 classes
WEIGHTS = 2 * 4 * 128 * (28 + 128)
FLOAT_BYTES = 4 * (WEIGHTS + 2 * 4 * 128 + 10 * 256 + 10)


@pytest.fixture(scope="module")
def task():
    images, labels = fashion_mnist.test_set()
    return pareto.Task(images[:COUNT], labels[:COUNT])


@pytest.fixture(scope="module")
def rows(task):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pareto, "TIMED_IMAGES", 5)
        return task.measure(budgets.budgets(RANKS))


@pytest.fixture(scope="module")
def prefixes(task):
    return task.prefix_accuracies(RANKS)


@pytest.fixture(scope="module")
def models():
    """The model of each compressed row, in the table's order."""
    net, data = fashion_mnist.network(), fashion_mnist.calibration()
    pruned = {"u_tile": (7, 16), "v_tile": 16, "zero_u_tiles": (1, 2), "zero_v_tiles": 2}
    return [
        pl.compress(net, calibration=data, refinements=rank, weight_bits=bits, **tiles)
        for bits in (8, 4)
        for tiles in ({}, pruned)
        for rank in RANKS
    ]


def right(logits):
    """How many of the images are classified rightly."""
    return int((logits.argmax(1) == fashion_mnist.test_set()[1][:COUNT]).sum())


def x():
    pixels = fashion_mnist.test_set()[0][:COUNT].astype(np.float32) / np.float32(255)
    return np.stack([pixels, np.swapaxes(pixels, 1, 2)])


def dense(model, j):
    """Both weight matrices of model j from its integers, by docs/numerics.md."""
    for part, unit in (
        (model.input, model.x_inverse_scale[j]),
        (model.hidden, 2.0 ** (model.activation_bits - 1)),
    ):
        s = part.s[:, j] / 2.0 ** part.s_shift[j] * unit / 2.0 ** (12 + model.pre_shift[j])
        outer = np.einsum("r,rgh,rk->ghk", s, part.v.astype(float), part.u.astype(float))
        yield outer.reshape(-1, part.u.shape[1])


def elements(mask, tile, length):
    """Elements in present tiles, one by one."""
    return sum(int(mask[..., k // tile].sum()) for k in range(length))


def test_names_and_order(rows):
    forms = ("8 bits", "8 bits, tiles pruned", "4 bits", "4 bits, tiles pruned")
    expected = [("float32", None)] + [(name, rank) for name in forms for rank in RANKS]
    assert [(row.name, row.refinements) for row in rows] == expected
    assert rows[0].backend == "NumPy"
    assert {row.backend for row in rows[1:]} <= {"cpu", "reference"}
    assert all(0 < row.seconds_per_image < 10 for row in rows)


def test_accuracy_and_drop(rows, models):
    whole = 100 * right(fashion_mnist.network().infer_logits(x())) / COUNT
    assert rows[0].accuracy == whole >= 85 and rows[0].drop == 0
    for row, model in zip(rows[1:], models):
        with pl.load(model) as session:
            assert row.accuracy == 100 * right(session.infer_logits(x())) / COUNT, row
        assert row.drop == whole - row.accuracy
    assert rows[1].drop > 20  # R = 2 loses, so that the sign is seen
    assert abs(rows[2].drop) <= 1  # R = 16


def test_intervals(rows):
    """Both ends are as far from the accuracy as 1.96 of their own standard errors."""
    for row in rows:
        share = row.accuracy / 100
        low, high = (end / 100 for end in row.interval)
        assert low < share < high
        for end in (low, high):
            np.testing.assert_allclose(
                abs(share - end), 1.96 * np.sqrt(end * (1 - end) / COUNT), rtol=1e-9
            )


def test_errors(rows, models):
    net = fashion_mnist.network()
    assert rows[0].mse == rows[0].relative_error == 0
    for row, model in zip(rows[1:], models):
        lost = energy = 0.0
        for j, layer in enumerate(net.layers):
            for found, true in zip(dense(model, j), (layer.w_ih, layer.w_hh)):
                assert found.shape == true.shape
                lost += ((found - true) ** 2).sum()
                energy += (true.astype(float) ** 2).sum()
        np.testing.assert_allclose(row.mse, lost / WEIGHTS, rtol=1e-5)
        np.testing.assert_allclose(row.relative_error, lost / energy, rtol=1e-5)


def test_sizes(rows, models, tmp_path):
    assert (rows[0].stored_bytes, rows[0].fraction) == (FLOAT_BYTES, 1)
    for row, model in zip(rows[1:], models):
        path = tmp_path / "model.safetensors"
        model.save(path)
        content = path.read_bytes()
        (header,) = struct.unpack("<Q", content[:8])
        assert row.stored_bytes == len(content) - 8 - header
        assert row.fraction == row.stored_bytes / FLOAT_BYTES


def test_words_and_multiplications(rows, models):
    assert rows[0].parameters == rows[0].multiplications == WEIGHTS
    for row, model in zip(rows[1:], models):
        vectors = scalars = 0
        for part in (model.input, model.hidden):
            vectors += elements(part.u_mask, part.u_tile, part.u.shape[-1])
            vectors += elements(part.v_mask, part.v_tile, part.v.shape[-1])
            scalars += part.s.size  # one for each model
        assert row.parameters == vectors + scalars
        assert row.multiplications == 2 * vectors + scalars  # two models of the same sizes
    for plain, pruned in ((1, 3), (2, 4), (5, 7), (6, 8)):
        components = 4 * rows[plain].refinements  # of each part
        taken = components * ((1 * 7 + 2 * 16) + (2 * 16 + 2 * 16))  # u and v, input and hidden
        assert rows[plain].parameters - rows[pruned].parameters == taken
        assert rows[plain].multiplications - rows[pruned].multiplications == 2 * taken


def test_prefixes(prefixes):
    """Of the greedy solver's components, which any number of serves."""
    assert list(prefixes) == RANKS
    model = pl.compress(
        fashion_mnist.network(),
        calibration=fashion_mnist.calibration(),
        refinements=max(RANKS),
        solver="greedy",
    )
    for rank, accuracy in prefixes.items():
        with pl.load(model) as session:
            assert accuracy == 100 * right(session.infer_logits(x(), refinements=rank)) / COUNT


def test_table(rows, prefixes, monkeypatch, capsys):
    """What people read has the rows' figures."""
    answer = {
        "images": COUNT,
        "rows": [row.to_dict() for row in rows],
        "one_file_prefixes": prefixes,
        "pictures": ["demo/picture.png"],
    }
    monkeypatch.setattr(demo, "run", lambda options: answer)
    assert main(["demo", "--json"]) == 0
    assert [row["drop"] for row in json.loads(capsys.readouterr().out)["rows"]] == [
        row.drop for row in rows
    ]
    assert main(["demo"]) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert f"{COUNT} test images" in lines[0]
    header = next(n for n, line in enumerate(lines) if line.startswith("model"))
    titles = re.split(r"\s{1,}(?!fp32)", lines[header])
    assert titles[1:4] == ["R", "accuracy", "drop"] and titles[-1] == "backend"
    table = lines[header + 1 : header + 1 + len(rows)]
    for row, line in zip(rows, table):
        name, cells = line[:22].strip(), line[22:].split()
        assert name == row.name
        if row.refinements is not None:
            assert int(cells.pop(0)) == row.refinements
        assert len(cells) == 8 and cells[7] == row.backend
        assert cells[0].endswith("%") and cells[4].endswith("%")
        numbers = [float(cell.rstrip("%").replace(",", "")) for cell in cells[:7]]
        expected = (row.accuracy, row.drop, row.mse, row.stored_bytes, 100 * row.fraction)
        np.testing.assert_allclose(numbers[:2], expected[:2], atol=0.00501)
        np.testing.assert_allclose(numbers[2], expected[2], rtol=6e-4)
        assert numbers[3] == expected[3] and abs(numbers[4] - expected[4]) <= 0.0501
        assert numbers[5] == row.multiplications
        assert abs(numbers[6] - 1e6 * row.seconds_per_image) <= 0.0501
    rest = "\n".join(lines[header + 1 + len(rows) :])
    found = re.search(
        r"float accuracy ([\d.]+) %, 95 % interval ([\d.]+) to ([\d.]+)", rest
    ).groups()
    np.testing.assert_allclose(
        [float(v) for v in found], [rows[0].accuracy, *rows[0].interval], atol=0.00501
    )
    served = {int(k): float(v) for k, v in re.findall(r"R=(\d+) ([\d.]+)%", rest)}
    assert served == {k: pytest.approx(v, abs=0.00501) for k, v in prefixes.items()}
    assert lines[-1] == "wrote demo/picture.png"
