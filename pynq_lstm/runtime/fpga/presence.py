"""Whether this machine is a board, found out without pynq."""

from pathlib import Path

_NAME = Path("/proc/device-tree/chosen/pynq_board")


def board_name():
    """Name of the board that PYNQ's image runs on, such as "ZCU104"; None elsewhere."""
    try:
        return _NAME.read_bytes().rstrip(b"\0").decode("ascii", "replace") or None
    except OSError:
        return None
