"""Registers of the kernel by name; an argument is written only when it changes."""

CTRL, START, DONE, IDLE = "CTRL", 0x1, 0x2, 0x4
_WORD = 0xFFFF_FFFF


class BoundRegisters:
    """The kernel's registers, with a memory of what was written.

    Parameters
    ----------
    access : object
        One of the ways of `pynq_lstm.runtime.fpga.access`.
    offsets : dict of str to int
        Byte offsets by name, from the .hwh.
    """

    def __init__(self, access, offsets):
        self._access, self._offsets = access, offsets
        self._written = {}

    @property
    def way(self):
        """Name of the way that accesses take: "mmio", "memoryview" or "c"."""
        return self._access.name

    def read(self, name):
        """A register's value, int."""
        return self._access.read(self._offsets[name])

    def write(self, name, value):
        """Write a register whatever it holds."""
        self._written.pop(name, None)  # unknown, should the access fail
        self._access.write(self._offsets[name], value)
        self._written[name] = value

    def bind(self, name, value):
        """Write an argument unless it has this value already."""
        if self._written.get(name) != value:
            self.write(name, value)

    def bind_address(self, name, address):
        """Write a 64-bit address; as a rule its lower word only."""
        self.bind(f"{name}_1", address & _WORD)
        self.bind(f"{name}_2", address >> 32)

    def start(self):
        """Set ap_start."""
        self._access.write(self._offsets[CTRL], START)

    def start_and_spin(self, seconds, clock):
        """Set ap_start, then read until ap_done or for so long; returns whether it is done."""
        offset = self._offsets[CTRL]
        return bool(self._access.start_and_spin(offset, START, DONE, seconds, clock) & DONE)

    def done(self):
        """Whether ap_done is set; reading clears it."""
        return bool(self._access.read(self._offsets[CTRL]) & DONE)

    def idle(self):
        """Whether the kernel rests; this clears ap_done."""
        return bool(self._access.read(self._offsets[CTRL]) & IDLE)

    def forget(self):
        """After a reset: nothing is known of what registers hold."""
        self._written.clear()

    def dump(self):
        """Every register that can be read, for an error; what cannot be is left out.

        Returns
        -------
        dict of str to int
        """
        found = {}
        for name in self._offsets:
            try:
                found[name] = self.read(name)
            except Exception:  # a bus that fails must not hide the first error
                break
        return found
