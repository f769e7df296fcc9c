"""The user's folder of overlays is one of the test's own."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The folder where a user's overlays are."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PYNQ_LSTM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PYNQ_LSTM_OVERLAYS", raising=False)
    return tmp_path / "data" / "pynq_lstm" / "overlays"


@pytest.fixture
def put(tmp_path):
    """Writes an archive and gives its address."""

    def write(content, name="overlay.zip"):
        path = tmp_path / name
        path.write_bytes(content)
        return path.as_uri()

    return write


@pytest.fixture
def unchanged(home):
    """After the test nothing lies in the folder, temporary files included."""
    yield
    assert not home.exists() or list(home.iterdir()) == []
