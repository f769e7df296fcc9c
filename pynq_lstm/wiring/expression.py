"""What one LSTM reads, in a small notation and in its parsed form.

``"x1, m0"`` is a concatenation, ``"m0 + m1"`` a sum, ``"m0 / 4"`` every fourth step, and
``"last(m0)"`` the last h, as a sequence of one step. A sum binds tighter than a
concatenation. ``"x0:12"`` says that x0 has 12 values where nothing else does.
"""

from dataclasses import dataclass
from typing import Tuple

from pynq_lstm.errors import NetworkError
from pynq_lstm.wiring import parser
from pynq_lstm.wiring.term import Term


@dataclass(frozen=True)
class Expression:
    """The input of one LSTM; ``str(expression)`` is its text.

    Attributes
    ----------
    parts : tuple of tuple of Term
        The parts are concatenated; the terms of a part are added.
    """

    parts: Tuple[Tuple[Term, ...], ...]

    def __post_init__(self):
        sound = isinstance(self.parts, (list, tuple)) and len(self.parts) > 0
        for part in self.parts if sound else ():
            listed = isinstance(part, (list, tuple)) and len(part) > 0
            sound = sound and listed and all(isinstance(term, Term) for term in part)
        if not sound:
            raise NetworkError(
                "parts", self.parts, "not parts of terms", "use Expression.parse(text)"
            )
        object.__setattr__(self, "parts", tuple(tuple(part) for part in self.parts))

    @classmethod
    def parse(cls, text, field="expression"):
        """Parse the notation; `field` names it in errors.

        Raises
        ------
        NetworkError
            Not in the notation; the message says at which character.
        """
        return cls(parser.parse(text, field))

    @property
    def terms(self):
        """All terms, from left to right."""
        return tuple(term for part in self.parts for term in part)

    def __str__(self):
        return ", ".join(" + ".join(map(str, part)) for part in self.parts)
