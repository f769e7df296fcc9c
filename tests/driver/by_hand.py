"""The kernel driven by register writes alone, as a driver's author would at first."""

import numpy as np
import pynq

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.registers import plain_name

START, DONE, IDLE, READY = 1, 2, 4, 8
MEMORY_AND_KEEP = 5
POLLS = 200_000


class ByHand:
    """The kernel of a loaded overlay; attributes are those of pynq's driver for it."""

    def __init__(self, device, files, download=True):
        self.device, self.held = device, ()
        self.overlay = pynq.Overlay(str(files.bit), download=download, device=device)
        description = self.overlay.ip_dict["svd_lstm_0"]
        self.mmio = pynq.MMIO(description["phys_addr"], description["addr_range"], device=device)
        self.offsets = {
            plain_name(name): entry["address_offset"]
            for name, entry in description["registers"].items()
        }
        self.counter = pynq.MMIO(
            self.overlay.ip_dict["cycle_counter_0"]["phys_addr"], 4096, device=device
        )

    def read(self, name):
        return self.mmio.read(self.offsets[name])

    def write(self, **values):
        for name, value in values.items():
            self.mmio.write(self.offsets[name], int(value))

    def point(self, given=None, out=None):
        """Write addresses and beats of buffers, each (beats, 16)."""
        for name, buffer in (("in", given), ("out", out)):
            address = 0 if buffer is None else int(buffer.device_address)
            beats = 0 if buffer is None else len(buffer)
            self.write(
                **{f"{name}_1": address & 0xFFFF_FFFF, f"{name}_2": address >> 32},
                **{f"{name}_beats": beats},
            )

    def start(self, command, **values):
        self.write(command=command, **values)
        self.write(CTRL=START)

    def wait(self):
        for _ in range(POLLS):
            if self.read("CTRL") & DONE:
                return self.read("status")
        raise AssertionError("ap_done was not seen")

    def run(self, command, **values):
        """Start a command and wait for its end; returns the status."""
        self.start(command, **values)
        return self.wait()

    def buffer(self, beats, **options):
        return pynq.allocate((beats, 16), np.uint8, target=self.device, cacheable=1, **options)

    def load(self, image):
        """LOAD; returns the status."""
        given = self.buffer(len(image.beats))
        given[:] = image.beats
        given.flush()
        self.point(given)
        status = self.run(Command.LOAD)
        given.freebuffer()
        return status

    def infer(self, image, x, h, c, lengths, refinements):
        """RUN with states from and to memory; returns an IntegerResult."""
        given, out = self.prepare(image, x, h, c, lengths)
        status = self.run(
            Command.RUN, sequences=len(lengths), refinements=refinements, state=MEMORY_AND_KEEP
        )
        assert status == 0
        out.invalidate()
        result = buffers.run_output(image, np.array(out), lengths, x[0].shape[1])
        given.freebuffer()
        out.freebuffer()
        return result

    def prepare(self, image, x, h, c, lengths):
        """Buffers of a RUN, written, flushed and pointed at."""
        beats = buffers.run_input(image, x, h, c, lengths)
        given, out = self.buffer(len(beats)), self.buffer(buffers.output_beats(image, lengths))
        given[:], out[:] = beats, 0
        given.flush()
        out.flush()
        self.point(given, out)
        self.held = given, out  # else they would be collected
        return given, out
