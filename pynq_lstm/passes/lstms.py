"""The LSTMs of a network one by one, and what each of them reads."""

from typing import NamedTuple

from pynq_lstm.wiring import names


class Lstm(NamedTuple):
    """One LSTM of one layer and one direction.

    Attributes
    ----------
    model, layer, direction : int
    reverse : bool
        Whether it reads its sequences from their last valid step back.
    """

    model: int
    layer: int
    direction: int
    reverse: bool

    def name(self, wiring):
        """For people, such as "m0 layer 1, reverse"."""
        text = f"{wiring.names[self.model]} layer {self.layer}"
        return f"{text}, reverse" if self.reverse else text


def of(stacks):
    """All LSTMs by model, then layer, then direction: at its flat index each."""
    return tuple(
        Lstm(j, layer, direction, stack.reverse or direction == 1)
        for j, stack in enumerate(stacks)
        for layer in range(stack.num_layers)
        for direction in range(stack.directions)
    )


def sources(lstms, wiring):
    """Flat indices of the LSTMs whose h each one reads, a list of sets."""
    place, top = {}, {}
    for k, lstm in enumerate(lstms):
        place.setdefault((lstm.model, lstm.layer), set()).add(k)
        top[wiring.names[lstm.model]] = lstm.model, lstm.layer
    return [
        place[lstm.model, lstm.layer - 1]
        if lstm.layer
        else {k for t in wiring.sources[lstm.model].terms for k in place.get(top.get(t.source), ())}
        for lstm in lstms
    ]


def reads_hidden(lstm, wiring):
    """Whether the x of an LSTM has h of other LSTMs in it."""
    return lstm.layer > 0 or any(
        names.external_index(term.source) is None for term in wiring.sources[lstm.model].terms
    )


def reads_only_hidden(lstm, wiring):
    """Whether each element of its x is one element of the h of another LSTM, nothing added."""
    return lstm.layer > 0 or all(
        len(part) == 1 and names.external_index(part[0].source) is None
        for part in wiring.sources[lstm.model].parts
    )
