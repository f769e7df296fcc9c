"""Every single operation of load, infer and close fails once."""

import fault_loop
from small_model import small_case

import pynq_lstm as pl


def test_whatever_fails_the_next_call_works(record_property):
    model, x = small_case()
    with pl.load(model, backend="reference") as session:
        expected = session.infer(x)[0]
    count = fault_loop.operations(model, x)
    outcomes = fault_loop.run(model, x, expected, range(1, count + 1))
    assert sum(outcomes.values()) == count
    assert outcomes["load"] and outcomes["infer"]
    record_property("operations failed", count)
    record_property("outcomes", dict(outcomes))
