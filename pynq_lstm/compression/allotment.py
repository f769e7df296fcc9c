"""A budget of words, put into the lists of components where it pays most.

Greedy components of each list say what a further one is worth: by how much it is expected to
lower the squared error of the gates (`gate_errors`). That of the weights alone would be a bad
guide: where the error is in a cell gate or meets large x it costs several times as much. The
words go, one component after another, to the list with the largest fall for a word.
"""

from dataclasses import replace

from pynq_lstm.compression import division
from pynq_lstm.compression.curves import Curve
from pynq_lstm.model import PARTS


def allot(problems, asked, worth, options, progress):
    """Fix the form of each part and the components of each list.

    Parameters
    ----------
    problems : dict of dict of list of ndarray, (models, inputs, units), float32
        By part and form: the weights of each list.
    asked : dict of dict of tuple of PartOptions
        By part and form: each list, as long as it may become.
    worth : dict of GateErrors
        By part.
    options : SvdOptions
        With ``words``.
    progress : bool, optional
        Of `progress.bar`.

    Returns
    -------
    asked : dict of dict of tuple of PartOptions
        By part: one form.
    told : dict
        For the provenance: the expected error of the choice, as a share, and of other forms.

    Raises
    ------
    CompressionError
        Fewer words than one component of each list takes.
    CalibrationError
        Nothing reaches the gates.
    """
    parts = [
        curves(problems[side], asked[side], worth[side], options.weight_bits) for side in PARTS
    ]
    forms, counts, errors = division.divide(parts, options.words, progress)
    chosen = {}
    for side, form, own in zip(PARTS, forms, counts):
        lists = zip(asked[side][form], own)
        chosen[side] = {form: tuple(replace(part, refinements=n) for part, n in lists)}
    return chosen, _told(forms, errors, options.words)


def curves(weights, asked, worth, weight_bits):
    """A `Curve` of each list of one part, by form.

    Parameters
    ----------
    weights : dict of list of ndarray, (models, inputs, units), float32
        By form.
    asked : dict of tuple of PartOptions
        By form.
    worth : GateErrors
    weight_bits : int

    Returns
    -------
    dict of list of Curve
    """
    return {
        form: [
            Curve(*one, weight_bits, own)
            for *one, own in zip(weights[form], lists, worth.of_lists(len(lists)))
        ]
        for form, lists in asked.items()
    }


def _told(best, errors, words):
    told = {"words": words, "expected error of the gates": errors[best]}
    for place, side in enumerate(PARTS):
        forms = sorted({forms[place] for forms in errors})
        if len(forms) > 1:
            told[f"{side} form"] = best[place]
            for form in forms:
                least = min(error for own, error in errors.items() if own[place] == form)
                told[f"expected error, {side} part {form}"] = least
    return told
