"""A store of an exploration: no other file is taken for one, and one search has it."""

import json

import pytest

from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration import store
from pynq_lstm.exploration.store import Store


@pytest.mark.parametrize("content", [b'{"format": "mine", "precious": 1}', b"{", b"[" * 200_000])
def test_another_file_is_no_store(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content if content != b"[" * 200_000 else content + b"\n")
    before = path.read_bytes()
    if content == b"{":  # may be the beginning of our own first line
        Store(path, "x").close()
        assert json.loads(path.read_bytes())["format"] == store.FORMAT
        return
    with pytest.raises(CompressionError, match="no store of an exploration|damaged in line 1"):
        Store(path, "x")
    assert path.read_bytes() == before


def test_two_searches_do_not_share_a_store(tmp_path):
    with Store(tmp_path / "store", "x") as first:
        first.put("a", 1)
        with pytest.raises(CompressionError, match="used by another exploration"):
            Store(tmp_path / "store", "x")
    with Store(tmp_path / "store", "x") as again:
        assert again.get("a") == 1
