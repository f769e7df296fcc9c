"""Plans: defaults, order, and every inconsistency named."""

from dataclasses import replace

import numpy as np
import pytest
from designs import DEFAULT, TINY
from fitting_models import fitting_model
from random_block_models import sized_block_model
from random_dense_models import sized_dense_model

from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.packing.places import place
from pynq_lstm.accelerator.plan import Pair, Plan, Segment
from pynq_lstm.errors import PlanError, PynqLstmError


def model(inputs, hidden, seed=0, design=TINY):
    rng = np.random.default_rng(seed)
    return fitting_model(rng, design, inputs, hidden, max_components=2, whole=True)


def test_the_default_pairs_models_of_one_size():
    plan = Plan.of_model(model((5, 6, 7, 8), (4, 9, 4, 4)))
    assert [pair.members for pair in plan.pairs] == [(0, 2), (1, None), (3, None)]
    assert plan.members == ((0, 0), (1, 0), (0, 1), (2, 0))
    assert plan.hidden_sizes() == [4, 9, 4, 4]
    assert plan.external_sizes() == [5, 6, 7, 8]
    assert (plan.largest_lag, plan.collected) == (0, [])
    assert plan.pairs[0].routes == ((Segment(0, 5),), (Segment(0, 7),))
    assert plan.pairs[1].routes == ((Segment(0, 6),), ())


def test_stacked_layers_take_the_layer_below_one_wave_later():
    layers = [model((5, 6), (4, 9)), model((4, 9), (3, 3), 1), model((3, 3), (8, 8), 2)]
    plan = Plan.stacked(layers, shifts=(2, -1))
    assert [pair.members for pair in plan.pairs] == [(0, None), (1, None), (0, 1), (0, 1)]
    assert [pair.lags for pair in plan.pairs] == [(0, 0), (0, 0), (1, 1), (2, 2)]
    assert plan.pairs[2].routes == (
        (Segment(0, 4, 0, (0, 0), 2),),
        (Segment(0, 9, 0, (1, 0), 2),),
    )
    assert plan.pairs[3].routes[1] == (Segment(0, 3, 0, (2, 1), -1),)
    assert plan.external_sizes() == [5, 6, 0, 0, 0, 0]
    assert (plan.largest_lag, plan.collected) == (2, [0, 1, 2])


def test_the_shift_of_a_layer_follows_from_its_scale():
    below, above = model((5,), (4,)), model((4,), (3,), 1)
    for scale, shift in ((128.0, 0), (64.0, 1), (1.0, 7), (32768.0, -8)):
        plan = Plan.stacked([below, replace(above, x_inverse_scale=(scale,))])
        assert plan.pairs[1].routes[0][0].shift == shift
    for scale in (127.0, 96.0, 65536.0, 0.25):
        with pytest.raises(PlanError, match="not the scale of h times a power of two; pass shifts"):
            Plan.stacked([below, replace(above, x_inverse_scale=(scale,))])


ONE = model((12, 12), (8, 8))
DENSE = sized_dense_model(np.random.default_rng(0), (12, 12), (8, 8))
BLOCKS = sized_block_model(np.random.default_rng(0), (12, 12), (8, 8), activation_bits=8)
OTHER = model((12,), (6,), 1)


def pair(*segments, members=(0, None), lags=(0, 0), model=ONE):
    return Pair(model, members, (segments or None, None), lags)


