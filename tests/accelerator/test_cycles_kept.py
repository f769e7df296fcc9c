"""Cycles that are modelled again and again: nothing that is kept shows, and events play as told."""

import copy
import gc
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from designs import BLOCKS, TINY
from random_designs import random_image

from pynq_lstm.accelerator.cycles import run_cycles, wave_cycles, wave_period
from pynq_lstm.accelerator.latencies import Latencies, Loop
from pynq_lstm.accelerator.timing import run, wave
from pynq_lstm.accelerator.timing.kept import KEPT, Kept
from pynq_lstm.accelerator.timing.play import Play


def forget(images):
    for image in images:
        vars(image).pop("_kept", None)


@pytest.fixture
def made(monkeypatch):
    """Names of what is made, not taken from what is kept."""
    names = []

    def told(make):
        def making(*arguments):
            names.append(make.__name__)
            return make(*arguments)

        return making

    for module, name in ((wave, "_steps"), (run, "_primes")):
        monkeypatch.setattr(module, name, told(getattr(module, name)))
    return names


@pytest.fixture
def images():
    rng = np.random.default_rng(5)
    return [random_image(rng, design) for design in (TINY, BLOCKS, TINY) for _ in range(2)]


def request(rng, images):
    """What `run_cycles` may be asked for, of one of few images and prefixes."""
    image = images[rng.integers(len(images))]
    latencies = Latencies.of(image.design)
    if rng.random() < 0.3:
        latencies = replace(latencies, depth_factor=2)
    state, keep = rng.integers(0, 2, 2).astype(bool).tolist()
    refinements = None if rng.random() < 0.2 else int(rng.integers(1, 9))
    lengths = rng.integers(1, 6, int(rng.integers(1, 4))).tolist()
    return image, lengths, refinements, state, keep, latencies


def test_nothing_that_is_kept_shows(images, made):
    rng = np.random.default_rng(6)
    asked = [request(rng, images) for _ in range(60)]
    found = [run_cycles(*each) for each in asked]
    assert 0 < made.count("_steps") < 100 and 0 < made.count("_primes") < 40  # of 120 and 60
    for each, cycles in zip(asked, found):
        forget(images)
        assert run_cycles(*each) == cycles
    assert len(set(found)) > 30


def test_every_prefix_takes_its_programs(images):
    for image in images:
        for refinements in (*range(1, 12), 65_535):
            calls = wave.steps(image, refinements, Latencies.of(image.design))
            programs = [image.program(k, refinements) for k in range(len(image.pairs))]
            assert all(call.program is own for call, own in zip(calls, programs))
    assert any(len(image.programs) > len(image.pairs) for image in images)


def test_what_is_kept_is_kept_with_its_image(images):
    """And nothing else holds an image; few results are kept, whoever asks first."""
    image = images.pop()
    own = Latencies.of(image.design)
    before = run_cycles(image, [3])
    for factor in range(1, 2 * KEPT):
        run_cycles(image, [3], latencies=replace(own, depth_factor=factor))
    assert Kept.of(image).result.cache_info().currsize == KEPT
    again = pickle.loads(pickle.dumps(image))
    assert not Kept.of(again).result.cache_info().currsize and run_cycles(again, [3]) == before
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: run_cycles(again, [2, 3]), range(16))) == {
            run_cycles(image, [2, 3])
        }
    known = weakref.ref(image)
    del image
    gc.collect()
    assert known() is None


def test_latencies_cannot_be_changed(images):
    image = images[0]
    own = Latencies.of(image.design)
    slower = Loop(own.loops["step_tiles"].depth + 7)
    with pytest.raises(TypeError):
        own.loops["step_tiles"] = slower
    given = dict(own.loops)
    other = replace(own, loops=given)
    given["step_tiles"] = slower  # of what was given, not of what was made of it
    assert other == own == pickle.loads(pickle.dumps(own)) == copy.deepcopy(own)
    changed = replace(own, loops=given)
    assert changed != own
    assert run_cycles(image, [3], latencies=changed) > run_cycles(image, [3], latencies=own)


def test_equal_latencies_hash_the_same():
    own = Latencies.load()
    other = replace(own, loops=dict(reversed(own.loops.items())))
    assert own == other and hash(own) == hash(other)


def test_the_period_is_the_wave(images):
    for image in images:
        for refinements in (None, 1, 3):
            assert wave_period(image, refinements) == wave_cycles(image, refinements).wave


# --- events of calls --------------------------------------------------------------------------
def naive(first, calls):
    """Times of events by definition: the latest of what each waits for."""
    done = [first]

    def time(name, own, events):
        return max(offset + past(*event, own, events) for event, offset in events[name].items())

    def past(name, before, own, events):
        if not before:
            return time(name, own, events)
        having = [times for times in done if name in times]
        return having[-before][name] if before <= len(having) else -np.inf

    for events in calls:
        done.append({name: time(name, done, events) for name in events})
    return done[1:]


def random_events(rng, names):
    """Events that wait for some before them in a random order, and for earlier calls'."""
    order = [names[n] for n in rng.permutation(len(names))[: rng.integers(1, len(names) + 1)]]
    events = {}
    for n, name in enumerate(order):
        form = {("a", 1): 1} if rng.random() < 0.5 else {(name, 1): int(rng.integers(0, 9))}
        for other in order[:n]:
            if rng.random() < 0.4:
                form[other, 0] = np.int64(rng.integers(0, 20))
        for _ in range(rng.integers(0, 3)):
            source = names[rng.integers(len(names))], int(rng.integers(1, 5))
            form[source] = float(rng.integers(-4, 20))
        events[name] = form
    return dict(sorted(events.items()))


def test_events_happen_when_all_that_they_wait_for_has():
    rng = np.random.default_rng(7)
    for _ in range(50):
        kinds = [random_events(rng, "abcdefg") for _ in range(3)]
        calls = [kinds[n] for n in rng.integers(0, 3, 12)]
        first = {"a": 5.0, "c": 9.0}
        play = Play(first)
        assert [play.call(events) for events in calls] == naive(first, calls)
