"""``pynq-lstm doctor``: one line for each thing, a remedy where one is needed, 1 if one is."""

import json

import pytest

from pynq_lstm.cli import doctor
from pynq_lstm.cli.main import main
from pynq_lstm.runtime.doctor import Finding, Place

PC = Place(None, False)
WELL = Finding("board", "ok", "ZCU104")
LESS = Finding("C++ compiler", "not here", "none", "for the emulator: apt-get install g++")
ILL = Finding("pynq", "missing", "not installed", "pip install 'pynq-lstm[pynq]'")


@pytest.fixture
def examined(monkeypatch):
    """What the examination will find."""

    def found(*findings):
        monkeypatch.setattr(doctor, "examine", lambda place: list(findings))

    return found


def test_all_well(examined, capsys):
    examined(WELL, LESS)
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ok", "board", "ZCU104"]
    assert lines[1].startswith("not here") and lines[2].strip() == f"-> {LESS.remedy}"
    assert lines[3].startswith("all is well")


@pytest.mark.parametrize("verdict", ["missing", "wrong"])
def test_something_to_mend(examined, capsys, verdict):
    examined(WELL, Finding("pynq", verdict, "5.0", "another"), ILL)
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "-> another" in text and "-> pip install" in text and "2 to mend" in text


def test_json(examined, capsys):
    examined(WELL, ILL)
    assert main(["doctor", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["well"] is False
    assert answer["findings"][1] == {
        "name": "pynq",
        "verdict": "missing",
        "found": "not installed",
        "remedy": "pip install 'pynq-lstm[pynq]'",
    }


def test_this_machine(monkeypatch, capsys):
    """The real examination on a PC without a board: it ends, and what it says is consistent."""
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    monkeypatch.setattr(doctor.Place, "here", lambda: PC)
    code = main(["doctor", "--json"])
    answer = json.loads(capsys.readouterr().out)
    verdicts = {finding["name"]: finding["verdict"] for finding in answer["findings"]}
    assert answer["backend"] == "cpu"
    assert verdicts["self-test"] == verdicts["Python"] == verdicts["C kernels"] == "ok"
    assert verdicts["board"] == verdicts["lock"] == verdicts["permissions"] == "not here"
    assert code == (0 if answer["well"] else 1)
    for finding in answer["findings"]:
        assert finding["remedy"] or finding["verdict"] in ("ok", "not here"), finding
