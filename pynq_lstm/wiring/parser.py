"""From the text of an expression to its terms, by recursive descent.

expression = sum {"," sum}
sum        = term {"+" term}
term       = "last" "(" source ")" | source ["/" number]
source     = name [":" number]
"""

import re

from pynq_lstm.errors import NetworkError
from pynq_lstm.wiring import names
from pynq_lstm.wiring.term import LARGEST, Term

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>[0-9]+)|(?P<other>\S)|\Z)")
_REMEDY = 'write for example "x0, m0 + m1", "m0 / 4" or "last(m0)"'


def parse(text, field):
    """Parts of terms, as `Expression` keeps them.

    Raises
    ------
    NetworkError
    """
    if not isinstance(text, str):
        raise NetworkError(field, text, "not a text", _REMEDY)
    return _Parser(text, field).expression()


class _Parser:
    def __init__(self, text, field):
        self.text, self.field, self.place = text, field, 0
        self._advance()

    def expression(self):
        parts = [self._sum()]
        while self._take(","):
            parts.append(self._sum())
        if self.kind is not None:
            self._fail("',' or '+'")
        return tuple(parts)

    def _sum(self):
        terms = [self._term()]
        while self._take("+"):
            terms.append(self._term())
        return tuple(terms)

    def _term(self):
        if self.token == names.LAST:
            self._advance()
            self._expect("(")
            source, size = self._source()
            self._expect(")")
            return Term(source, last=True, size=size)
        source, size = self._source()
        every = self._number() if self._take("/") else 1
        return Term(source, every, size=size)

    def _source(self):
        name = self.token
        if self.kind != "word":
            self._fail("a name")
        if names.external_index(name) is None and not names.is_model(name):
            self._fail("x0, x1, ... or the name of a model")
        self._advance()
        return name, self._number() if self._take(":") else None

    def _number(self):
        digits = self.token
        if self.kind != "number" or len(digits) > len(str(LARGEST)) or not int(digits):
            self._fail(f"a number from 1 to {LARGEST}")
        self._advance()
        return int(digits)

    def _take(self, sign):
        if self.kind != "other" or self.token != sign:
            return False
        self._advance()
        return True

    def _expect(self, sign):
        if not self._take(sign):
            self._fail(f"'{sign}'")

    def _advance(self):
        match = _TOKEN.match(self.text, self.place)
        self.kind, self.place = match.lastgroup, match.end()
        self.token = match[self.kind] if self.kind else None

    def _fail(self, expected):
        found = "the end" if self.kind is None else repr(self.token[:20])
        position = self.place - len(self.token or "") + 1
        raise NetworkError(
            self.field,
            self.text,
            f"expected {expected} at character {position}, found {found}",
            _REMEDY,
        )
