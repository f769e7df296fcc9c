"""``pynq-lstm completion zsh``: what Tab makes of a line in an interactive zsh."""

from typed_keys import typed_and_called

from pynq_lstm.cli.main import main


def test_tab_in_an_interactive_zsh(tmp_path, capsys):
    """As in ~/.zshrc, after compinit; -f reads no file of the user's."""
    first, script = tmp_path / "first.zsh", tmp_path / "completion.zsh"
    dump = tmp_path / "zcompdump"
    first.write_text(f"autoload -Uz compinit && compinit -u -d {dump}\n")
    assert main(["completion", "zsh"]) == 0
    script.write_text(capsys.readouterr().out)
    typed_and_called(["zsh", "-f", "-i"], tmp_path / "here", first, script)
