"""The baselines of an answer: what they have of it."""

from types import SimpleNamespace

import pytest

import pynq_lstm as pl
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.baselines import lstm_hw
from pynq_lstm.exploration.compared import compared


@pytest.mark.parametrize(("bits", "least"), [((4, 16), 4), ((2, 8), 4), ((8, 8), 8)])
def test_baselines_have_the_bits_of_the_answer(task, bits, least):
    """Of another width, dense weights of 2 bits being of 4."""
    network, _, calibration = task
    method = {"method": "block_diagonal", "block_rank": 2} if bits[0] == 2 else {"refinements": 4}
    own = dict(zip(("weight_bits", "activation_bits"), bits))
    answer = pl.compress(network, calibration=calibration, **method, **own)
    best = {"resources": {"dsp": 200}, "engine": "svdn", "options": {**method, **own}}
    target = SimpleNamespace(device=Device.of("zcu104"), clock_mhz=200)
    made = []

    def compress(options):
        made.append(pl.compress(network, calibration=calibration, **options))
        return made[-1]

    found = compared(network, target, best, answer, compress, lambda model: (None, None))
    hardware, *_ = (one for one in found if one["engine"] == "lstm_hw")
    software, *_ = (one for one in found if one["engine"] == "lstm_sw")
    for one in (hardware, software):
        told = one["options"]
        assert (told["weight_bits"], told["activation_bits"]) == (least, bits[1])
    assert (
        hardware["microseconds"]
        == lstm_hw(network, "zcu104", 200, 200, least, bits[1]).microseconds
    )
    dense = made[0]
    assert (dense.method, dense.weight_bits, dense.activation_bits) == ("dense", least, bits[1])
    assert hardware["mse"] == dense.provenance["weight mse"]
