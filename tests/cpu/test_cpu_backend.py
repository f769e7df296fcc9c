"""The CPU back end as every back end is: its arguments, its end, its absence."""

import sys

import numpy as np
import pytest
from cpu_checks import assert_equal, check, opened, with_expected
from random_models import random_input, random_model

from pynq_lstm import reference
from pynq_lstm.errors import BackendError
from pynq_lstm.runtime.cpu import backend
from pynq_lstm.runtime.cpu.backend import CpuBackend
from pynq_lstm.runtime.reference_backend import ReferenceBackend


def test_arguments_of_any_layout_are_left_unchanged(kernel):
    rng = np.random.default_rng(80_000)
    model = random_model(rng)
    x, h, c, lengths, refinements = random_input(rng, model)
    x, h, c = ([np.asfortranarray(a.astype(np.int32)) for a in arrays] for arrays in (x, h, c))
    before = [a.copy() for a in x + h + c]
    arguments = x, h, c, lengths.astype(np.int32), refinements
    check(with_expected(model, arguments), kernel)
    for a, b in zip(x + h + c, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_results_are_the_callers_own(kernel):
    rng = np.random.default_rng(81_000)
    model = random_model(rng)
    arguments = random_input(rng, model)
    expected = reference.run(model, *arguments)
    cpu = opened(model, kernel)
    for _ in range(3):
        first = cpu.run(*arguments)
        cpu.run(*([0 * a for a in side] for side in arguments[:3]), *arguments[3:])
        assert_equal(first, expected)
        for array in first.out + first.h + first.c:
            array[...] = 7


def test_more_shapes_than_are_kept(kernel):
    rng = np.random.default_rng(82_000)
    model = random_model(rng)
    cases = []
    while len({case[1][0][0].shape for case in cases}) <= backend.BINDINGS:
        cases.append(with_expected(model, random_input(rng, model, max_batch=8, max_time=9)))
    cpu = opened(model, kernel)
    for _ in range(2):
        for _, arguments, expected in cases:
            assert_equal(cpu.run(*arguments), expected)


def test_a_call_that_gets_no_turn_gives_up(kernel, monkeypatch):
    rng = np.random.default_rng(83_000)
    model = random_model(rng)
    cpu, arguments = opened(model, kernel), random_input(rng, model)
    monkeypatch.setattr(backend, "WAIT_SECONDS", 0.05)
    cpu._busy[0] = 1
    with pytest.raises(BackendError, match=r"session = 'busy': no turn within 0.05 s; wait for"):
        cpu.run(*arguments)
    cpu._busy[0] = 0
    assert_equal(cpu.run(*arguments), reference.run(model, *arguments))


def test_the_reference_backend_is_the_reference():
    rng = np.random.default_rng(100_000)
    model = random_model(rng)
    arguments = random_input(rng, model)
    plain = ReferenceBackend(model)
    assert_equal(plain.run(*arguments), reference.run(model, *arguments))
    plain.close()
    assert (plain.name, CpuBackend.name) == ("reference", "cpu")


def test_a_closed_backend_refuses_to_run():
    rng = np.random.default_rng(110_000)
    model = random_model(rng)
    cpu = CpuBackend(model)
    cpu.close()
    cpu.close()
    with pytest.raises(BackendError, match="backend = 'cpu': closed; make another one"):
        cpu.run(*random_input(rng, model))


def test_missing_kernels_are_refused_with_the_command_that_builds_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynq_lstm.runtime.cpu._kernel", None)
    with pytest.raises(BackendError, match=r"kernels are not built .*; run: python .*build\.py"):
        CpuBackend(random_model(np.random.default_rng(0)))
