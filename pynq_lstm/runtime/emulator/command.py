"""A command of the kernel, carried out by the compiled HLS sources at once and seen at its end."""

import math
import time
import zlib
from dataclasses import dataclass, replace

import numpy as np

from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.accelerator.native import Command, NativeKernel, Registers
from pynq_lstm.runtime.emulator.faults import LATE, Fault

_READING = (Command.LOAD, Command.RUN, Command.ECHO, Command.STATE_WRITE)
_WRITING = (Command.RUN, Command.ECHO, Command.STATE_READ)
_WATCHED = (Command.RUN, Command.LOAD)  # a board reads their input while they run


@dataclass(frozen=True)
class Execution:
    """A command in progress.

    Attributes
    ----------
    begin, end : float
        Moments in seconds; an end of infinity never comes.
    results : Registers or None
        None where the kernel waits for memory that does not answer.
    out_address : int
    output : ndarray, (bytes,), uint8
        What is written there at the end, the first ``16 * results.written`` of it.
    host_seconds : float
        What it took here.
    source : (int, int, int) or None
        Address, bytes and CRC of an input that must stay as it is until the end.
    """

    begin: float
    end: float
    results: Registers = None
    out_address: int = 0
    output: np.ndarray = None
    host_seconds: float = 0.0
    source: tuple = None


class CommandUnit:
    """The kernel without its register port.

    Parameters
    ----------
    library : path
        What `pynq_lstm.accelerator.native.build` returns.
    clock_mhz : float
    board : EmulatedDevice
        Its memory, clock, faults and model of times.
    """

    def __init__(self, library, clock_mhz, board):
        self._library, self._hertz, self._board = library, clock_mhz * 1e6, board
        self._native = None

    def start(self, arguments, in_address, out_address):
        """Carry out a command.

        Parameters
        ----------
        arguments : sequence of int
            command, sequences, refinements, state, in_beats, out_beats.
        in_address, out_address : int

        Returns
        -------
        Execution
        """
        board, started = self._board, time.perf_counter()
        command, begin = arguments[0], board.clock.now()
        given = self._area(in_address, arguments[4] if command in _READING else 0)
        room = self._area(out_address, arguments[5] if command in _WRITING else 0)
        if given is None or room is None:
            board.bus_faults += 1
            return Execution(begin, math.inf)
        source = None
        if command in _WATCHED and len(given):
            source = in_address, len(given), zlib.crc32(given)
        if command == Command.LOAD and len(given) and board.faults.take(Fault.CORRUPTED_IMAGE):
            given = given.copy()
            given[len(given) // 2] ^= 0x10
        if self._native is None:
            self._native = NativeKernel(self._library)
        output = np.empty(len(room), np.uint8)  # memory gets it at the end
        if command == Command.RUN and board.faults.take(Fault.REFUSED):
            arguments = (*arguments[:4], 0, arguments[5])  # the kernel misses its input
        results = self._native.start_at(arguments, given.ctypes.data, output.ctypes.data)
        results = self._falsified(command, results)
        took = time.perf_counter() - started
        seconds = board.timing.cycles(arguments, given, results) / self._hertz
        if board.faults.take(Fault.LATE_AP_DONE):
            seconds *= LATE
        if board.faults.take(Fault.NO_AP_DONE):
            seconds = math.inf
        return Execution(begin, begin + seconds, results, out_address, output, took, source)

    def finish(self, execution):
        """Let memory and the board's figures show what a command did."""
        board, size = self._board, execution.results.written * BEAT
        if size:
            seen = board.memory.view(execution.out_address, size)
            if seen is None:  # freed in the meantime
                board.bus_faults += 1
            else:
                seen[:] = execution.output[:size]
        if execution.source is not None:
            self._check_source(*execution.source)
        board.kernel_seconds = execution.end - execution.begin
        board.host_seconds = execution.host_seconds

    def reset(self):
        """Forget image and state."""
        native, self._native = self._native, None
        if native is not None:
            native.close()

    def _area(self, address, beats):
        if not beats:
            return np.empty(0, np.uint8)
        return None if address % BEAT else self._board.memory.view(address, beats * BEAT)

    def _check_source(self, address, size, crc):
        given = self._board.memory.view(address, size)
        if given is None:  # freed while it was read
            self._board.bus_faults += 1
        else:
            self._board.inputs_changed += zlib.crc32(given) != crc

    def _falsified(self, command, results):
        if command == Command.RUN and self._board.faults.take(Fault.NO_OUTPUT):
            results = replace(results, written=0)
        if command == Command.IDENTIFY:
            if self._board.faults.take(Fault.WRONG_IDENTITY):
                results = replace(results, magic=results.magic ^ 1)
            if self._board.faults.take(Fault.WRONG_HASH):
                results = replace(results, hash_low=results.hash_low ^ 1)
        return results
