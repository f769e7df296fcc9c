"""Find the pragmas of a source text and take them apart."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"^[ \t]*#[ \t]*pragma[ \t]+(?i:hls)\b", re.M)
_WORD = re.compile(r"[A-Za-z_][\w.]*(?:\s*=\s*(?:\([^()]*\)|[^\s()]+(?:\([^()]*\))?))?|\S+")


@dataclass(frozen=True)
class Pragma:
    """One ``#pragma HLS`` line, continuation lines joined.

    Parameters
    ----------
    file : str
    line : int
    offset : int
        Of its ``#`` in the text.
    name : str
        In capitals, as PIPELINE.
    words : tuple of str
        Bare words, in lower case.
    options : dict
        Values by key, keys in lower case, values as written.
    form : str
        ``#pragma HLS`` as written.
    before : str
        The line before it, stripped.
    """

    file: str
    line: int
    offset: int
    name: str
    words: tuple
    options: dict
    form: str
    before: str

    @property
    def place(self):
        """File and line."""
        return (self.file, self.line)

    @property
    def variable(self):
        """The variable it names, without members and indices, or None."""
        named = self.options.get("variable") or self.options.get("port")
        return re.split(r"\.|\[|->", named.lstrip("&*"))[0] if named else None


def find_pragmas(file, text, skipped=()):
    """All pragmas of a text that the preprocessor keeps.

    Parameters
    ----------
    file : str
        Name for the places of the pragmas.
    text : str
    skipped : list of (str, int, int)
        File, first and last line of what is left out.

    Returns
    -------
    list of Pragma
    """
    found = []
    for match in _LINE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if any(name == file and first <= line <= last for name, first, last in skipped):
            continue
        end = match.end()
        while True:
            stop = text.find("\n", end)
            stop = len(text) if stop < 0 else stop
            if not text[:stop].rstrip(" \t\r").endswith("\\"):
                break
            end = stop + 1
        content = re.sub(r"\\\s*\n", " ", text[match.end() : stop])
        content = re.sub(r"//.*|/\*.*?\*/", " ", content)
        name, words, options = _take_apart(content)
        before = text[: match.start()].rstrip("\n").rpartition("\n")[2].strip()
        form = " ".join(match.group().replace("#", "# ").split()).replace("# ", "#")
        found.append(Pragma(file, line, match.start(), name, words, options, form, before))
    return found


def _take_apart(content):
    content = re.sub(r"\s*=\s*", "=", content.strip())
    parts = _WORD.findall(content)
    if not parts:
        return "", (), {}
    words, options = [], {}
    for part in parts[1:]:
        key, equals, value = part.partition("=")
        if equals:
            options[key.lower()] = value
        else:
            words.append(part.lower())
    return parts[0].upper(), tuple(words), options


def pragma_operators(text):
    """Lines of ``_Pragma`` uses, which the lint cannot place."""
    return [text.count("\n", 0, use.start()) + 1 for use in re.finditer(r"\b_Pragma\b", text)]
