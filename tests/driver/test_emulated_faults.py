"""Every fault by its name, what it looks like from outside, and that it is over afterwards."""

import numpy as np
import pynq
import pytest
from by_hand import DONE, IDLE, ByHand
from designs import TINY
from fitting_models import fitting_input, fitting_model
from kernel_runs import assert_equal

from pynq_lstm import reference
from pynq_lstm.accelerator.identity import MAGIC
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import DeviceError, InputError
from pynq_lstm.runtime.emulator.faults import LATE, Fault

BAD_CRC, SHORT_INPUT = 4, 7


@pytest.fixture
def kernel(device, tiny_files):
    return ByHand(device, tiny_files)


def test_no_ap_done(device, kernel):
    device.faults.add("no_ap_done", times=2)
    for _ in range(2):
        kernel.start(Command.IDENTIFY)
        device.clock.sleep(1e6)
        assert kernel.read("CTRL") == 1 and kernel.read("magic") == 0
        device.gpio_write(0, 1)
        device.gpio_write(0, 0)
    assert kernel.run(Command.IDENTIFY) == 0 and kernel.read("magic") == MAGIC


def test_late_ap_done(device, kernel):
    kernel.run(Command.IDENTIFY)
    usual = device.kernel_seconds
    device.faults.add("late_ap_done")
    kernel.run(Command.IDENTIFY)
    assert device.kernel_seconds == pytest.approx(LATE * usual)
    kernel.run(Command.IDENTIFY)
    assert device.kernel_seconds == pytest.approx(usual)


@pytest.mark.parametrize(
    "fault, register, right",
    [("wrong_identity", "magic", MAGIC), ("wrong_hash", "hash_low", TINY.hash64 & 0xFFFF_FFFF)],
)
def test_another_identity(device, kernel, fault, register, right):
    device.faults.add(fault)
    kernel.run(Command.RESET_STATE)  # not a command that it is for
    assert kernel.read(register) == right
    kernel.run(Command.IDENTIFY)
    assert kernel.read(register) != right
    kernel.run(Command.IDENTIFY)
    assert kernel.read(register) == right


def test_memory_exhausted(device, kernel):
    device.faults.add("memory_exhausted")
    with pytest.raises(DeviceError, match="exhausted"):
        kernel.buffer(4)
    assert device.live_buffers == 0
    kernel.buffer(4).freebuffer()


def test_a_corrupted_image_is_refused_and_leaves_the_old_one(device, kernel):
    rng = np.random.default_rng(5)
    model = fitting_model(rng, TINY)
    image = pack(Plan.of_model(model), TINY)
    assert kernel.load(image) == 0
    device.faults.add("corrupted_image")
    assert kernel.load(image) == BAD_CRC
    given = fitting_input(rng, model)
    assert_equal(kernel.infer(image, *given), reference.run(model, *given))
    assert kernel.load(image) == 0


def test_a_failing_access(device, kernel):
    for access in (lambda: kernel.read("CTRL"), lambda: kernel.write(command=2)):
        device.faults.add("failing_access")
        with pytest.raises(OSError, match="emulated fault"):
            access()
        assert kernel.read("command") == 0  # and it did nothing
    kernel.write(command=2)
    assert kernel.read("command") == 2


@pytest.fixture
def loaded(kernel):
    """A kernel with an image, and a RUN for it: (kernel, start, output's buffer)."""
    rng = np.random.default_rng(6)
    model = fitting_model(rng, TINY)
    image = pack(Plan.of_model(model), TINY)
    kernel.load(image)
    x, h, c, lengths, _ = fitting_input(rng, model)
    _, out = kernel.prepare(image, x, h, c, lengths)

    def start():
        kernel.start(Command.RUN, sequences=len(lengths), refinements=1, state=5)

    return kernel, start, out


def number_of_run(out):
    out.invalidate()
    return int(np.array(out)[-1].view("<u4")[0])


def test_a_run_without_output(device, loaded):
    kernel, start, out = loaded
    device.faults.add("no_output")
    for expected in (0, 2):  # the kernel counts it
        start()
        assert kernel.wait() == 0
        assert number_of_run(out) == expected and out.any() == bool(expected)


