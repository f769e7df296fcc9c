"""``pynq-lstm completion fish``: what fish itself offers for a line."""

import os
import subprocess

import pytest

from pynq_lstm.cli.completion import commands_of
from pynq_lstm.cli.main import main, parser


@pytest.fixture
def offered(tmp_path, capsys):
    """A function of a line: the words that fish offers for its last one."""
    assert main(["completion", "fish"]) == 0
    script = tmp_path / "completion.fish"
    script.write_text(capsys.readouterr().out)

    def words(line):
        called = ["fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"']
        home = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        ran = subprocess.run(
            [*called, script, line],
            capture_output=True,
            text=True,
            timeout=60,
            env=home,
            cwd=tmp_path,
        )
        assert ran.returncode == 0 and ran.stderr == ""
        return [one.split("\t")[0] for one in ran.stdout.splitlines()]

    return words


@pytest.mark.parametrize(
    "line, words",
    [
        ("pynq-lstm est", ["estimate"]),
        ("pynq-lstm e", ["emulate", "estimate", "explore"]),
        ("pynq-lstm --v", ["--version"]),
        ("pynq-lstm infer --ref", ["--refinements"]),
        ("pynq-lstm compress --solver ", ["bcd", "greedy"]),
        ("pynq-lstm compress --method bl", ["block_diagonal"]),
        ("pynq-lstm accelerator --dev", ["--device"]),  # an alias
        ("pynq-lstm completion z", ["zsh"]),
    ],
)
def test_words_that_fish_offers(offered, line, words):
    assert offered(line) == words


def test_fish_offers_every_command_and_option(offered):
    known = commands_of(parser())
    assert set(offered("pynq-lstm ")) >= set(known)
    for name, command in known.items():
        assert set(offered(f"pynq-lstm {name} --")) == set(command.options)


def test_fish_completes_files(offered, tmp_path):
    (tmp_path / "network.safetensors").touch()
    assert offered("pynq-lstm infer netw") == ["network.safetensors"]
