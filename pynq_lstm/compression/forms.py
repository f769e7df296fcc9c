"""The two forms of a part: which matrices share components."""

import numpy as np

from pynq_lstm.compression.part_options import PER_GATE, STACKED
from pynq_lstm.model import PARTS


def problems(gates, form):
    """The matrices that each list of components approximates.

    Parameters
    ----------
    gates : ndarray, (4, models, inputs, units), float32
    form : str
        `PER_GATE` or `STACKED`.

    Returns
    -------
    list of ndarray, (models, inputs, units), float32
        Of the four gates; or one, of 4 x units, gate by gate.
    """
    if form == PER_GATE:
        return list(gates)
    _, models, inputs, units = gates.shape
    return [gates.transpose(1, 2, 0, 3).reshape(models, inputs, 4 * units)]


def of_each(inside, asked):
    """Which elements of the matrices of each form are weights, not padding.

    Parameters
    ----------
    inside : ndarray, (models, inputs, units), bool; or None
        Of one gate, as `weights.own_elements`.
    asked : iterable of str
        Forms.

    Returns
    -------
    dict of ndarray, or of None where all are
        By form.
    """
    whole = {PER_GATE: 1, STACKED: 4}
    return {
        form: None if inside is None else np.tile(inside, (1, 1, whole[form])) for form in asked
    }


def relative_error(weights, lists):
    """Error of the components of some lists, as a share of the energy of all weights.

    Parameters
    ----------
    weights : list of ndarray
        Of each list.
    lists : list of svd.Components
    """
    energies = [(w.astype(np.float64) ** 2).sum() for w in weights]
    return float(np.average([own.error for own in lists], weights=energies))


def choose(weights, fitted):
    """The form of each part with the lower weight error.

    Parameters
    ----------
    weights : dict of dict of list of ndarray
        By part and form.
    fitted : dict of dict of list of joint.Fitted
        By part and form: what was found for each list.

    Returns
    -------
    forms : dict of str
        By part.
    told : dict
        For the provenance, where there was a choice: the form and both errors.
    """
    forms, told = {}, {}
    for side in PARTS:
        errors = {
            form: relative_error(weights[side][form], [one.components for one in found])
            for form, found in fitted[side].items()
        }
        forms[side] = min(errors, key=errors.get)
        if len(errors) > 1:
            told[f"{side} form"] = forms[side]
            told[f"{side} relative error {PER_GATE}"] = errors[PER_GATE]
            told[f"{side} relative error {STACKED}"] = errors[STACKED]
    return forms, told
