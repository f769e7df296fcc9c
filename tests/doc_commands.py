"""Whether a command that the documents show is one: none is carried out here."""

import configparser
import importlib.util
import re
import shlex
import subprocess
from functools import lru_cache

from doc_pages import ROOT

from pynq_lstm.cli.main import COMMANDS, parser

# what is only of the machine that it is typed on, so that nothing here can tell whether it is right
OF_THE_MACHINE = {"cd", "export", "git", "jupyter", "scp", "source", "sudo"}
PLACEHOLDERS = {"your_script.py"}


def check(line):
    """Refuse a command that would not be taken; AssertionError says which."""
    first, *rest = shlex.split(line)
    if first in OF_THE_MACHINE:
        return
    assert first in _CHECKS, line
    _CHECKS[first](rest, line)


def quoted(text):
    """Commands that are quoted within the text, as far as they go."""
    return re.findall(r"`((?:make|pynq-lstm) [^`|]+)`", text)


def check_begin(line, page):
    """The target, or the command of pynq-lstm and its options, of a quoted part of a command."""
    first, *rest = line.split()
    if first == "make":  # of another folder, or shortened with dots: nothing can be told
        known = rest[0].startswith(("-", "...")) or rest[0] in targets(str(ROOT))
        assert known, (page, line)
        return
    names = {module.__name__.rpartition(".")[2].replace("_", "-") for module in COMMANDS}
    assert rest[0] in names or rest[0].startswith(("-", "COMMAND")), (page, line)
    if rest[0] in names:
        with_help = _help(rest[0])
        for option in re.findall(r"(?<!\S)--[\w-]+", line):
            assert option in with_help, (page, line)


@lru_cache
def _help(command):
    actions = next(a for a in parser()._actions if a.dest == "command")
    return actions.choices[command].format_help()


def _pynq_lstm(words, line):
    words = words[: words.index(">")] if ">" in words else words  # the rest is the shell's
    try:
        parser().parse_args(words)
    except SystemExit as leaving:
        assert not leaving.code, line


def _make(words, line):
    folder = str(ROOT)
    if words and words[0] == "-C":
        folder, words = str(ROOT / words[1]), words[2:]
    for word in words:
        assert "=" in word or word in targets(folder), line


def targets(folder):
    """Names of the targets of a Makefile, those that variables make included."""
    return set(re.findall(r"^([\w./-]+):", _rules(folder), re.M)) - {"none"}


def prerequisites(target):
    """Of a target of the Makefile."""
    return set(re.search(rf"^{target}:(.*)$", _rules(str(ROOT)), re.M)[1].split())


@lru_cache
def _rules(folder):
    """All rules of a Makefile, its variables expanded."""
    command = ["make", "-C", folder, "-pRrq", "--no-print-directory", "none"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stdout


def _pip(words, line):
    options = configparser.ConfigParser()
    options.read(ROOT / "setup.cfg", encoding="utf-8")
    for extras in re.findall(r"(?:\.|pynq-lstm)\[([\w,-]+)\]", " ".join(words)):
        for extra in extras.split(","):
            assert extra in options["options.extras_require"], line


def _python(words, line):
    if words[0] == "-m":
        assert _module(words[1]), line
    elif words[0] == "-c":
        compile(words[1], line, "exec")
    else:
        assert words[0] in PLACEHOLDERS or (ROOT / words[0]).exists(), line


def _module(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError as error:
        return not name.startswith(str(error.name))


def _pytest(words, line):
    for word in words:
        assert not word.startswith("tests") or (ROOT / word).exists(), line


_CHECKS = {
    "pynq-lstm": _pynq_lstm,
    "make": _make,
    "pip": _pip,
    "python": _python,
    "python3": _python,
    "pytest": _pytest,
    "tclsh": _python,  # a file that is there
}
