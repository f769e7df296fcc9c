"""The code of the documents: the blocks of a page, in order, and what each of them needs.

A fenced block states its language: python, sh or text. An HTML comment on the line before, which
readers of the page do not see, says more::

    <!-- with torch -->                 it runs where these packages are
    <!-- not run: there is no board --> it does not run, and why
    <!-- run -->                        of sh: its pynq-lstm commands are carried out, too

An indented block is a formula or a drawing, or commands of the shell.
"""

import ast
import asyncio
import inspect
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OTHERS = ("CONTRIBUTING.md", "overlays/README.md", "tools/*/README.md")  # beside docs/
PAGES = {path.name: path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
PAGES.update(
    {path.relative_to(ROOT).as_posix(): path for one in OTHERS for path in sorted(ROOT.glob(one))}
)
LANGUAGES = {"python", "sh", "text", "{toctree}", "{eval-rst}"}
TOOLS = {"pynq-lstm", "make", "pip", "python", "python3", "pytest", "tclsh"}
COMMANDS = TOOLS | {"export", "sudo", "source", "git", "cd"}

_FENCED = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*?) -->\n)?^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.S | re.M
)
_INDENTED = re.compile(r"(?:\A|\n\n)((?:    [^\n]*\n|\n(?=    ))+)")


@dataclass(frozen=True)
class Block:
    """One block of a page: `note` is the comment before it, `line` its first line in the file."""

    page: str
    line: int
    language: str
    text: str
    note: str = ""

    @property
    def needs(self):
        """Packages that it says it runs with."""
        return self.note[5:].split(", ") if self.note.startswith("with ") else []

    @property
    def reason(self):
        """Why it does not run; empty where it does."""
        return self.note.removeprefix("not run: ") if self.note.startswith("not run: ") else ""


def blocks(name, text=None):
    """The blocks of a page, in order; indented ones are "sh" where they begin with a command."""
    text = PAGES[name].read_text(encoding="utf-8") if text is None else text
    found = [
        Block(name, _line(text, m.start("text")), m["language"], m["text"], m["note"] or "")
        for m in _FENCED.finditer(text)
    ]
    # fenced blocks become empty lines, so that what is indented in them is not taken twice
    rest = _FENCED.sub(lambda m: "\n" * m[0].count("\n"), text)
    for m in _INDENTED.finditer(rest):
        content = inspect.cleandoc(m[1]) + "\n"
        found.append(Block(name, _line(rest, m.start(1)), _language(content), content))
    return sorted(found, key=lambda block: block.line)


def _line(text, place):
    return text.count("\n", 0, place) + 1


def _language(content):
    if re.match(r"(from \w[\w.]* )?import \w|\w+ = \w+\.\w+\(", content):
        return ""  # Python that forgot its fence
    words = content.split(maxsplit=1)[0], *re.findall(r"^\w+=\S+ (\S+)", content)
    return "sh" if COMMANDS & set(words) else "text"


def execute(block, scope):
    """Run a Python block in `scope`; ``await`` may stand at its top, as in a notebook."""
    source = "\n" * (block.line - 1) + block.text  # so that a traceback has the page's lines
    code = compile(source, block.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, scope))
    else:
        exec(code, scope)


def commands(block):
    """The commands of a shell block: continued lines joined, comments and settings left out."""
    joined = re.sub(r"\\\n\s*", "", block.text)
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in joined.splitlines())
    settings = re.compile(r"""^(?:[A-Z_]+=(?:"[^"]*"|\S+)(?: +|$))+""")
    return [left for line in lines if (left := settings.sub("", line).removesuffix(" &"))]
