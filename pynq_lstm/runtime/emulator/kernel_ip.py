"""The kernel's register port: ap_ctrl_hs, as Vitis HLS makes it, in front of a `CommandUnit`."""

import math
from dataclasses import asdict

from pynq_lstm.accelerator.registers import DONE, IDLE, READY, RESTART, START
from pynq_lstm.runtime.emulator.bus import BusError

_ARGUMENTS = ("command", "sequences", "refinements", "state", "in_beats", "out_beats")
_ADDRESSES = ("in_1", "in_2", "out_1", "out_2")
_ON_DONE, _ON_READY = 1, 2  # bits of IP_IER and IP_ISR


class KernelIp:
    """Registers of the kernel.

    Parameters
    ----------
    offsets : dict of str to int
        Byte offsets by plain name.
    unit : CommandUnit
    counter : CycleCounter or None
    board : EmulatedDevice
        Its clock and interrupt line.
    """

    def __init__(self, offsets, unit, counter, board):
        self._names = {offset: name for name, offset in offsets.items()}
        self._unit, self._counter, self._board = unit, counter, board
        self._held = False
        self._clear()

    @property
    def interrupt(self):
        """Whether the interrupt is high."""
        return bool(self._global_enable and self._pending)

    @property
    def due(self):
        """The moment at which the command in progress will raise the interrupt; None: never."""
        raises = self._running and self._global_enable and self._enabled
        return self._running.end if raises and self._running.end < math.inf else None

    def hold(self):
        """Reset: everything is forgotten, and nothing answers until `release`."""
        self._held = True
        self._clear()
        self._unit.reset()
        if self._counter:
            self._counter.reset_kernel()
        self._board.interrupt_line.fall()

    def release(self):
        """The reset ends."""
        self._held = False

    def update(self):
        """End the command in progress if its time has passed."""
        running = self._running
        if running is None or self._board.clock.now() < running.end:
            return
        self._running = None
        self._unit.finish(running)
        self._outputs = asdict(running.results)
        self._valid = set(self._outputs)
        self._done = self._ready = True
        self._pending |= self._enabled
        self._drive(running.end)
        if self._restart:
            self._start()

    def read(self, offset):
        """The word at a byte offset; reading CTRL clears done and ready, X_ctrl clears its bit.

        Raises
        ------
        BusError
            The reset is held.
        """
        self._check_alive()
        self.update()
        name = self._names.get(offset, "")
        control = {"GIER": self._global_enable, "IP_IER": self._enabled, "IP_ISR": self._pending}
        if name == "CTRL":
            return self._read_control()
        if name in control:
            return control[name]
        if name.endswith("_ctrl"):
            valid = name[:-5] in self._valid
            self._valid.discard(name[:-5])
            return int(valid)
        return self._inputs.get(name, self._outputs.get(name, 0))

    def write(self, offset, value):
        """Write a word; see `read`."""
        self._check_alive()
        self.update()
        name = self._names.get(offset, "")
        if name == "CTRL":
            self._restart = bool(value & RESTART)
            if value & START:
                self._start()
        elif name == "GIER":
            self._global_enable = value & 1
        elif name == "IP_IER":
            self._enabled = value & (_ON_DONE | _ON_READY)
        elif name == "IP_ISR":
            self._pending ^= value & (_ON_DONE | _ON_READY)  # toggle on write
        elif name in self._inputs:
            self._inputs[name] = value
            self._board.writes_while_running += self._running is not None
        self._drive(self._board.clock.now())

    def _clear(self):
        self._running = None
        self._done = self._ready = self._restart = False
        self._global_enable = self._enabled = self._pending = 0
        self._high = False
        self._inputs = dict.fromkeys((*_ARGUMENTS, *_ADDRESSES), 0)
        self._outputs, self._valid = {}, set()  # they hold nothing before a first start

    def _check_alive(self):
        if self._held:
            raise BusError("kernel", "in reset", "bus error: its registers do not answer")

    def _read_control(self):
        idle = self._running is None
        value = START * (not idle) | DONE * self._done | IDLE * idle | READY * self._ready
        self._done = self._ready = False
        return value | RESTART * self._restart

    def _start(self):
        if self._counter:
            self._counter.start(self._board.clock.now())
        if self._running is None:
            words = self._inputs
            self._running = self._unit.start(
                tuple(words[name] for name in _ARGUMENTS),
                words["in_1"] | words["in_2"] << 32,
                words["out_1"] | words["out_2"] << 32,
            )

    def _drive(self, moment):
        """Let the interrupt follow what was just changed."""
        if self.interrupt and not self._high:
            if self._counter:
                self._counter.end(moment)
            self._high = True
        elif self._high and not self.interrupt:
            self._high = False
            self._board.interrupt_line.fall()
        self._board.interrupt_line.look()