BAD = [
    (lambda: Plan(()), "pairs = .*nothing to run"),
    (lambda: Pair(None, (0, None)), "pair.model = 'NoneType': not a CompressedModel"),
    (lambda: Pair(ONE, (0,)), "pair.members = .*not two"),
    (lambda: Pair(ONE, [0, 1]), "not two, one a lane; pass a tuple"),
    (lambda: Pair(ONE, (None, 0)), r"pair.members\[0\] = None: not an integer"),
    (lambda: Pair(ONE, (0, 2)), r"pair.members\[1\] = 2: .*use 0 to 1"),
    (lambda: Pair(ONE, (0, True)), r"pair.members\[1\] = True"),
    (lambda: Pair(ONE, (0, 1), lags=(0, 256)), r"pair.lags\[1\] = 256: .*use 0 to 255"),
    (
        lambda: Pair(model((3, 3), (4, 5)), (0, 1)),
        "4 and 5 hidden units share no v; give each a pair of its own",
    ),
    (
        lambda: Plan((Pair(ONE, (0, None)), Pair(wide(), (0, None)))),
        "different activation_bits",
    ),
    (lambda: Plan((pair(Segment(0, 8)),)), r"routes\[0\] = 8: nothing reaches this element"),
    (
        lambda: Plan((pair(Segment(0, 12), Segment(0, 5, 8)),)),
        r"\[1\].length = 5: ends at 13 of 12",
    ),
    (lambda: Plan((pair(Segment(0, 12, shift=9)),)), r"\[0\]\[0\].shift = 9: .*use -8 to 8"),
    (lambda: Plan((pair(Segment(0, 0)),)), r"length = 0"),
    (lambda: Plan((pair(Segment(-1, 12)),)), r"start = -1"),
    (lambda: Plan((pair("x"),)), r"'x': not a Segment"),
    (
        lambda: Plan((pair(Segment(0, 12), Segment(0, 8, 0, (1, 0))),)),
        r"source\[0\] = 1: .*use 0 to 0",
    ),
    (
        lambda: Plan((pair(Segment(0, 12), Segment(0, 8, 0, (0, 1))),)),
        r"source = \(0, 1\): an empty lane; choose from \[0\]",
    ),
    (
        lambda: Plan((pair(Segment(0, 12), Segment(1, 8, 0, (0, 0))),)),
        "ends at 9 of 8 units; shorten",
    ),
    (lambda: Plan((pair(Segment(0, 12), Segment(0, 8, 0, 0)),)), r"not \(pair, lane\)"),
    (
        lambda: Plan((pair(Segment(0, 12), Segment(0, 8, 0, (0, 0)), lags=(2, 0)), pair())),
        None,
    ),
    (
        lambda: Plan((pair(), pair(Segment(0, 12), Segment(0, 8, 0, (0, 0)), lags=(2, 0)))),
        "lag 2 would skip steps of a source with lag 0; use a lag of 1 at most",
    ),
    (lambda: Plan.stacked([]), "no layer"),
    (lambda: Plan.stacked([ONE, OTHER]), r"models\[1\].input_sizes = \(12,\): not the hidden"),
    (lambda: Plan.stacked([ONE, "x"]), r"models\[1\] = 'str': not a CompressedModel"),
    (lambda: Plan.stacked([ONE], shifts=(1,)), "not one for each layer but the first"),
    (
        lambda: Plan.of_model(DENSE),
        r"pair\.model\.method = 'dense': the accelerators run svd and block_diagonal models only; "
        r'compress with method="svd", or run it with backend="cpu"',
    ),
    (
        lambda: Plan.stacked([DENSE, DENSE]),
        r"models\[0\]\.method = 'dense': the accelerators run svd and block_diagonal models only",
    ),
    (
        lambda: Plan((pair(), pair(model=BLOCKS))),
        r"pairs = \['block_diagonal', 'svd'\]: of different methods; run them in plans of",
    ),
    (
        lambda: Plan.of_model(replace(ONE, cell_bits=12)),
        r"pair\.model\.cell_bits = 12: the accelerator has gates and c of 16 bits only; run it",
    ),
    (
        lambda: Plan.stacked([replace(ONE, gate_bits=8)] * 2),
        r"models\[0\]\.gate_bits = 8: the accelerator has gates and c of 16 bits only; run",
    ),
    (lambda: pair(model=DENSE), r"pair\.model\.method = 'dense': the accelerators run svd and"),
]


def wide():
    from designs import TINY_WIDE

    return model((3,), (4,), 2, TINY_WIDE)


@pytest.mark.parametrize("make, text", BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_named(make, text):
    if text is None:  # an earlier step of its own h: nothing wrong
        assert make().largest_lag == 2
        return
    with pytest.raises(PlanError, match=text):
        make()


def test_errors_have_the_root():
    assert issubclass(PlanError, PynqLstmError)


def units_of(plan):
    return [np.arange(pair.hidden) for pair in plan.pairs]


def test_concatenated_sources_get_tiles_of_their_own():
    small = model((20,), (100,), 3, DEFAULT)
    large = model((128,), (64,), 4, DEFAULT)
    routes = ((Segment(0, 28), Segment(0, 100, 28, (0, 0))), None)
    plan = Plan((Pair(small, (0, None)), Pair(large, (0, None), routes, (1, 0))))
    image = pack(plan, DEFAULT)
    layout = image.pairs[1]
    assert (layout.x_tiles, len(layout.external), layout.route_words) == (2 + 7, 2, 9)
    own = place(plan.pairs[1], "pair", 16, units_of(plan))
    np.testing.assert_array_equal(own.element, [*range(28), *range(32, 132)])
    assert [terms[0].tile for terms, _ in own.tiles[2:]] == list(range(7))


def test_pieces_stand_as_in_the_tiles_of_their_sources():
    routes = ((Segment(0, 5), Segment(3, 5, 5, (0, 0)), Segment(0, 2, 10)), None)
    plan = Plan((Pair(ONE, (0, None)), Pair(ONE, (0, None), routes, (1, 0))))
    own = place(plan.pairs[1], "pair", 4, units_of(plan))
    np.testing.assert_array_equal(own.element, [0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 17])
    assert [terms[0].tile for terms, _ in own.tiles[2:4]] == [0, 1]
    assert own.tiles[4][0][0].external == (0, 1, -1, -1)


def test_sources_that_do_not_align_are_refused():
    routes = ((Segment(0, 12), Segment(0, 4, 2, (0, 0)), Segment(1, 4, 2, (0, 0))), None)
    plan = Plan((Pair(ONE, (0, None)), Pair(ONE, (0, None), routes, (1, 0))))
    with pytest.raises(PlanError, match=r"pairs\[1\].routes = \(2, 6\): .* places \[0, 1\] of"):
        pack(plan, TINY)
