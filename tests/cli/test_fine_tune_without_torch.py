"""``pynq-lstm fine-tune`` where PyTorch is missing."""

import sys

from pynq_lstm.cli.main import main


def test_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["fine-tune", "network", "--data", "x.npz", "-o", "m"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "training needs PyTorch; pip install 'pynq-lstm[compress]'" in err
