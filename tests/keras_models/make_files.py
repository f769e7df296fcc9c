"""Write the files of this folder's subfolders with the Keras that is installed.

    KERAS_BACKEND=torch python tests/keras_models/make_files.py    # keras 3, beside torch
    python tests/keras_models/make_files.py      # tensorflow-cpu 2.13 or 2.15: keras 2

Beside each file stands NAME.npz: an input x and the output y that Keras computes for it.
"""

import contextlib
import warnings
from pathlib import Path

import numpy as np

with contextlib.suppress(ImportError):
    import tensorflow  # noqa: F401  # before keras 2, which needs it
import keras

layers = keras.layers
HERE = Path(__file__).resolve().parent


def both():
    """A mask, both directions, the last step, and a softmax, as a Functional model."""
    given = x = keras.Input((None, 3))
    x = layers.Masking()(x)
    x = layers.Bidirectional(layers.LSTM(4, dropout=0.2))(x)
    return keras.Model(given, layers.Dense(2, activation="softmax")(x))


def turned():
    """An LSTM that goes backwards, and one that reads its steps in their order."""
    first = layers.LSTM(4, go_backwards=True, return_sequences=True)
    return [first, layers.LSTM(4), layers.Dense(2)]


def steps():
    """Every step, of two sizes."""
    first = layers.Bidirectional(layers.LSTM(2, return_sequences=True))
    last = layers.TimeDistributed(layers.Dense(3))
    return [first, layers.LSTM(3, return_sequences=True), last]


def stacked():
    """Layers of one size, one of them without bias, with dropout between."""
    first = layers.LSTM(4, return_sequences=True, recurrent_dropout=0.1)
    second = layers.LSTM(4, use_bias=False)
    return [first, layers.SpatialDropout1D(0.5), second, layers.Dropout(0.5), layers.Dense(2)]


FILES = {both: ".keras", turned: ".h5", steps: ".weights.h5", stacked: ".keras"}


def main():
    """Write all."""
    folder = HERE / f"keras_{keras.__version__.replace('.', '_')}"
    folder.mkdir(exist_ok=True)
    for build, ending in FILES.items():
        rng, model = np.random.default_rng(0), build()
        if isinstance(model, list):
            model = keras.Sequential([keras.Input((None, 3)), *model])
        model.set_weights([rng.uniform(-1, 1, w.shape) for w in model.get_weights()])
        path = folder / f"{build.__name__}{ending}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the legacy format is meant
            (model.save_weights if ending == ".weights.h5" else model.save)(str(path))
        x = rng.standard_normal((2, 5, 3)).astype(np.float32)
        np.savez(folder / f"{build.__name__}.npz", x=x, y=model.predict(x, verbose=0))


if __name__ == "__main__":
    main()
