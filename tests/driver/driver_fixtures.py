"""What the tests of the driver share; imported by conftest."""

import pytest


@pytest.fixture(scope="session")
def driver_cases(request):
    """How many random models go through the driver."""
    return request.config.getoption("--driver-cases")


@pytest.fixture
def new_device():
    """Makes emulated boards, `kind` or a subclass of it; they are closed after the test.

    The first is pynq's active device, so that its interrupt arrives.
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
