"""Where the LSTMs of a network take their inputs from: notation, checks, data and picture."""

from pynq_lstm.wiring.expression import Expression
from pynq_lstm.wiring.term import Term
from pynq_lstm.wiring.wiring import Wiring

__all__ = ["Expression", "Term", "Wiring"]
