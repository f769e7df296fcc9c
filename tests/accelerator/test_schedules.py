"""Schedules keep every rule of the page, lose nothing, and are near what is possible."""

from dataclasses import replace

import numpy as np
import paper_shape
import pytest
from designs import DEFAULT, TINY, WIDE

from pynq_lstm.accelerator.packing import pack, programs, u_schedule, v_schedule
from pynq_lstm.accelerator.plan import Plan


def check_u(schedule, present, lanes, distance):
    """Raises AssertionError where a rule is broken; naive on purpose."""
    items = sorted(zip(schedule.component.tolist(), schedule.tile.tolist()))
    assert items == sorted(zip(*(a.tolist() for a in np.nonzero(present)))), "work lost or added"
    takes = schedule.takes.tolist()
    assert len(takes) == present.shape[1], "a tile is not taken"
    assert all(a < b for a, b in zip(takes, takes[1:])) and takes[0] >= 0, "takes"
    assert max(takes) < schedule.words, "a take behind the last word"
    busy = set()
    for word, component, tile in zip(schedule.word, schedule.component, schedule.tile):
        lane = schedule.lane[component]
        assert (word, lane) not in busy, "two products in a lane"
        busy.add((word, lane))
        assert takes[tile] + distance <= word < schedule.words, "distance"
    places = set(zip(schedule.lane.tolist(), schedule.slot.tolist()))
    assert len(places) == len(present), "two components in one slot"
    assert all(lane < lanes and slot < schedule.slots for lane, slot in places)
    assert schedule.slots == max(1, -(-len(present) // lanes)), "more slots than needed"


def check_v(schedule, present, lanes):
    """As `check_u`, for the V unit."""
    items = sorted(zip(schedule.component, schedule.gate, schedule.tile))
    assert items == sorted(zip(*np.nonzero(present))), "work lost or added"
    ends = np.cumsum(schedule.positions)
    assert schedule.words == ends[-1] and len(ends) == present.shape[2], "positions"
    busy = set()
    for word, lane, gate, tile in zip(schedule.word, schedule.lane, schedule.gate, schedule.tile):
        assert (word, lane) not in busy, "two products in a lane"
        busy.add((word, lane))
        assert lane // lanes == gate, "a lane of another gate"
        assert ends[tile] - schedule.positions[tile] <= word < ends[tile], "another position"
    for tile in range(present.shape[2]):
        fullest = present[:, :, tile].sum(axis=0).max(initial=0)
        assert schedule.positions[tile] == max(1, -(-fullest // lanes)), "words of a position"


def random_presence(rng, components, tiles):
    density = rng.choice([0.0, 0.1, 0.5, 0.9, 1.0])
    present = rng.random((components, tiles)) < density
    if rng.random() < 0.3:  # work at one end
        present[:, : tiles // 2] = rng.random() < 0.5
    return present


@pytest.mark.parametrize("group", range(10))
def test_random_u_schedules(group):
    rng = np.random.default_rng(group)
    for _ in range(60):
        lanes, tiles = int(rng.integers(1, 17)), int(rng.integers(1, 65))
        present = random_presence(rng, int(rng.integers(0, 5 * lanes)), tiles)
        distance, pace = int(rng.integers(1, 9)), int(rng.integers(1, 7))
        schedule = u_schedule.schedule(present, lanes, distance, pace)
        check_u(schedule, present, lanes, distance)
        load = np.zeros((lanes, tiles), int)
        np.add.at(load, schedule.lane, present)
        # tiles that come one a word: no schedule of these lanes ends before its last work
        after = load[:, ::-1].cumsum(axis=1)[:, ::-1]
        ends = np.where(after > 0, np.arange(tiles) + distance + after, 0)
        assert schedule.bound <= max(ends.max(), tiles) <= schedule.words
        assert (np.diff(schedule.takes) >= 1).all()
        assert (schedule.takes <= pace * np.arange(tiles)).all()


@pytest.mark.parametrize("pace", [1, 2, 4])
@pytest.mark.parametrize("seed", range(5))
def test_words_are_few_where_work_is_spread(seed, pace):
    rng = np.random.default_rng(100 + seed)
    for components, tiles, count in ((64, 64, 32), (64, 32, 16), (200, 64, 40), (13, 64, 3)):
        present = paper_shape.fixed_count(rng, components, tiles, count)
        schedule = u_schedule.schedule(present, 13, 4, pace)
        check_u(schedule, present, 13, 4)
        assert schedule.words <= schedule.bound + 6


def test_takes_come_at_the_pace_as_long_as_no_lane_waits():
    present = np.ones((8, 10), bool)  # two lanes with four components: four words a tile
    for pace in (1, 2, 3, 4):
        schedule = u_schedule.schedule(present, 2, 4, pace)
        np.testing.assert_array_equal(schedule.takes, pace * np.arange(10))
        assert schedule.words == schedule.bound == 44
    schedule = u_schedule.schedule(present[:1], 2, 4, 4)  # one word a tile: a take a word
    np.testing.assert_array_equal(schedule.takes, np.arange(10))


def test_lanes_are_even():
    rng = np.random.default_rng(0)
    for _ in range(200):
        lanes, count = int(rng.integers(1, 17)), int(rng.integers(1, 100))
        tiles = rng.integers(0, 65, count)
        lane, slot = u_schedule.assign(tiles, lanes)
        assert len(set(zip(lane.tolist(), slot.tolist()))) == count
        assert slot.max() + 1 == -(-count // lanes)
        load = np.bincount(lane, tiles, lanes)
        assert load.max() <= tiles.sum() / lanes + tiles.max()


@pytest.mark.parametrize("seed", range(10))
def test_random_v_schedules(seed):
    rng = np.random.default_rng(200 + seed)
    for _ in range(30):
        lanes, tiles = int(rng.integers(1, 17)), int(rng.integers(1, 65))
        components = int(rng.integers(0, 40))
        present = random_presence(rng, components * 4, tiles).reshape(components, 4, tiles)
        check_v(v_schedule.schedule(present, lanes), present, lanes)


BAD_U = {
    "distance": lambda s: replace(s, takes=s.takes + (np.arange(len(s.takes)) > 5)),
    "two products": lambda s: replace(s, word=np.where(s.word == 30, 31, s.word)),
    "work lost": lambda s: replace(s, word=s.word[1:], component=s.component[1:], tile=s.tile[1:]),
    "not taken": lambda s: replace(s, takes=s.takes[:-1]),
    "one slot": lambda s: replace(s, slot=np.zeros_like(s.slot)),
    "behind the last": lambda s: replace(s, words=int(s.takes[-1])),
}


@pytest.mark.parametrize("name", BAD_U)
def test_the_check_of_u_rejects_seeded_faults(name):
    present = np.ones((26, 20), bool)
    schedule = u_schedule.schedule(present, 13, 4, 2)
    check_u(schedule, present, 13, 4)
    with pytest.raises(AssertionError, match=name):
        check_u(BAD_U[name](schedule), present, 13, 4)


BAD_V = {
    "two products": lambda s: replace(s, lane=np.where(s.lane == 1, 0, s.lane)),
    "another gate": lambda s: replace(s, lane=(s.lane + 4) % 16),
    "another position": lambda s: replace(s, word=(s.word + 1) % s.words),
    "work lost": lambda s: replace(s, component=np.zeros_like(s.component)),
    "words of a position": lambda s: replace(s, positions=s.positions + 1, words=s.words * 2),
}


@pytest.mark.parametrize("name", BAD_V)
def test_the_check_of_v_rejects_seeded_faults(name):
    present = np.ones((4, 4, 6), bool)
    schedule = v_schedule.schedule(present, 4)
    check_v(schedule, present, 4)
    with pytest.raises(AssertionError):
        check_v(BAD_V[name](schedule), present, 4)


@pytest.mark.parametrize("seed", range(3))
def test_the_shape_the_accelerator_is_sized_for(seed):
    model = paper_shape.model(seed)
    image = pack(Plan.of_model(model), DEFAULT)
    assert [p.prefix for p in image.programs] == list(range(1, 17))
    program = image.program(0, 16)
    for part, lanes, items, fullest in (
        (program.input, 13, 2048, 160),
        (program.hidden, 13, 1024, 80),
    ):
        assert (part.u.slots, len(part.u.word)) == (5, items)
        assert part.u.bound == fullest + DEFAULT.take_distance
        assert part.u.words <= part.u.bound + 2
        assert items / (lanes * part.u.words) > 0.9
    assert (program.input.v.words, program.hidden.v.words) == (128, 64)


def test_the_wide_design_holds_the_same_shape():
    image = pack(Plan.of_model(paper_shape.model(bits=16)), WIDE)
    program = image.program(0, 16)
    assert (program.input.u.words, program.hidden.u.words) <= (262, 214)
    assert image.program(0, 1).input.u.words < program.input.u.words


def test_prefixes_are_spread_where_not_all_fit():
    assert programs.spread(range(1, 17), 4) == (4, 8, 12, 16)
    assert programs.spread((1, 2, 5), 2) == (1, 5)
    assert programs.spread((1, 2, 5), 9) == (1, 2, 5)
    for count in range(1, 20):
        chosen = programs.spread(tuple(range(1, 14)), count)
        assert len(chosen) == len(set(chosen)) == min(count, 13)
        assert chosen[-1] == 13
    small = replace(DEFAULT, hidden=replace(DEFAULT.hidden, u_words=400))
    image = pack(Plan.of_model(paper_shape.model()), small)
    prefixes = [p.prefix for p in image.programs]
    assert 2 < len(prefixes) < 16 and prefixes[-1] == 16
    assert image.usage["hidden.u_words"][0] <= 400
    assert image.program(0, 1).prefix == prefixes[0]
    assert image.program(0, 99).prefix == 16


def test_programs_with_the_same_components_share_their_words():
    model = paper_shape.model(inputs=64, hidden=32, refinements=3)
    short = model.input.prefix(1)
    part = replace(
        model.input,
        counts=(1, 1, 1, 1),
        **{
            name: getattr(model.input, name)[:short] for name in ("u", "u_mask", "v", "v_mask", "s")
        },
    )
    image = pack(Plan.of_model(replace(model, input=part)), DEFAULT)
    assert [p.prefix for p in image.programs] == [1, 2, 3]
    assert len({p.input.u_start for p in image.programs}) == 1
    assert len({p.hidden.u_start for p in image.programs}) == 3
    assert image.usage["input.u_words"][0] == image.programs[0].input.u.words


def test_components_that_add_nothing_take_no_place():
    model = paper_shape.model(inputs=64, hidden=32, refinements=2)
    u, s = model.input.u.copy(), model.hidden.s.copy()
    u[3] = 0
    s[5] = 0
    changed = replace(model, input=replace(model.input, u=u), hidden=replace(model.hidden, s=s))
    program = pack(Plan.of_model(changed), TINY_ROOM).programs[-1]
    assert (program.input.components, program.hidden.components) == (7, 7)


TINY_ROOM = replace(DEFAULT, name="room", max_slots=TINY.max_slots)