def test_a_run_that_is_refused(device, loaded):
    kernel, start, out = loaded
    device.faults.add("refused")
    for status, expected in ((SHORT_INPUT, 0), (0, 1)):  # the kernel does not count it
        start()
        assert kernel.wait() == status
        assert number_of_run(out) == expected and out.any() == bool(expected)


def test_an_input_that_is_changed_while_the_kernel_reads_it_is_counted(device, loaded):
    kernel, start, _ = loaded
    given = kernel.held[0]
    device.misused = ("inputs_changed",)
    for count, amid in enumerate((True, False, True)):
        start()
        given[-1, -1] ^= amid
        given.flush()
        assert kernel.wait() == 0
        given[-1, -1] ^= 1  # afterwards it may
        given.flush()
        assert device.inputs_changed == (1, 1, 2)[count]


def test_an_input_that_is_freed_while_the_kernel_reads_it_is_a_bus_fault(device, loaded):
    kernel, start, _ = loaded
    device.misused = ("bus_faults",)
    start()
    kernel.held[0].freebuffer()
    assert kernel.wait() == 0
    assert device.bus_faults == 1


def test_faults_given_to_the_device_happen_once(new_device, tiny_files):
    device = new_device(faults=("no_ap_done", Fault.MEMORY_EXHAUSTED))
    assert device.faults.waiting() == {"no_ap_done": 1, "memory_exhausted": 1}
    kernel = ByHand(device, tiny_files)
    kernel.start(Command.IDENTIFY)
    assert device.faults.waiting() == {"memory_exhausted": 1}


def test_faults_can_be_cleared(device, kernel):
    for fault in Fault:
        device.faults.add(fault.value, times=3)
    device.faults.fail_operation(1)
    device.faults.clear()
    kernel.buffer(1)
    assert kernel.run(Command.IDENTIFY) == 0
    assert kernel.read("CTRL") == IDLE


@pytest.mark.parametrize("name", ["no_such_fault", "", None, 3])
def test_an_unknown_fault_names_those_known(device, name):
    with pytest.raises(InputError, match="no_ap_done.*lost_interrupt") as caught:
        device.faults.add(name)
    assert caught.value.field == "fault" and caught.value.value == name


@pytest.mark.parametrize("times", [0, -1, 1.0, True, None])
def test_counts_are_whole_and_above_0(device, times):
    with pytest.raises(InputError, match="above 0"):
        device.faults.add("no_ap_done", times=times)
    with pytest.raises(InputError, match="above 0"):
        device.faults.fail_operation(times)


def operations(device, kernel):
    """Six operations, one of each kind."""
    buffer = pynq.allocate((16,), np.uint8, target=device, cacheable=1)
    try:
        buffer[:] = 1
        buffer.flush()
        kernel.write(command=int(Command.IDENTIFY))
        kernel.read("CTRL")
        buffer.invalidate()
    finally:
        try:
            buffer.freebuffer()
        except OSError:
            buffer.freebuffer()
            raise


def test_the_operation_that_is_named_fails_once(device, kernel):
    before = device.operations
    operations(device, kernel)
    assert device.operations - before == 6
    for number in range(1, 7):
        device.faults.fail_operation(number)
        with pytest.raises(OSError, match="emulated fault"):
            operations(device, kernel)
        assert device.live_buffers == 0
        operations(device, kernel)


def test_an_operation_may_fail_by_another_error(device, kernel):
    device.faults.fail_operation(3, error=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        operations(device, kernel)
    operations(device, kernel)


def test_operations_are_the_sum_of_the_counters(device, kernel):
    operations(device, kernel)
    assert device.operations == sum(device.counters.values())
    assert device.counters["flush"] == device.counters["invalidate"] == 1


def test_a_buffer_that_could_not_be_freed_can_be_freed_again(device):
    buffer = pynq.allocate((16,), np.uint8, target=device, cacheable=1)
    device.faults.fail_operation(1)
    with pytest.raises(OSError):
        buffer.freebuffer()
    assert device.live_buffers == 1
    buffer.freebuffer()
    assert device.live_buffers == 0


def test_done_shows_after_a_failing_access(device, kernel):
    kernel.start(Command.IDENTIFY)
    device.faults.add("failing_access")
    with pytest.raises(OSError):
        kernel.read("CTRL")
    device.clock.sleep(1)
    assert kernel.read("CTRL") & DONE
