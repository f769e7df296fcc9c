"""Commands by hand-written register writes: data, caches, answers of the naive model, times."""

import numpy as np
import pytest
from by_hand import DONE, IDLE, ByHand
from designs import TINY
from fitting_models import fitting_input, fitting_model
from kernel_runs import assert_equal

from pynq_lstm import reference
from pynq_lstm.accelerator import cycles
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.runtime.emulator.clock import ACCESS_SECONDS

HIGH = 0x8_0000_0000


@pytest.fixture
def kernel(device, tiny_files):
    return ByHand(device, tiny_files)


@pytest.fixture
def case():
    rng = np.random.default_rng(11)
    model = fitting_model(rng, TINY, inputs=(9, 9), hidden=(13, 13), whole=True)
    image = pack(Plan.of_model(model), TINY)
    x, h, c, lengths, refinements = fitting_input(rng, model)
    return model, image, (x, h, c, lengths, refinements)


def echo(kernel, pattern, flush=True, invalidate=True):
    """A pattern through the kernel and back; what the CPU sees of it."""
    beats = pattern.reshape(-1, 16)
    given, out = kernel.buffer(len(beats)), kernel.buffer(len(beats))
    given[:], out[:] = 0, 0
    given.flush()
    out.flush()
    given[:] = beats
    if flush:
        given.flush()
    kernel.point(given, out)
    assert kernel.run(Command.ECHO) == 0
    assert kernel.read("written") == len(beats)
    if invalidate:
        out.invalidate()
    seen = np.array(out)
    given.freebuffer()
    out.freebuffer()
    return seen.reshape(-1)


PATTERN = np.arange(1024, dtype=np.uint8)


def test_echo(kernel):
    np.testing.assert_array_equal(echo(kernel, PATTERN), PATTERN)


def test_without_a_flush_the_kernel_sees_old_data(kernel):
    assert not echo(kernel, PATTERN, flush=False).any()


def test_without_an_invalidate_the_processor_sees_old_data(kernel):
    assert not echo(kernel, PATTERN, invalidate=False).any()


def test_a_slice_flushes_its_own_bytes_only(kernel):
    given, out = kernel.buffer(4), kernel.buffer(4)
    given[:] = 0
    given.flush()
    given[:] = 5
    given[1:3].flush()
    kernel.point(given, out)
    kernel.run(Command.ECHO)
    out[2:].invalidate()
    assert out[2].min() == 5 and not out[3].any()
    assert int(given[1:3].device_address) == int(given.device_address) + 16


def test_a_buffer_that_is_not_cacheable_needs_neither(device, kernel):
    given = device.allocate((4, 16), np.uint8)
    out = device.allocate((4, 16), np.uint8, cacheable=0)
    given[:], out[:] = 9, 0
    kernel.point(given, out)
    kernel.run(Command.ECHO)
    assert (out == 9).all()


def test_a_run_equals_the_naive_model(kernel, case):
    model, image, given = case
    assert kernel.load(image) == 0
    for _ in range(2):
        assert_equal(kernel.infer(image, *given), reference.run(model, *given))


def test_memory_above_4_gib(new_device, tiny_files, case):
    model, image, given = case
    kernel = ByHand(new_device(base=HIGH), tiny_files)
    assert kernel.load(image) == 0
    assert kernel.read("in_2") == HIGH >> 32
    assert_equal(kernel.infer(image, *given), reference.run(model, *given))


def test_an_address_cut_to_32_bits_ends_nowhere(new_device, tiny_files):
    device = new_device(base=HIGH)
    kernel = ByHand(device, tiny_files)
    given, out = kernel.buffer(4), kernel.buffer(4)
    kernel.point(given, out)
    kernel.write(out_2=0)
    never_ends(device, kernel, Command.ECHO)


def never_ends(device, kernel, command):
    """The command touches memory that does not answer."""
    device.misused = ("bus_faults",)
    faults = device.bus_faults
    kernel.start(command)
    device.clock.sleep(1e6)
    assert kernel.read("CTRL") == 1
    assert device.bus_faults == faults + 1


