"""What a pass takes of LSTMs that share components with those of other passes."""

from dataclasses import replace
from typing import Any, Dict

from pynq_lstm.field_checks import refuse
from pynq_lstm.model import PARTS
from pynq_lstm.parts import without
from pynq_lstm.tiles import tile_count


def cut(model, chosen):
    """Some LSTMs of a model as a model of their own, which gives the bits that they give there.

    Vectors end where the longest of the chosen LSTMs ends. Where only all components together
    are a model, those that none of the chosen uses are left out.

    Parameters
    ----------
    model : CompressedModel
        Of method "svd", without a head.
    chosen : sequence of int
        Which of its LSTMs, each once, in any order.

    Returns
    -------
    CompressedModel
        The same object for all of them in their order.

    Raises
    ------
    ModelFormatError
        Another method: its LSTMs share nothing.
    """
    chosen = tuple(chosen)
    if chosen == tuple(range(model.models)):
        return model
    if model.method != "svd":
        refuse("method", model.method, "shares nothing among the LSTMs of several passes")
    names = "input_sizes", "hidden_sizes", "x_inverse_scale", "cell_fraction_bits", "pre_shift"
    fields: Dict[str, Any] = {
        name: tuple(getattr(model, name)[j] for j in chosen) for name in (*names, "bias")
    }
    hidden = max(fields["hidden_sizes"])
    whole = model.prefixes == (model.max_refinements,)
    for name in PARTS:
        rows = max(fields[f"{name}_sizes"])
        fields[name] = _part(getattr(model, name), list(chosen), rows, hidden, whole)
    if whole:
        fields["prefixes"] = (max(fields[name].max_refinements for name in PARTS),)
    return replace(model, **fields)


def _part(part, chosen, rows, hidden, whole):
    """One part of them, with vectors of `rows` inputs and `hidden` units."""
    u_tile, v_tile = min(part.u_tile, rows), min(part.v_tile, hidden)
    s = part.s[:, chosen]
    counts, kept = part.counts, slice(None)
    if whole:
        counts, kept = without(part.counts, s.any(axis=1))
    return replace(
        part,
        counts=counts,
        u=part.u[kept, :rows],
        u_mask=part.u_mask[kept, : tile_count(rows, u_tile)],
        v=part.v[kept, :, :hidden],
        v_mask=part.v_mask[kept, :, : tile_count(hidden, v_tile)],
        s=s[kept],
        s_shift=tuple(part.s_shift[j] for j in chosen),
        u_tile=u_tile,
        v_tile=v_tile,
    )
