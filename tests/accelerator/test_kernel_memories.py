"""The list of memories against the kernel's sources: names, depths of FIFOs, bound storage."""

import re
from pathlib import Path

import pytest

from pynq_lstm.accelerator import kernel_memories
from pynq_lstm.accelerator.design import Design

ROOT = Path(__file__).resolve().parents[2]
SHARED = {"region": ("",), "execute": ("",)}
DESIGNS = {
    name: Design.load(ROOT / f"overlays/{name}/design.json")
    for name in ("svd_lstm", "block_diagonal_lstm")
}


@pytest.fixture(scope="module", params=DESIGNS)
def design(request):
    return DESIGNS[request.param]


@pytest.fixture(scope="module")
def listed(design):
    memories = kernel_memories.arrays(design) + kernel_memories.fifos(design)
    return {memory.name: memory for memory in memories}


def left_to_vitis(design):
    """Small ones that no pragma binds: the list assumes where they go."""
    flags = [f"{part}_{name}" for part in ("input", "hidden") for name in ("u.takes", "v.lasts")]
    shallow = [memory.name for memory in kernel_memories.fifos(design) if memory.depth <= 4]
    return {*flags, "route.words", *shallow}


def constants(texts, design):
    """Depths by their names in the sources."""
    known = {
        "kMaxPairs": design.max_pairs,
        "kMaxHTiles": design.max_h_tiles,
        "kMaxXTiles": design.max_x_tiles,
        "kMaxSlots": getattr(design, "max_slots", None),
    }
    for name, value in re.findall(r"constexpr int (k\w*Depth) = ([^;]+);", "".join(texts)):
        factors = value.replace("design::", "").split("*")
        product = 1
        for factor in factors:
            product *= known[factor.strip()] if "k" in factor else int(factor)
        known[name] = product
    return known


def sources(texts, design):
    """Arrays, FIFOs with their depths, and storage pragmas, by the names of the list."""
    arrays, depths, storage = set(), {}, {}
    named = constants(texts, design)
    for text in texts:
        for function, body in functions(text):
            for owner in SHARED.get(function, (function,)):
                of = f"{owner}." if owner else ""
                arrays |= {of + n for n in re.findall(r"^ +static \w+ (\w+)\[", body, re.M)}
                for names in re.findall(
                    r"^ +(?:static )?hls::stream<[^;&]*> (\w[^;&]*);", body, re.M
                ):
                    depths |= {of + n: 2 for n in re.findall(r"(\w+)(?:\(\"|\[)", names)}
                for n, depth in re.findall(r"HLS STREAM variable=(\w+) depth=(\w+)", body):
                    depths[of + n] = int(depth) if depth.isdigit() else named[depth]
                bound = r"HLS BIND_STORAGE variable=(\w+) type=\w+ impl=(\w+)"
                storage |= {of + n: impl for n, impl in re.findall(bound, body)}
    return arrays, depths, storage


def functions(text):
    """Names and bodies of the functions of a source."""
    parts = re.split(
        r"^(?:static |inline )*(?:void|bool|\w+) (\w+)\((?=[^;]*?\{)", text, flags=re.M
    )
    return list(zip(parts[1::2], parts[2::2]))


@pytest.fixture(scope="module")
def kernel(design):
    folders = [ROOT / "hls_src" / name for name in ("common", design.kernel)]
    files = sorted(path for folder in folders for path in folder.glob("*.[hc]*"))
    return sources([path.read_text() for path in files], design)


def test_every_array_and_fifo_of_the_kernel_is_listed(kernel, listed):
    arrays, depths, _ = kernel
    assert arrays | depths.keys() == listed.keys()
    assert len(arrays) > 10 and len(depths) >= 18


def test_fifos_have_the_depths_of_the_kernel(kernel, listed):
    _, depths, _ = kernel
    assert {name: listed[name].depth for name in depths} == depths


def test_storage_is_what_the_pragmas_say(kernel, listed):
    _, _, storage = kernel
    assert len(storage) >= 10
    assert {name: listed[name].implementation for name in storage} == storage


def test_what_no_pragma_binds_is_known(kernel, listed, design):
    _, _, storage = kernel
    assert listed.keys() - storage.keys() <= left_to_vitis(design)


def test_what_the_kernel_adds_is_seen():
    source = """
inline void sigma_unit(int n) {
  static Unit more[4];
#pragma HLS BIND_STORAGE variable=more type=ram_2p impl=uram
  hls::stream<A<B>> one("one"), two("two");
#pragma HLS STREAM variable=one depth=7
}
"""
    arrays, depths, storage = sources([source], DESIGNS["svd_lstm"])
    assert arrays == {"sigma_unit.more"}
    assert depths == {"sigma_unit.one": 7, "sigma_unit.two": 2}
    assert storage == {"sigma_unit.more": "uram"}