@pytest.mark.parametrize("beats", [5, 1 << 20])
def test_a_buffer_too_short_for_what_is_announced_ends_nowhere(device, kernel, beats):
    given, out = kernel.buffer(4), kernel.buffer(4)
    kernel.point(given, out)
    kernel.write(in_beats=beats)
    never_ends(device, kernel, Command.ECHO)


def test_a_freed_buffer_and_an_address_between_beats_end_nowhere(device, kernel):
    given, out = kernel.buffer(4), kernel.buffer(4)
    kernel.point(given, out)
    kernel.write(in_1=int(given.device_address) + 4, in_beats=3)
    never_ends(device, kernel, Command.ECHO)
    device.gpio_write(0, 1)
    device.gpio_write(0, 0)
    kernel.point(given, out)
    given.freebuffer()
    never_ends(device, kernel, Command.ECHO)


def test_commands_without_memory_do_not_look_at_the_addresses(kernel):
    given = kernel.buffer(4)
    kernel.point(given, given)
    given.freebuffer()
    assert kernel.run(Command.IDENTIFY) == 0


def test_a_reset_forgets_the_image(device, kernel, case):
    model, image, given = case
    kernel.load(image)
    device.gpio_write(0, 1)
    device.gpio_write(0, 0)
    kernel.prepare(image, *given[:4])
    assert kernel.run(Command.RUN, sequences=len(given[3]), refinements=1, state=5) == 2
    kernel.load(image)
    assert_equal(kernel.infer(image, *given), reference.run(model, *given))


def test_a_download_stops_the_kernel_and_forgets_the_image(device, kernel, case):
    _, image, given = case
    kernel.load(image)
    _, out = kernel.prepare(image, *given[:4])
    kernel.start(Command.RUN, sequences=len(given[3]), refinements=1, state=5)
    kernel.overlay.download()
    device.clock.sleep(1)
    out.invalidate()
    assert not out.any()
    assert kernel.read("CTRL") == IDLE
    kernel.prepare(image, *given[:4])
    assert kernel.run(Command.RUN, sequences=len(given[3]), refinements=1, state=5) == 2


def test_arguments_written_amid_a_run_are_for_the_next_one(device, kernel, case):
    model, image, given = case
    kernel.load(image)
    device.misused = ("writes_while_running",)
    _, out = kernel.prepare(image, *given[:4])
    kernel.start(Command.RUN, sequences=len(given[3]), refinements=given[4], state=5)
    kernel.write(out_1=0, sequences=1)
    assert device.writes_while_running == 2
    assert kernel.wait() == 0
    out.invalidate()
    assert out.any()
    assert (kernel.read("out_1"), kernel.read("sequences")) == (0, 1)


# --- times


def start_run(kernel, image, given):
    out = kernel.prepare(image, *given[:4])[1]
    kernel.start(Command.RUN, sequences=len(given[3]), refinements=given[4], state=5)
    return out


def modelled(image, given):
    return cycles.run_cycles(image, given[3].tolist(), given[4], True, True)


def test_a_run_takes_its_modelled_time(device, kernel, case):
    _, image, given = case
    device.know_image(image)
    kernel.load(image)
    assert device.kernel_seconds == pytest.approx(cycles.load_cycles(image) / 200e6)
    out = start_run(kernel, image, given)
    seconds = modelled(image, given) / 200e6
    begin = device.clock.now()
    device.clock.sleep(seconds - 3 * ACCESS_SECONDS)
    assert kernel.read("CTRL") == 1
    out.invalidate()
    assert not out.any()  # memory shows nothing before the end
    assert kernel.read("status_ctrl") == 1  # LOAD's
    device.clock.sleep(ACCESS_SECONDS)
    assert kernel.read("CTRL") & DONE
    out.invalidate()
    assert out.any()
    assert device.clock.now() - begin == pytest.approx(seconds, abs=3 * ACCESS_SECONDS)
    assert device.kernel_seconds == pytest.approx(seconds)
    assert device.host_seconds > 0 and device.modelled


def test_outputs_show_at_the_end(device, kernel, case):
    _, image, given = case
    device.know_image(image)
    kernel.load(image)
    start_run(kernel, image, given)
    assert kernel.read("steps") == 0
    kernel.wait()
    assert kernel.read("steps") == sum(given[3]) * len(image.pairs)


