"""What ``pynq-lstm emulate`` refuses before anything is emulated; its runs: tests/driver."""

import pytest

from pynq_lstm.cli.main import main


@pytest.mark.parametrize(
    "arguments, text",
    [
        ([], "model = None: nothing to run; name a model and an input, or pass --serve"),
        (["model"], "x = None: nothing to run"),
        (["model", "--serve"], "model = 'model': beside --serve; leave out one of them"),
        (["none", "x.npy"], "path = 'none'"),
        (["--serve", "--seconds", "0"], "seconds = 0.0: not a positive number"),
        (["--serve", "--seconds", "nan"], "seconds = nan: not a positive number"),
        (["--serve", "--seconds", "inf"], "seconds = inf: not a positive number"),
        (["--serve", "--design", "none"], "design = 'none': cannot be read"),
    ],
)
def test_refused(capsys, arguments, text):
    assert main(["emulate", *arguments]) == 2
    assert text in capsys.readouterr().err


def test_only_this_machine_is_served(capsys):
    with pytest.raises(SystemExit) as left:
        main(["emulate", "--serve", "--host", "0.0.0.0"])
    assert left.value.code == 2
    assert "not an address of this machine alone" in capsys.readouterr().err


def test_without_pynq_it_says_what_to_install(monkeypatch, capsys):
    import sys

    for name in list(sys.modules):
        if name.partition(".")[0] == "pynq" or name.endswith("emulator.device"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pynq", None)
    assert main(["emulate", "--serve", "--seconds", "1"]) == 2
    assert "the emulator needs pynq; pip install 'pynq-lstm[pynq]'" in capsys.readouterr().err
