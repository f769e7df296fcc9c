"""Every single operation of load, infer and close fails once, and many of other uses."""

import fault_loop
import pytest

SAMPLES = 12  # of the operations of a use
COMPLETE = "infer"
USES = fault_loop.uses()


def sampled(count, shift):
    """About `SAMPLES` numbers of 1 to `count`, others for another shift."""
    stride = -(-count // SAMPLES)
    return range(1 + shift % stride, count + 1, stride)


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("name", USES)
def test_whatever_fails_the_next_call_works(name, error, record_property):
    use = USES[name]
    count = fault_loop.operations(use)
    complete = name == COMPLETE and error is OSError
    numbers = range(1, count + 1) if complete else sampled(count, len(name))
    outcomes = fault_loop.run(use, numbers, error)
    assert sum(outcomes.values()) == len(numbers)
    assert outcomes["load"] and outcomes["use"]
    record_property("operations failed", f"{len(numbers)} of {count}")
    record_property("outcomes", dict(outcomes))
