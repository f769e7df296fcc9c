"""What Keras has and this package has not is refused by name, with what would do."""

import numpy as np
import pytest
from keras_files import FORMATS, both, config_of, dense, lstm, plain, write

import pynq_lstm as pl

RNG = np.random.default_rng(0)


def refused(path, text):
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_keras(path)


def one(**config):
    layer = lstm(RNG, 3, 4)
    layer["config"].update(config)
    return [layer]


@pytest.mark.parametrize("ending", (".keras", ".h5"))
@pytest.mark.parametrize(
    "layers, text",
    [
        (one(activation="relu"), "layer 'lstm_3': activation = 'relu': not tanh; train the LSTM"),
        (one(activation=None), "activation = None: not tanh"),
        (
            one(recurrent_activation="hard_sigmoid"),
            "recurrent_activation = 'hard_sigmoid': not sigmoid; train the LSTM with rec.*=sigmoid",
        ),
        (one(stateful=True), "lstm_3': stateful = True: not supported; .* pass state= to infer"),
        (one(return_state=True), "return_state = True: not supported"),
        (one(time_major=True), "time_major = True: .* batch first"),
        (one(units=0), "units = 0: not a positive integer"),
        (one(units=True), "units = True: not a positive integer"),
        ([plain("GRU", units=4)], "layer 'gru_3': class = 'GRU': not supported here; keep LSTMs"),
        ([plain("Lambda", function="AAA=")], "class = 'Lambda': not supported"),
        ([*one(), plain("Flatten")], "class = 'Flatten': not supported"),
        ([plain("Sequential", layers=[])], "class = 'Sequential': not supported"),
        ([], "layers = 'no LSTM': nothing to import"),
        (
            [both(RNG, 3, 4, merge_mode="sum")],
            "layer 'bidirectional_3': merge_mode = 'sum': not concat",
        ),
        ([both(RNG, 3, 4, merge_mode=None)], "merge_mode = None: not concat"),
        (
            [both(RNG, 3, 4, go_backwards=True)],
            "_3': go_backwards = True: .*direction goes",
        ),
        (
            [*one(go_backwards=True), both(RNG, 4, 4)],
            "_4': go_backwards = True: .* turned steps",
        ),
        ([both(RNG, 3, 4, activation="relu")], "bidirectional_3': activation = 'relu'"),
        (
            [*one(return_sequences=False), lstm(RNG, 4, 4)],
            "layer 'lstm_4': place = 'LSTM': given one step only; .*return_sequences=True",
        ),
        ([dense(RNG, 3, 3), *one()], "layer 'dense_3': place = 'Dense': before any LSTM"),
        ([*one(), dense(RNG, 4, 3), dense(RNG, 3, 2)], "dense_5'.*: a second linear layer"),
        ([*one(), dense(RNG, 4, 3), lstm(RNG, 3, 4)], "lstm_5'.*: after a linear layer"),
        (
            [*one(), dense(RNG, 4, 3, "sigmoid")],
            "layer 'dense_4': activation = 'sigmoid': the head is linear: logits.*; use softmax or",
        ),
        ([*one(), dense(RNG, 4, 3, "relu", distributed=True)], "activation = 'relu': the head"),
        (
            [*one(return_sequences=False), dense(RNG, 4, 3, distributed=True)],
            "time_distributed_4': layer = 'Dense': not a Dense layer on every step",
        ),
        ([*one(), plain("Activation", activation="softmax")], "Activation': not after the head"),
        (
            [*one(), dense(RNG, 4, 3), plain("Activation", activation="relu")],
            "layer 'activation_5': activation = 'relu'",
        ),
        ([*one(), dense(RNG, 4, 3), plain("Softmax", axis=1)], "axis = 1: not -1"),
        ([*one(), plain("Masking", mask_value=0)], "masking_4': place = 'Masking': after an LSTM"),
    ],
)
def test_layers(tmp_path, ending, layers, text):
    refused(write(tmp_path / f"net{ending}", layers), text)


@pytest.mark.parametrize(
    "layers, text",
    [
        ([plain("GRU")], "layers/gru = 'gru': a layer of which weights alone say too little; save"),
        ([*one(), dense(RNG, 4, 3), dense(RNG, 3, 2)], r"\['layers/dense', .*more than one linear"),
        ([lstm(RNG, 2, 2)] * 65, "layers = '65 LSTMs': more than 64; save the whole model"),
        ([{**one()[0], "weights": one()[0]["weights"][:1]}], "lstm/cell/vars = '1 variables': not"),
        ([*one(), dense(RNG, 5, 3)], "head.weight.shape = .*5.*join to 4 columns"),
    ],
)
@pytest.mark.filterwarnings("ignore:this file holds weights only")
def test_weights_only(tmp_path, layers, text):
    refused(write(tmp_path / "net.weights.h5", layers), text)


def test_functions_of_keras_by_name_only(tmp_path):
    function = {"class_name": "function", "module": "builtins", "config": "tanh"}
    layers = one(activation=function)
    assert len(pl.Network.from_keras(write(tmp_path / "net.keras", layers)).layers) == 1
    layers[0]["config"]["activation"] = {**function, "module": "mine"}
    refused(write(tmp_path / "net.keras", layers), "activation = .*: not tanh")


