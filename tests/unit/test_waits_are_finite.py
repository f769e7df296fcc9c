"""No wait in the sources is without an end."""

import re
from pathlib import Path

import pytest
from waits import unbounded

PACKAGE = Path(__file__).parents[2] / "pynq_lstm"
# no waits: they end by themselves, and why
NOT_WAITS = {
    "compression": "iterations of algorithms, each with its own limit",
    "budgets": "each turn takes a model of those that are allowed, or leaves fewer ranks",
    "exploration": "each turn settles points of a finite space, or makes one of its tries",
    "accelerator/timing": "paths through finite graphs",
    "wiring": "finite graphs and texts, each turn leaves less of them",
    "importers/keras_file": "layers of a chain, each turn leaves less of them",
    "importers/onnx_graph": "the values of a step, each turn leaves less of them",
    "while not digits or numbers.any():": "each turn divides the numbers",
    "self._process_lock.acquire()": "at once or not at all: flock with LOCK_NB",
    "holder.acquire()": "the same",
    "return self.acquire()": "the same",
}


def test_no_module_waits_for_ever():
    found, used = [], set()
    for path in sorted(PACKAGE.rglob("*.py")):
        name, source = path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")
        for line, what in unbounded(source):
            reason = {source.splitlines()[line - 1].strip()} | {str(p) for p in Path(name).parents}
            if reason & NOT_WAITS.keys():
                used |= reason
            else:
                found.append(f"{name}:{line}: {what}")
    assert not found, "\n".join(found)
    assert used >= NOT_WAITS.keys() - {"compression"}  # no exception outlives its reason


def test_loops_of_the_c_access_look_at_a_deadline():
    source = (PACKAGE / "runtime/fpga/access.c").read_text(encoding="utf-8")
    loops = re.findall(r"\b(?:while|for)\s*\(.*\)", source)
    assert loops
    assert all("deadline" in loop for loop in loops)


@pytest.mark.parametrize(
    "source",
    [
        "while not kernel.done():\n    pass",
        "while True:\n    if kernel.done():\n        break",
        "lock.acquire()",
        "event.wait()",
        "thread.join()",
        "future.result()",
        "queue.get()",
        "subprocess.run(command)",
        "process.communicate()",
        "fcntl.flock(file, fcntl.LOCK_EX)",
        "await asyncio.wait_for(event.wait())",
    ],
)
def test_a_wait_without_an_end_is_found(source):
    assert unbounded(source if "await" not in source else f"async def f():\n    {source}")


@pytest.mark.parametrize(
    "source",
    [
        "while not kernel.done():\n    if clock.now() >= until:\n        return",
        "while size < wanted:\n    size *= 2",
        "lock.acquire(timeout=3)",
        "thread.join(5)",
        "', '.join(names)",
        "names.get('a')",
        "subprocess.run(command, timeout=5)",
        "fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "await asyncio.wait_for(event.wait(), 3)",
    ],
)
def test_a_wait_with_an_end_is_not(source):
    assert not unbounded(source if "await" not in source else f"async def f():\n    {source}")
