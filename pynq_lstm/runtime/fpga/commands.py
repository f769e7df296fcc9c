"""Commands of the kernel: their arguments, their end, what they refused."""

from pynq_lstm.accelerator.native import Command
from pynq_lstm.errors import DeviceError, DeviceTimeout
from pynq_lstm.runtime.fpga.waiting import SPIN, deadline, wait_done

DONE = 0  # register `status`
STATUS = (
    *("DONE", "BAD_COMMAND", "NOT_LOADED", "BAD_HEADER", "BAD_CRC", "BAD_DIRECTORY"),
    *("BAD_RECORD", "SHORT_INPUT", "SHORT_OUTPUT", "BAD_LENGTH"),
    "OTHER_ENGINE",
)


class Commands:
    """The kernel as one that takes commands.

    Parameters
    ----------
    registers : BoundRegisters
    clock : object
        ``now()`` and ``sleep(seconds)``.

    Attributes
    ----------
    unfinished : bool
        A command was started and its end not seen: something interrupted the wait.
    """

    def __init__(self, registers, clock):
        self.registers, self.clock = registers, clock
        self.unfinished = False

    def run(self, command, seconds, **arguments):
        """Run one command to its end.

        Parameters
        ----------
        command : Command
        seconds : float
            That it should take, modelled; the deadline is 20 times that, 50 ms at least.
        **arguments
            See `bind`.

        Raises
        ------
        DeviceTimeout, DeviceError
        """
        self.bind(command, **arguments)
        until = self.clock.now() + deadline(seconds)
        self.unfinished = True  # stays so if an interrupt from the keyboard ends the wait
        if not self.registers.start_and_spin(SPIN, self.clock):
            self.wait(until)
        self.unfinished = False
        self.check_status()

    def bind(self, command, source=(0, 0), target=(0, 0), sequences=1, refinements=1, state=0):
        """Write the arguments that are not yet what they should be.

        Parameters
        ----------
        command : Command
        source, target : (int, int)
            Address and beats of what is read and written.
        sequences, refinements, state : int
            Registers of RUN.
        """
        registers = self.registers
        registers.bind("command", int(command))
        registers.bind_address("in", source[0])
        registers.bind("in_beats", source[1])
        registers.bind_address("out", target[0])
        registers.bind("out_beats", target[1])
        if command == Command.RUN:
            registers.bind("sequences", sequences)
            registers.bind("refinements", refinements)
            registers.bind("state", state)

    def wait(self, until):
        """Wait for ap_done.

        Parameters
        ----------
        until : float
            On the board's clock.

        Raises
        ------
        DeviceTimeout
        """
        if not wait_done(self.registers, self.clock, until):
            raise DeviceTimeout(
                "kernel",
                "busy",
                "it did not end in time",
                "repeat the call; if that happens again, report the registers of this error",
                self.registers.dump(),
            )

    def check_status(self):
        """Raise what the kernel refused.

        Raises
        ------
        DeviceError
        """
        status = self.registers.read("status")
        if status != DONE:
            name = STATUS[status] if status < len(STATUS) else "unknown"
            raise DeviceError(
                "status",
                status,
                f"the kernel refused: {name}, detail {self.registers.read('detail')}",
                "see docs/accelerator_image.md, section 6",
            )
