"""What holds of every command: help with an example, --json, exit codes, errors of one form."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pynq_lstm.building.build import pack
from pynq_lstm.cli import main as command_line
from pynq_lstm.cli.main import COMMANDS, main, name_of, parser
from pynq_lstm.errors import InputError

NAMES = [name_of(module) for module in COMMANDS]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "command_line.md"
WANTED = [
    "demo",
    "compress",
    "fine-tune",
    "infer",
    "explore",
    "estimate",
    "emulate",
    "build",
    "bench",
    "doctor",
    "info",
    "fetch",
    "completion",
]


def helped(name, capsys):
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_these_are_the_commands():
    assert NAMES == WANTED


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example_that_the_parser_takes(name, capsys):
    text = helped(name, capsys)
    assert "--json" in text and re.search("^examples?:$", text, re.M)
    shown = text[re.search("^examples?:$", text, re.M).end() :].replace("\\\n", " ")
    calls = re.findall(rf"^ .*?\bpynq-lstm {name}\b([^#)\n>]*)", shown, re.M)
    assert calls, shown
    for call in calls:
        words = shlex.split(call.replace("$(cut -c1-64 svd_lstm.zip.sha256", "0"))
        if name != "doctor":
            parser().parse_args([name, *words])


def test_the_shell_makes_a_checksum_of_what_build_writes(tmp_path, capsys):
    """The example of fetch, in the folder where build left its archive."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "a").write_text("a")
    digest = pack(tmp_path / "package", tmp_path / "svd_lstm.zip")
    (call,) = re.findall(r"^  pynq-lstm (fetch .*)$", helped("fetch", capsys), re.M)
    shell = ["sh", "-c", f'for word in {call}; do printf "%s\\n" "$word"; done']
    ran = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    assert parser().parse_args(ran.stdout.splitlines()).sha256 == digest


@pytest.mark.parametrize("name", NAMES)
def test_help_fits_a_line_of_the_list(name, capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = " ".join(capsys.readouterr().out.split())
    (module,) = (module for module in COMMANDS if name_of(module) == name)
    assert f"{name} " in out and module.HELP in out
    assert module.HELP[0].islower() and not module.HELP.endswith(".")


def spoken(module, monkeypatch, answer, code=0):
    """The exit code of a command whose run is replaced."""

    def run(options):
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(module, "exit_code", lambda answer: code, raising=False)
    needed = {
        "compress": ["n", "-o", "m"],
        "fine-tune": ["n", "--data", "d", "-o", "m"],
        "infer": ["m", "x"],
        "explore": ["n", "-o", "f"],
        "estimate": ["m"],
        "bench": ["m"],
        "info": ["m"],
        "fetch": ["u", "--sha256", "0"],
        "completion": ["bash"],
    }
    name = name_of(module)
    return main([name, *needed.get(name, []), "--json"])


@pytest.mark.parametrize("module", COMMANDS, ids=NAMES)
def test_exit_codes(module, monkeypatch, capsys):
    for code in (0, 1):
        assert spoken(module, monkeypatch, {"a": 1.5}, code) == code
        out, err = capsys.readouterr()
        assert json.loads(out) == {"a": 1.5} and out.count("\n") == 1 and err == ""
    refused = InputError("field", "a\nvalue", "the\nproblem", "the remedy")
    assert spoken(module, monkeypatch, refused) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "pynq-lstm: error: field = 'a\\nvalue': the problem; the remedy\n"
    for error in (OSError(28, "No space left on device"), MemoryError("a\nb")):
        assert spoken(module, monkeypatch, error) == 2
        out, err = capsys.readouterr()
        assert out == "" and re.fullmatch(r"pynq-lstm: error: (OS|Memory)Error: .*\n", err)
    for error in (ZeroDivisionError("a\nb"), subprocess.TimeoutExpired("g++", 600)):
        monkeypatch.delenv("PYNQ_LSTM_TRACEBACK", raising=False)
        assert spoken(module, monkeypatch, error) == 70
        out, err = capsys.readouterr()
        name, line = (
            type(error).__name__,
            r"[^\n]*; report it with what PYNQ_LSTM_TRACEBACK=1 shows",
        )
        assert out == "" and re.fullmatch(rf"pynq-lstm: error: a fault .*, {name}: {line}\n", err)
    monkeypatch.setenv("PYNQ_LSTM_TRACEBACK", "1")
    assert spoken(module, monkeypatch, ZeroDivisionError("a")) == 70
    err = capsys.readouterr().err
    assert err.startswith("Traceback (most recent call last):\n")
    assert err.splitlines()[-1].startswith("pynq-lstm: error: a fault of this program, ZeroDiv")
    assert spoken(module, monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "pynq-lstm: interrupted\n"


@pytest.mark.parametrize("json", [True, False])
def test_a_fault_in_telling_an_answer_is_one_line_too(json, monkeypatch, capsys):
    """What cannot be told is no answer: nothing of it is on stdout, and it is no exit code 1."""
    (doctor,) = (module for module in COMMANDS if name_of(module) == "doctor")
    monkeypatch.setattr(doctor, "run", lambda options: {"well": {1, 2}})
    monkeypatch.setattr(doctor, "show", lambda answer: answer["findings"])
    assert main(["doctor", *["--json"] * json]) == 70
    out, err = capsys.readouterr()
    error = "TypeError" if json else "KeyError"
    assert out == "" and err.count("\n") == 1 and f"a fault of this program, {error}: " in err


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_option_is_exit_code_2(name, capsys):
    with pytest.raises(SystemExit) as left:
        main([name, "--no-such-option"])
    assert left.value.code == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert re.match(f"pynq-lstm(?: {name})?: error: .*; see pynq-lstm.* --help\n", err)


def test_the_page_has_every_command_and_every_exit_code():
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)[^|]*\|", page, re.M)
    assert rows == NAMES
    said = re.search(r"Returns\n.*?\"\"\"", command_line.main.__doc__ + '"""', re.S)[0]
    for code in ("0", "1", "2", "70", "130", "141"):
        assert f"| {code} |" in page
        assert code == "1" or code in said


def test_the_examples_of_the_page_are_taken():
    page = PAGE.read_text(encoding="utf-8")
    calls = re.findall(r"^ {4}pynq-lstm (.*?)(?: +#.*)?$", page.replace("\\\n", " "), re.M)
    taken = {parser().parse_args(shlex.split(call.partition(" > ")[0])).command for call in calls}
    assert taken == set(NAMES)


def test_it_is_the_same_by_the_module():
    """An answer, an error and their exit codes, in processes of their own."""
    command = [sys.executable, "-m", "pynq_lstm.cli.main"]
    good = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=120)
    assert good.returncode == 0 and re.fullmatch(r"pynq-lstm \d+\.\d+\.\d+\n", good.stdout)
    bad = subprocess.run([*command, "info", "none"], capture_output=True, text=True, timeout=120)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert re.fullmatch(r"pynq-lstm: error: path = 'none': .*; .*\n", bad.stderr)


def test_a_full_disk_below_stdout_is_one_line():
    command = [sys.executable, "-m", "pynq_lstm.cli.main", "completion", "bash"]
    with open("/dev/full", "w") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert ran.returncode == 2
    assert re.fullmatch(r"pynq-lstm: error: stdout: .*No space left on device\n", ran.stderr)
