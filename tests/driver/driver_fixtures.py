"""What the tests of the driver share; imported by conftest."""

import pytest

MISUSE = "bus_faults", "inputs_changed", "writes_while_running"


@pytest.fixture(scope="session")
def driver_cases(request):
    """How many random models go through the driver."""
    return request.config.getoption("--driver-cases")


@pytest.fixture
def new_device():
    """Makes emulated boards, `kind` or a subclass of it; they are closed after the test.

    The first is pynq's active device, so that its interrupt arrives. A test that misuses one on
    purpose names the counters in its attribute ``misused``.
    """
    from pynq import Device

    from pynq_lstm.runtime.emulator.device import EmulatedDevice

    made = []

    def make(kind=EmulatedDevice, **options):
        made.append(kind(**options))
        Device.active_device = made[0]
        return made[-1]

    yield make
    for device in made:
        device.close()
    found = [{name: getattr(device, name) for name in MISUSE} for device in made]
    for device, counts in zip(made, found):
        wrong = {k: n for k, n in counts.items() if n and k not in getattr(device, "misused", ())}
        assert not wrong, f"{device.tag}: {wrong}"
