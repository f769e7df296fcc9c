"""``pynq-lstm completion``: what bash makes of the script, key by key and by its function."""

import json
import subprocess

import pytest
from typed_keys import typed_and_called

from pynq_lstm.cli.completion import commands_of
from pynq_lstm.cli.main import COMMANDS, main, parser
from pynq_lstm.exploration.families import ENGINES


@pytest.fixture
def script(tmp_path, capsys):
    assert main(["completion", "bash"]) == 0
    path = tmp_path / "completion.bash"
    path.write_text(capsys.readouterr().out)
    return path


def completed(script, line):
    """Words that bash offers for the last word of a line, by its own programmable completion."""
    words = line.split(" ")
    called = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pynq_lstm;'
    called += ' printf "%s\\n" "${COMPREPLY[@]}"'
    command = ["bash", "--norc", "-c", called, script, *words]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    return ran.stdout.split()


@pytest.mark.parametrize(
    "line, words",
    [
        ("pynq-lstm est", ["estimate"]),
        ("pynq-lstm e", ["explore", "estimate", "emulate"]),
        ("pynq-lstm acc", []),  # an alias
        ("pynq-lstm infer --ref", ["--refinements"]),
        ("pynq-lstm compress --method bl", ["block_diagonal"]),
        ("pynq-lstm compress --solver ", ["greedy", "bcd"]),
        ("pynq-lstm completion z", ["zsh"]),
        ("pynq-lstm info --j", ["--json"]),
        ("pynq-lstm -", ["--help", "--version"]),
        ("pynq-lstm --v", ["--version"]),
        ("pynq-lstm accelerator --dev", ["--device"]),  # an alias
        ("pynq-lstm completion --json f", ["fish"]),
        ("pynq-lstm completion bash f", []),
        ("pynq-lstm compress --form per_gate st", ["stacked"]),
        ("pynq-lstm compress n --form stacked per", ["per_gate"]),
        ("pynq-lstm compress --method svd bl", []),  # one value, then files
        ("pynq-lstm explore --engines ", list(ENGINES)),
        ("pynq-lstm info mod", []),  # bash completes files itself
        ("pynq-lstm nothing --j", []),
    ],
)
def test_words_that_are_offered(script, line, words):
    assert completed(script, line) == words


def test_every_command_and_option_is_offered(script):
    known = commands_of(parser())
    assert completed(script, "pynq-lstm ") == list(known) and len(known) == len(COMMANDS)
    for name, command in known.items():
        assert "--help" in command.options and "--json" in command.options
        assert completed(script, f"pynq-lstm {name} --") == list(command.options)


def test_tab_in_an_interactive_bash(script, tmp_path):
    command = ["bash", "--norc", "--noprofile", "-i"]
    typed_and_called(command, tmp_path / "here", script)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_every_command(capsys, shell):
    assert main(["completion", shell, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["shell"] == shell
    for name, command in commands_of(parser()).items():
        assert name in told["script"]
        for option in command.options:
            assert (f"-l {option[2:]} " if shell == "fish" else option) in told["script"]


def test_an_unknown_shell(capsys):
    with pytest.raises(SystemExit) as left:
        main(["completion", "tcsh"])
    assert left.value.code == 2 and "invalid choice: 'tcsh'" in capsys.readouterr().err
