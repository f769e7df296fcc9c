"""A budget of words, put into the lists of components where it pays most.

Greedy components of each list say what a further one is worth: by how much it is expected to
lower the squared error of the gates (`gate_errors`). That of the weights alone would be a bad
guide: where the error is in a cell gate or meets large x it costs several times as much. The
words go, one component after another, to the list with the largest fall for a word.
"""

import heapq
import itertools
from dataclasses import replace

from pynq_lstm.compression.curves import Curve
from pynq_lstm.compression.progress import bar
from pynq_lstm.errors import CalibrationError, CompressionError
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
    lists = {
        (side, form): [
            Curve(weights, part, options.weight_bits, own)
            for weights, part, own in zip(
                problems[side][form], parts, worth[side].of_lists(len(parts))
            )
        ]
        for side in PARTS
        for form, parts in asked[side].items()
    }
    choices = {
        forms: [curve for side, form in zip(PARTS, forms) for curve in lists[side, form]]
        for forms in itertools.product(*(asked[side] for side in PARTS))
    }
    choices = _affordable(choices, options.words)
    if not all(sum(curve.whole for curve in curves) > 0 for curves in choices.values()):
        raise CalibrationError(
            "calibration",
            0.0,
            "zero everywhere: it does not tell where words pay",
            "pass typical inputs, or refinements instead of words",
        )
    errors, counts = {}, {}
    with bar(options.words * len(choices), "word", progress) as moving:
        for forms, curves in choices.items():
            counts[forms] = fill(curves, options.words, moving.update)
            left = sum(curve.left(count) for curve, count in zip(curves, counts[forms]))
            errors[forms] = left / sum(curve.whole for curve in curves)
    best = min(errors, key=errors.get)
    shares, chosen = iter(counts[best]), {}
    for side, form in zip(PARTS, best):
        parts = asked[side][form]
        chosen[side] = {form: tuple(replace(part, refinements=next(shares)) for part in parts)}
    return chosen, _told(best, errors, options.words)


def _affordable(choices, words):
    """The choices of forms, of which `words` pay for one component of each list."""
    least = {forms: sum(curve.words for curve in curves) for forms, curves in choices.items()}
    fewest = min(least.values())
    if words < fewest:
        raise CompressionError(
            "words",
            words,
            f"too few for one component of each list: they take {fewest}",
            f"pass at least {fewest}",
        )
    return {forms: curves for forms, curves in choices.items() if least[forms] <= words}


def fill(curves, words, step=lambda words: None):
    """Components of each list: one each, and further ones as long as they pay and fit.

    Parameters
    ----------
    curves : list of Curve
    words : int
        At least those of one component of each.
    step : callable
        Called with the words that have gone to a list.

    Returns
    -------
    list of int
    """
    counts, free = [1] * len(curves), words
    waiting = []
    for k, curve in enumerate(curves):
        free -= curve.words
        step(curve.words)
        heapq.heappush(waiting, (-curve.pace(1) / curve.words, k))
    while waiting:
        gain, k = heapq.heappop(waiting)
        if gain >= 0 or curves[k].words > free:
            continue  # it pays no more, or does not fit; a list of shorter vectors may
        counts[k] += 1
        free -= curves[k].words
        step(curves[k].words)
        heapq.heappush(waiting, (-curves[k].pace(counts[k]) / curves[k].words, k))
    return counts


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
