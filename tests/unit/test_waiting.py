"""Waiting for ap_done on a clock that does as the test says."""

import pytest

from pynq_lstm.runtime.fpga import waiting
from pynq_lstm.runtime.fpga.waiting import FACTOR, LEAST, LONGEST, SHORTEST, deadline, wait_done


class Clock:
    """Time passes by sleeping; a sleep may take longer than it was asked to."""

    def __init__(self, late=0.0):
        self.time, self.late, self.sleeps = 100.0, late, []

    def now(self):
        return self.time

    def sleep(self, seconds):
        assert seconds > 0
        self.sleeps.append(seconds)
        self.time += seconds + self.late


class Kernel:
    """Done at a moment of the clock."""

    def __init__(self, clock, end):
        self.clock, self.end, self.looks = clock, end, 0

    def done(self):
        self.looks += 1
        return self.clock.time >= self.end


def wait(seconds, end, late=0.0):
    """Whether a kernel that ends after `end` seconds is seen within `seconds`; and the two."""
    clock = Clock(late)
    kernel = Kernel(clock, clock.time + end)
    return wait_done(kernel, clock, clock.time + seconds), clock, kernel


def test_a_kernel_that_is_done_is_not_slept_for():
    found, clock, kernel = wait(1.0, end=0.0)
    assert found is True and not clock.sleeps and kernel.looks == 1


def test_false_at_the_deadline_and_not_later():
    found, clock, kernel = wait(0.05, end=1e9)
    assert found is False
    assert clock.time - 100.0 == pytest.approx(0.05)
    assert kernel.looks == len(clock.sleeps) + 2  # one last look


def test_one_last_look_when_the_clock_jumps_past_the_deadline():
    """This process was stopped: the kernel ended meanwhile."""
    found, clock, kernel = wait(0.05, end=0.06, late=10.0)
    assert found is True and len(clock.sleeps) == 1 and kernel.looks == 2


def test_the_end_between_two_looks_at_the_deadline_counts():
    class Ending(Kernel):
        def done(self):
            self.looks += 1
            return self.looks == 2

    clock = Clock()
    kernel = Ending(clock, 0)
    assert wait_done(kernel, clock, clock.time) is True  # the deadline is over at the first look
    assert not clock.sleeps


def test_a_deadline_that_is_over_still_has_its_looks():
    found, clock, kernel = wait(-1.0, end=1e9)
    assert found is False and not clock.sleeps and kernel.looks == 2


def test_sleeps_grow_and_the_end_is_seen_soon():
    end = 0.2
    found, clock, _ = wait(10.0, end)
    waited = clock.time - 100.0
    assert found is True
    assert end <= waited <= end + LONGEST
    assert clock.sleeps == sorted(clock.sleeps)
    assert clock.sleeps[0] == SHORTEST and clock.sleeps[-1] == LONGEST
    assert len(set(clock.sleeps)) > 10  # by and by
    assert len(clock.sleeps) < end / LONGEST + 100


def test_a_short_run_is_seen_soon():
    for end in (1e-4, 1e-3, 1e-2):
        found, clock, _ = wait(10.0, end)
        assert found is True
        assert clock.time - 100.0 - end <= max(SHORTEST, end / 16) * (1 + 1e-6)


def test_deadlines():
    assert deadline(0.0) == LEAST
    assert deadline(LEAST) == FACTOR * LEAST
    assert deadline(LEAST / FACTOR / 2) == LEAST


def test_the_clock_of_a_device_is_its_own():
    class Modelled:
        clock = Clock()

    assert waiting.clock_of(Modelled) is Modelled.clock
    assert waiting.clock_of(object()) is waiting.HostClock
