"""Words divided among lists of known curves, and the choice of forms by the error that is left."""

import itertools

import numpy as np
import pytest

from pynq_lstm.compression import division, form_choice
from pynq_lstm.errors import CompressionError


class Known:
    """A curve of known falls; all that it may have is their number."""

    def __init__(self, words, falls, whole=10.0):
        self.words, self.whole, self.most, self._falls = words, whole, len(falls), falls

    def fall(self, count):
        return self._falls[count] if count < self.most else 0.0

    pace = fall

    def left(self, count):
        return self.whole - sum(self._falls[:count])


def one_form(*curves):
    return [{"per_gate": [curve]} for curve in curves]


def test_equal_numbers_where_the_best_gain_for_a_word_leaves_more():
    """Two short components pay a little more for a word, and leave no room for the long one."""
    lists = Known(6, [1.0, 4.0, 3.9]), Known(10, [1.0, 6.0])
    filled = division.divide(one_form(*lists), 32, False)
    assert filled[1] == [[3], [1]]
    forms, counts, errors = division.divide(one_form(*lists), 32, False, or_equal=True)
    assert counts == [[2], [2]] and forms == ("per_gate", "per_gate")
    assert errors == {forms: pytest.approx((20 - 12) / 20)}
    # and where it leaves less nothing else is taken
    lists = Known(6, [1.0, 4.0, 3.9]), Known(10, [1.0, 0.1])
    assert division.divide(one_form(*lists), 32, False, or_equal=True)[1] == [[3], [1]]


@pytest.mark.parametrize("seed", range(30))
def test_never_more_than_equal_numbers(seed):
    rng = np.random.default_rng(seed)
    curves = [
        Known(int(rng.integers(1, 9)), rng.normal(0.3, 0.5, rng.integers(1, 7)).tolist())
        for _ in range(5)
    ]
    least = sum(curve.words for curve in curves)
    for words in range(least, 8 * least, 5):
        _, counts, errors = division.divide(one_form(*curves), words, False, or_equal=True)
        counts = [n for own in counts for n in own]
        assert sum(n * curve.words for n, curve in zip(counts, curves)) <= words
        assert all(1 <= n <= curve.most for n, curve in zip(counts, curves))
        left = sum(curve.left(n) for n, curve in zip(counts, curves))
        assert errors[("per_gate",) * 5] == pytest.approx(left / 50)
        for rank in range(1, 7):
            equal = [min(rank, curve.most) for curve in curves]
            if sum(n * curve.words for n, curve in zip(equal, curves)) <= words:
                equal_left = sum(curve.left(n) for n, curve in zip(equal, curves))
                assert left <= equal_left + 1e-12


@pytest.mark.parametrize("seed", range(20))
def test_no_part_alone_is_better_in_another_form(seed):
    """Of more choices than are all tried, against a table of random errors."""
    rng = np.random.default_rng(seed)
    least = [{"per_gate": 4 * n, "stacked": n} for n in rng.integers(1, 6, 5).tolist()]
    least[2] = {"stacked": 3}
    every = list(itertools.product(*least))
    table, asked = dict(zip(every, rng.random(len(every)))), []
    words = int(rng.integers(sum(min(own.values()) for own in least), 70))

    def cost(forms):
        return sum(own[form] for own, form in zip(least, forms))

    def error(forms):
        asked.append(forms)
        return table[forms]

    assert not form_choice.affordable(least, words)
    form_choice.descend(least, words, error)
    best = min(asked, key=table.get)
    assert all(cost(forms) <= words for forms in asked)
    for place, own in enumerate(least):
        for form in own:
            other = (*best[:place], form, *best[place + 1 :])
            assert cost(other) > words or table[best] <= table[other]
    first = ("per_gate", "per_gate", "stacked", "per_gate", "per_gate")
    assert cost(first) > words or first in asked


def test_few_choices_are_all_tried():
    least = [{"per_gate": 8, "stacked": 5}, {"per_gate": 9, "stacked": 6}]
    assert form_choice.affordable(least, 17) == list(itertools.product(*least))
    for words in (11, 13):
        assert form_choice.affordable(least, words) == [("stacked", "stacked")]
    one = [{"per_gate": 8}] * 30
    assert form_choice.affordable(one, 240) == [("per_gate",) * 30]


def test_parts_choose_together():
    """The dear form of one part pays where the other is content with the cheap one."""
    long, short = Known(8, [1.0, 1.0], 3.0), Known(4, [0.9, 0.1], 3.0)
    parts = [{"per_gate": [long], "stacked": [short]} for _ in range(3)]
    parts[0]["per_gate"] = [Known(8, [2.8], 3.0)]
    forms, counts, errors = division.divide(parts, 16, False)
    assert forms == ("per_gate", "stacked", "stacked") and counts == [[1], [1], [1]]
    assert errors[forms] == min(errors.values()) == pytest.approx((9 - 4.6) / 9)
    with pytest.raises(CompressionError, match="they take 12; pass at least 12"):
        division.divide(parts, 11, False)
