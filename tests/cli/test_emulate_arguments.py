"""What ``pynq-lstm emulate`` refuses before anything is emulated; its runs: tests/driver."""

import pytest

from pynq_lstm.cli import emulate
from pynq_lstm.cli.main import main, parser
from pynq_lstm.runtime.emulator import serve

OF_BOTH = {"command", "json", "run", "show", "exit_code", "serve", "model", "x"}


def test_every_option_is_of_a_run_or_of_serving():
    """So that none is passed over in silence on the other side."""
    options = set(vars(parser().parse_args(["emulate"]))) - OF_BOTH
    assert options == {*emulate._OF_A_RUN, *serve.OPTIONS}


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
        (
            ["m", "x", "--design", "d"],
            "design = ['d']: without --serve; leave it out, or name the ",
        ),
        (["m", "x", "--port", "7967"], "port = 7967: without --serve; leave it out, or pass --ser"),
        (["m", "x", "--host", "127.0.0.1"], "host = '127.0.0.1': without --serve"),
        (["m", "x", "--seconds", "0"], "seconds = 0.0: without --serve"),
        (["--seconds", "3600"], "seconds = 3600.0: without --serve"),
        (
            ["--serve", "--overlay", "o"],
            "overlay = 'o': beside --serve; leave out one of them; --d",
        ),
        (["--serve", "--check"], "check = True: beside --serve; leave out one of them"),
        (["--serve", "-o", "y.npz"], "output = 'y.npz': beside --serve"),
        (["--serve", "--logits"], "logits = True: beside --serve"),
        (["--serve", "--lengths", "3", "2"], "lengths = [3, 2]: beside --serve"),
        (["--serve", "--refinements", "0"], "refinements = 0: beside --serve"),
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
