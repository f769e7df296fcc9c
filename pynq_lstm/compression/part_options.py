"""`SvdOptions` resolved for the lists of components of one part."""

from dataclasses import dataclass, replace

from pynq_lstm.compression.option_checks import check_within, of_part
from pynq_lstm.compression.tiling import Tiles
from pynq_lstm.errors import CompressionError
from pynq_lstm.tiles import tile_count

DEFAULT_REFINEMENTS = 16
GATES = 4
PER_GATE, STACKED, AUTO = FORMS = ("per_gate", "stacked", "auto")


@dataclass(frozen=True)
class PartOptions:
    """What is asked of one list of components: of one gate, or of four stacked ones.

    Attributes
    ----------
    refinements : int
        Components, at most.
    u, v : Tiles
    """

    refinements: int
    u: Tiles
    v: Tiles

    def most_words(self, models, inputs, units):
        """Words of one component at most, of matrices of that shape: u, v and s."""
        return self.u.most_elements(inputs) + self.v.most_elements(units) + models

    def fewest_words(self, models, inputs, units):
        """Words of one component at least: pruned tiles are the whole ones, not ragged ones."""
        return self.u.fewest_elements(inputs) + self.v.fewest_elements(units) + models


def lists(options, side, models, rows, columns):
    """What is asked of each list of a part, for every form that is to be tried.

    Parameters
    ----------
    options : SvdOptions
    side : str
        "input" or "hidden".
    models, rows, columns : int
        Models, inputs and units of the matrices of one gate.

    Returns
    -------
    dict of tuple of PartOptions
        By form, `PER_GATE` or `STACKED`: four lists or one. With ``options.words`` as long as the
        matrices allow.

    Raises
    ------
    CompressionError
        A number outside what the matrices allow.
    """
    form = of_part(side, "form", options.form, PER_GATE)
    shape = models, rows, columns
    if form == STACKED:
        return {STACKED: (_stacked(options, side, shape),)}
    asked = {PER_GATE: _per_gate(options, side, shape)}
    if form == AUTO:
        found = _stacked_alike(asked[PER_GATE], shape, options.words)
        if found.refinements:
            asked[STACKED] = (found,)
    return asked


def _per_gate(options, side, shape):
    most = shape[0] * min(shape[1:])
    asked = of_part(side, "refinements", options.refinements, min(DEFAULT_REFINEMENTS, most))
    if isinstance(asked, (tuple, list)) and len(asked) != GATES:
        raise CompressionError(
            "refinements",
            asked,
            f"neither a number nor one for each gate, of the {side} part",
            "pass one number, or four (gates i, f, g, o)",
        )
    counts = asked if isinstance(asked, (tuple, list)) else (asked,) * GATES
    for count in counts:
        _check_refinements(side, count, most, shape)
    tiles = _tiles(options, side, shape, blocks=1)
    return tuple(PartOptions(most if options.words else count, *tiles) for count in counts)


def _stacked(options, side, shape):
    models, rows, columns = shape
    stacked = models, rows, GATES * columns
    most = models * min(stacked[1:])
    made = PartOptions(most, *_tiles(options, side, shape, blocks=GATES))
    asked = of_part(side, "refinements", options.refinements, None)
    if options.words:
        return made
    if isinstance(asked, (tuple, list)):
        raise CompressionError(
            "refinements",
            asked,
            f"numbers of several lists for the {side} part, whose gates share one",
            "pass one number, or form='per_gate'",
        )
    if asked is None:
        fewest = made.u.fewest_elements(rows) + models
        words = GATES * fewest + made.v.fewest_elements(GATES * columns)
        words *= min(DEFAULT_REFINEMENTS, models * min(rows, columns))
        asked = min(max(words // made.most_words(*stacked), 1), most)
    _check_refinements(side, asked, most, stacked)
    return replace(made, refinements=asked)


def _stacked_alike(gates, shape, whole):
    """The one list with the tiles of four that has at most their words, or all that may be."""
    models, rows, columns = shape
    stacked = models, rows, GATES * columns
    v = replace(gates[0].v, zero=GATES * gates[0].v.zero, blocks=GATES)
    made = PartOptions(models * min(stacked[1:]), gates[0].u, v)
    if whole:
        return made
    words = sum(gate.refinements * gate.fewest_words(*shape) for gate in gates)
    fits = words // made.most_words(*stacked)
    return replace(made, refinements=min(fits, made.refinements))


def _check_refinements(side, count, most, shape):
    models, rows, columns = shape
    why = f"models x min(rows, columns) of {models} matrices of {rows} x {columns}"
    check_within(side, "refinements", count, 1, most, why)


def _tiles(options, side, shape, blocks):
    """`Tiles` of u and of v, of `blocks` gates of columns."""
    tiles = []
    for vector, length, own in (("u", shape[1], 1), ("v", shape[2], blocks)):
        name, zeros = f"{vector}_tile", f"zero_{vector}_tiles"
        tile = of_part(side, name, getattr(options, name), length)
        check_within(side, name, tile, 1, length, f"the length of {vector}")
        zero = of_part(side, zeros, getattr(options, zeros), 0)
        count = own * tile_count(length, tile)
        why = f"one less than the {count} tiles of {vector}"
        check_within(side, zeros, zero, 0, count - 1, why)
        tiles.append(Tiles(tile, zero, own))
    return tiles
