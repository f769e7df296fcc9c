"""The demonstration's network, compressed and run here, gives the bits of the naive model."""

import numpy as np

import pynq_lstm as pl
from pynq_lstm.examples import fashion_mnist

IMAGES, CALIBRATION = 4, 8


def test_bits_of_the_naive_model():
    model = pl.compress(
        fashion_mnist.network(),
        calibration=fashion_mnist.calibration()[:, :CALIBRATION],
        refinements=4,
        progress=False,
    )
    x = fashion_mnist.branches(fashion_mnist.test_set()[0][:IMAGES])
    answers = []
    for backend in ("cpu", "reference"):
        with pl.load(model, backend=backend) as session:
            out, state = session.infer(x)
            answers.append((out, *state, session.infer_logits(x)))
    for found, expected in zip(*answers):
        np.testing.assert_array_equal(found, expected)
    assert np.abs(answers[0][0]).max() > 0.1