def test_an_unknown_image_is_estimated(device, kernel, case):
    _, image, given = case
    kernel.load(image)
    start_run(kernel, image, given)
    kernel.wait()
    estimate, exact = device.kernel_seconds, modelled(image, given) / 200e6
    assert exact / 4 < estimate < exact * 4


def test_longer_runs_and_longer_copies_take_longer(device, kernel, case):
    _, image, given = case
    device.know_image(image)
    kernel.load(image)
    x, h, c, lengths, refinements = given
    taken = []
    for repeat in (1, 3):
        longer = [np.concatenate([part] * repeat, axis=1) for part in x]
        kernel.infer(image, longer, h, c, lengths * repeat, refinements)
        taken.append(device.kernel_seconds)
    assert taken[1] > 1.5 * taken[0]
    echo(kernel, PATTERN)
    short = device.kernel_seconds
    echo(kernel, np.tile(PATTERN, 8))
    assert device.kernel_seconds > short


def test_the_counter_counts_modelled_cycles(device, kernel, case):
    _, image, given = case
    device.know_image(image)
    kernel.load(image)
    assert kernel.counter.read(4) == 1  # started, and without the interrupt no end
    kernel.write(GIER=1, IP_IER=1)
    start_run(kernel, image, given)
    assert kernel.counter.read(4) & 3 == 1
    kernel.wait()
    assert kernel.counter.read(4) == 1 << 16 | 2
    counted = kernel.counter.read(8) | kernel.counter.read(12) << 32
    assert counted == round(modelled(image, given))
    assert counted == round(device.kernel_seconds * 200e6)
    start_run(kernel, image, given)  # the interrupt is still high: no edge
    kernel.wait()
    assert kernel.counter.read(4) == 1 << 16 | 1
    kernel.write(IP_ISR=1)
    start_run(kernel, image, given)
    kernel.wait()
    assert kernel.counter.read(4) == 2 << 16 | 2
    device.gpio_write(0, 1)
    assert kernel.counter.read(4) == 2 << 16
    assert kernel.counter.read(8) == counted


def test_the_counter_needs_a_start_and_a_kernel_that_is_not_reset(device, kernel):
    kernel.write(GIER=1, IP_ISR=1)  # a rise, but nothing was started
    assert kernel.counter.read(4) == 0
    kernel.start(Command.IDENTIFY)
    assert kernel.counter.read(4) == 1
    device.gpio_write(0, 1)
    assert kernel.counter.read(4) == 0
    assert [kernel.counter.read(offset) for offset in (8, 12, 16, 4092)] == [0] * 4
    kernel.counter.write(8, 5)
    assert kernel.counter.read(8) == 0


def test_the_interrupt_register_toggles(kernel):
    kernel.write(IP_ISR=1)
    assert kernel.read("IP_ISR") == 1
    kernel.write(IP_ISR=1)
    assert kernel.read("IP_ISR") == 0
    kernel.run(Command.IDENTIFY)
    assert kernel.read("IP_ISR") == 0  # not enabled
    kernel.write(IP_IER=3)
    kernel.run(Command.IDENTIFY)
    assert kernel.read("IP_ISR") == 3
    kernel.write(IP_ISR=2)
    assert kernel.read("IP_ISR") == 1


def test_automatic_restart(device, kernel):
    kernel.write(GIER=1, IP_IER=1, CTRL=0x81)
    ends = 0
    for _ in range(50):
        device.clock.sleep(1e-6)
        ends += bool(kernel.read("CTRL") & DONE)
    assert ends > 10
    kernel.write(CTRL=0)
    device.clock.sleep(1)
    kernel.read("CTRL")
    assert kernel.read("CTRL") == IDLE


def test_real_time(new_device, tiny_files):
    device = new_device(realtime=True)
    kernel = ByHand(device, tiny_files)
    begin = device.clock.now()
    assert kernel.run(Command.IDENTIFY) == 0
    assert device.clock.now() - begin >= device.kernel_seconds > 0
