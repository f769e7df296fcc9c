"""Files of Keras made by hand, in the layouts that Keras writes; and what such models compute.

A model is a list of layers, each a dict with its `class_name`, its `config` and its `weights`:
a list of arrays, of a Bidirectional layer those of the forward direction first.
"""

import io
import json
import re
import zipfile

import h5py
import numpy as np

FORMATS = (".keras", ".h5", ".weights.h5")


def lstm(rng, inputs, units, *, bias=True, **config):
    """An LSTM layer."""
    shapes = [(inputs, 4 * units), (units, 4 * units), (4 * units,)][: 3 if bias else 2]
    weights = [rng.uniform(-1, 1, shape).astype(np.float32) for shape in shapes]
    settings = {"units": units, "activation": "tanh", "recurrent_activation": "sigmoid"}
    settings.update({"use_bias": bias, "return_sequences": True, "dropout": 0.3, **config})
    return {"class_name": "LSTM", "config": settings, "weights": weights}


def both(rng, inputs, units, merge_mode="concat", **config):
    """A Bidirectional LSTM layer."""
    one, other = lstm(rng, inputs, units, **config), lstm(rng, inputs, units, **config)
    inner = {key: one[key] for key in ("class_name", "config")}
    weights = one["weights"] + other["weights"]
    config = {"layer": inner, "merge_mode": merge_mode}
    return {"class_name": "Bidirectional", "config": config, "weights": weights}


def dense(rng, inputs, units, activation="linear", bias=True, distributed=False):
    """A Dense layer, or one that is wrapped in TimeDistributed."""
    weights = [rng.uniform(-1, 1, (inputs, units)), rng.uniform(-1, 1, units)][: 1 + bias]
    config = {"units": units, "activation": activation, "use_bias": bias}
    layer = {"class_name": "Dense", "config": config}
    if distributed:
        layer = {"class_name": "TimeDistributed", "config": {"layer": layer}}
    return {**layer, "weights": [a.astype(np.float32) for a in weights]}


def plain(kind, **config):
    """A layer without weights."""
    return {"class_name": kind, "config": config, "weights": []}


def named(layers):
    """The layers with names, as Keras gives them."""
    made = []
    for n, layer in enumerate(layers):
        config = {"name": f"{_snake(layer['class_name'])}_{n + 3}", **layer["config"]}
        made.append({**layer, "config": config})
    return made


def config_of(layers, functional=False):
    """The configuration of a Sequential model, or of a Functional one as Keras 3 writes it."""
    entries = [{key: layer[key] for key in ("class_name", "config")} for layer in named(layers)]
    entry = {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": [None] * 3}}
    entries.insert(0, entry)
    if not functional:
        return {"class_name": "Sequential", "config": {"name": "sequential", "layers": entries}}
    for before, entry in zip([None, *entries], entries):
        entry["name"], entry["inbound_nodes"] = entry["config"]["name"], []
        if before is not None:
            history = {"keras_history": [before["name"], 0, 0]}
            tensor = {"class_name": "__keras_tensor__", "config": history}
            entry["inbound_nodes"] = [{"args": [tensor], "kwargs": {"mask": None}}]
    ends = {"input_layers": ["input", 0, 0], "output_layers": [entries[-1]["name"], 0, 0]}
    return {"class_name": "Functional", "config": {"layers": entries, **ends}}


def write(path, layers, config=None):
    """Write a model in the format that the path's ending says."""
    name = str(path)
    config = config_of(layers) if config is None else config
    if name.endswith(".keras"):
        data = io.BytesIO()
        with h5py.File(data, "w") as file:
            _objects(file, layers)
        archive(path, {"config.json": json.dumps(config), "model.weights.h5": data.getvalue()})
    elif name.endswith(".weights.h5"):
        with h5py.File(path, "w") as file:
            _objects(file, layers)
    else:
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = json.dumps(config)
            _legacy(file, layers)
    return path


def archive(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, data in members.items():
            made.writestr(name, data)


def _objects(file, layers):
    met = {}
    for layer in layers:
        base = _snake(layer["class_name"])
        number = met[base] = met.get(base, -1) + 1
        group = f"layers/{base}_{number}" if number else f"layers/{base}"
        places = {
            "LSTM": ["cell/vars"],
            "Bidirectional": ["forward_layer/cell/vars", "backward_layer/cell/vars"],
            "TimeDistributed": ["layer/vars"],
        }.get(layer["class_name"], ["vars"])
        count = len(layer["weights"]) // len(places)
        for n, place in enumerate(places):
            at = file.create_group(f"{group}/{place}")
            for k, array in enumerate(layer["weights"][n * count : (n + 1) * count]):
                at[str(k)] = array


def _legacy(file, layers):
    for layer in named(layers):
        name, kind = layer["config"]["name"], layer["class_name"]
        group = file.create_group(f"model_weights/{name}")
        cells = {
            "LSTM": [f"{name}/lstm_cell"],
            "Bidirectional": [f"{name}/forward_lstm/lstm_cell", f"{name}/backward_lstm/lstm_cell"],
        }.get(kind, [name])
        count = len(layer["weights"]) // len(cells)
        names = ["kernel", "recurrent_kernel", "bias"] if "cell" in cells[0] else ["kernel", "bias"]
        for n, cell in enumerate(cells):
            for variable, array in zip(names, layer["weights"][n * count : (n + 1) * count]):
                group[f"{cell}/{variable}:0"] = array


def _snake(name):
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def run(layers, x):
    """What Keras computes, naively, in float64: (batch, time, input) to its output."""
    y = x.astype(np.float64)
    for layer in layers:
        config, weights = layer["config"], [np.float64(a) for a in layer["weights"]]
        if layer["class_name"] == "LSTM":
            y = _lstm(y, weights, config)
        elif layer["class_name"] == "Bidirectional":
            half, config = len(weights) // 2, config["layer"]["config"]
            one = _lstm(y, weights[:half], config)
            other = _lstm(y, weights[half:], {**config, "go_backwards": True})
            if config["return_sequences"]:
                other = other[:, ::-1]
            y = np.concatenate([one, other], axis=-1)
        elif weights:
            y = y @ weights[0] + (weights[1] if len(weights) > 1 else 0)
    return y


def _lstm(x, weights, config):
    steps, units = [], config["units"]
    h, c = np.zeros((2, len(x), units))
    for t in range(x.shape[1])[:: -1 if config.get("go_backwards") else 1]:
        pre = x[:, t] @ weights[0] + h @ weights[1] + (weights[2] if len(weights) > 2 else 0)
        i, f, g, o = (pre[:, n * units : (n + 1) * units] for n in range(4))
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        steps.append(h)
    return np.stack(steps, axis=1) if config["return_sequences"] else h