def test_directions_that_differ(tmp_path):
    layer = both(RNG, 3, 4)
    inner = layer["config"]["layer"]
    other = {**inner, "config": {**inner["config"], "units": 5}}
    layer["config"]["backward_layer"] = other
    refused(write(tmp_path / "a.keras", [layer]), r"units = \[4, 5\]: the directions differ")
    layer["config"]["backward_layer"] = {**inner, "class_name": "GRU"}
    refused(write(tmp_path / "b.keras", [layer]), "bidirectional_3': class = 'GRU'")


def test_classes_of_others(tmp_path):
    layers, config = one(), config_of(one())
    config["config"]["layers"][1]["registered_name"] = "mine>LSTM"
    refused(
        write(tmp_path / "net.keras", layers, config),
        "layer 'lstm_3': class = 'mine>LSTM': not a layer of Keras",
    )
    config["class_name"] = "MyModel"
    refused(write(tmp_path / "net.keras", layers, config), "'MyModel': not a Sequential or Funct")


def functional(change):
    layers = [lstm(RNG, 3, 4), lstm(RNG, 4, 4), dense(RNG, 4, 2)]
    config = config_of(layers, functional=True)
    change(config["config"], config["config"]["layers"])
    return layers, config


def tensor(name, index=0):
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, index]}}


def call(entry, *given, **options):
    entry["inbound_nodes"] = [{"args": list(given), "kwargs": options}]


@pytest.mark.parametrize(
    "change, text",
    [
        (
            lambda c, e: c.update(output_layers=[["dense_5", 0, 0], ["lstm_4", 0, 0]]),
            r"output_layers = \['dense_5', 'lstm_4'\]: not one; let each layer read the one before",
        ),
        (
            lambda c, e: c.update(input_layers=[["input", 0, 0], ["other", 0, 0]]),
            "input_layers = .*not one",
        ),
        (
            lambda c, e: c.update(output_layers=["lstm_4", 0, 0]),
            r"layers = \['dense_5 \(Dense\)'\]: beside the way to 'lstm_4'",
        ),
        (
            lambda c, e: call(e[3], [tensor("lstm_3"), tensor("lstm_4")]),
            r"layer 'dense_5': inbound_nodes = \['lstm_3', 'lstm_4'\]: not one output",
        ),
        (
            lambda c, e: call(e[2], tensor("lstm_3"), initial_state=[tensor("lstm_3", 1)]),
            r"'lstm_4': inbound_nodes = \['initial_state'\]: it reads more than one; leave it out",
        ),
        (lambda c, e: call(e[2], tensor("lstm_3", 1)), "inbound_nodes = .*not one output"),
        (lambda c, e: call(e[1], tensor("lstm_4")), "'lstm_4': a layer twice, or none"),
        (lambda c, e: call(e[1], tensor("other")), "inbound_nodes = 'other': a layer twice, or"),
        (
            lambda c, e: e[2].update(inbound_nodes=e[2]["inbound_nodes"] * 2),
            "'lstm_4': inbound_nodes = '2 calls': not called once",
        ),
    ],
)
def test_graphs_that_are_no_chain(tmp_path, change, text):
    text = text.replace("more than one;", "more than one sequence;")
    refused(write(tmp_path / "net.keras", *functional(change)), text)


def test_calls_as_keras_2_writes_them(tmp_path):
    def old(config, entries):
        for entry in entries[1:]:
            history = entry["inbound_nodes"][0]["args"][0]["config"]["keras_history"]
            entry["inbound_nodes"] = [[[*history, {}]]]

    path = write(tmp_path / "net.h5", *functional(old))
    assert pl.Network.from_keras(path).stacks == (pl.Stack(2),)

    def with_state(config, entries):
        old(config, entries)
        entries[2]["inbound_nodes"][0][0][3]["initial_state"] = [["lstm_3", 0, 1]]

    refused(write(tmp_path / "net.h5", *functional(with_state)), r"\['initial_state'\]: it reads")


def test_masks_of_keras_3(tmp_path):
    """It writes down the operations that a Masking layer runs, and gives layers their result."""

    def masked(config, entries):
        call(entries[2], tensor("masking_3"), mask=tensor("any"))
        for kind, name, reads in (("NotEqual", "unequal", "input"), ("Any", "any", "unequal")):
            entries.append({"class_name": kind, "name": name, "config": {}})
            call(entries[-1], tensor(reads))

    layers = [plain("Masking"), lstm(RNG, 3, 4)]
    config = config_of(layers, functional=True)
    masked(config["config"], config["config"]["layers"])
    with pytest.warns(UserWarning, match="'masking_3' is left out"):
        pl.Network.from_keras(write(tmp_path / "net.keras", layers, config))
    layers, config = functional(lambda c, e: e.append({**e[0], "class_name": "Any", "name": "any"}))
    refused(write(tmp_path / "net.keras", layers, config), r"\['any \(Any\)'\]: beside the way")


@pytest.mark.parametrize("ending", FORMATS)
def test_h5py_is_missing(tmp_path, monkeypatch, ending):
    path = write(tmp_path / f"net{ending}", one())
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(
        pl.MissingExtraError, match=r"h5py = None: not installed; pip install '.*\[keras\]'"
    ):
        pl.Network.from_keras(path)
