"""The same checks on a board: ``pytest tests/board --board`` as root; docs/board.md, "Tests".

With PYNQ_LSTM_EMULATE=1 they run on the emulator, which checks the tests themselves.
"""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("accelerator", "driver")]


@pytest.fixture(scope="session")
def place():
    """The board, or the emulator."""
    from pynq_lstm.runtime.doctor import Place

    here = Place.here()
    if not here.uses_pynq:
        pytest.exit("tests/board needs a board, or PYNQ_LSTM_EMULATE=1", returncode=2)
    return here


@pytest.fixture(scope="session")
def files(place):
    """Files of the overlay for 8-bit activations."""
    from pynq_lstm.runtime.fpga import files

    if not place.emulate:
        return files.find("svd_lstm", None)
    from pynq_lstm.runtime.emulator.overlay_files import overlay_files

    return overlay_files(files.designs()["svd_lstm"])


@pytest.fixture
def board(files):
    """The board, with the overlay loaded and self-tested."""
    from pynq_lstm.runtime.fpga.boards import close_board, open_board

    opened = open_board(files)
    yield opened
    close_board(opened)


@pytest.fixture
def load(place):
    """Opens a model on the board, or on the back end that is named."""
    from pynq_lstm.runtime.sessions import load

    opened = []

    def open_session(model, backend=place.backend):
        opened.append(load(model, backend=backend))
        return opened[-1]

    yield open_session
    for session in opened:
        session.close()


def pytest_collection_modifyitems(config, items):
    """What only a board itself has is left out on the emulator."""
    from pynq_lstm.runtime.doctor import Place

    if not Place.here().emulate:
        return
    left_out = [item for item in items if item.get_closest_marker("hardware")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
