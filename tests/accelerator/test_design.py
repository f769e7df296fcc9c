"""Designs: strict to read, one text, one hash; their header compiles and guards what divides."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
from designs import DEFAULT, NAMES, OVERLAYS, TINY, WIDE, shipped

from pynq_lstm.accelerator import config, native
from pynq_lstm.accelerator.design import Design
from pynq_lstm.errors import DesignError

MISSING = object()


def changed(path, value, base=TINY):
    """The JSON of a design with one field changed, added or left out."""
    values = asdict(base)
    *parents, name = path.split(".")
    inside = values
    for parent in parents:
        inside = inside[parent]
    if value is MISSING:
        del inside[name]
    else:
        inside[name] = value
    return json.dumps(values)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_designs(name):
    design = shipped(name)
    assert design.name == name
    assert Design.from_json(design.to_json()) == design
    text = json.dumps(
        json.loads((OVERLAYS / name / "design.json").read_text()),
        sort_keys=True,
        separators=(",", ":"),
    )
    assert design.to_json() == text
    digest = hashlib.sha256(text.encode()).digest()
    assert design.hash64 == int.from_bytes(digest[:8], "little")


def test_hashes_differ():
    designs = [DEFAULT, TINY, WIDE, replace(TINY, take_distance=5), replace(TINY, clock_mhz=100)]
    assert len({d.hash64 for d in designs}) == len(designs)
    assert replace(TINY, take_distance=5) != TINY


def test_derived_sizes():
    assert (DEFAULT.max_x_tiles, DEFAULT.max_h_tiles, DEFAULT.x_tiles("hidden")) == (64, 64, 32)
    assert (DEFAULT.x_beats, DEFAULT.h_beats, DEFAULT.c_beats, DEFAULT.bias_beats) == (1, 1, 2, 16)
    assert (WIDE.x_beats, WIDE.h_beats, WIDE.c_beats, WIDE.bias_beats) == (2, 2, 2, 16)
    assert (TINY.x_beats, TINY.h_beats, TINY.c_beats, TINY.bias_beats) == (1, 1, 1, 4)
    part = DEFAULT.hidden
    assert (part.u_beats, part.s_beats, part.v_beats) == (15, 7, 37)
    part = TINY.hidden
    assert (part.u_beats, part.s_beats, part.v_beats) == (4, 2, 4)


BAD = [
    ("name", MISSING, r"design\.name = None: missing; take it from a design"),
    ("surprise", 1, r"design\.surprise = 1: unknown; leave it out"),
    ("input.surprise", 1, r"design\.input\.surprise = 1: unknown"),
    ("hidden.u_lanes", MISSING, r"design\.hidden\.u_lanes = None: missing"),
    ("input", 3, r"design\.input = 3: not an object"),
    ("name", "Bad Name", "not a name"),
    ("name", 7, "not a name"),
    ("part", "", "not a name"),
    ("version", 0, "out of range; use 1 to 65535"),
    ("clock_mhz", 200.0, r"clock_mhz = 200\.0: not an integer"),
    ("max_pairs", True, "max_pairs = True: not an integer"),
    ("activation_bits", 12, "activation_bits = 12: out of range; use one of 8, 16"),
    ("p_bits", 17, "p_bits = 17: out of range; use 4 to 16"),
    ("u_tile", 32, "u_tile = 32: out of range; use one of 4, 8, 16"),
    ("v_tile", 4, "v_tile = 4: not half of u_tile 4"),
    ("max_inputs", 33, "max_inputs = 33: not whole tiles of 4; use a multiple"),
    ("max_inputs", 1028, "max_inputs = 1028: more than 256 tiles; use 1024 at most"),
    ("max_hidden", 18, "max_hidden = 18: not whole tiles"),
    ("max_slots", 17, "max_slots = 17: out of range; use 1 to 16"),
    ("max_programs", 3, "max_programs = 3: less than 4: one for each pair"),
    ("max_route_words", 7, "max_route_words = 7: less than 8"),
    ("take_distance", 0, "take_distance = 0: out of range"),
    ("input.u_lanes", 17, r"input\.u_lanes = 17: out of range; use 1 to 16"),
    ("input.v_lanes", 0, "out of range"),
    ("input.u_words", 7, r"input\.u_words = 7: less than 8"),
    ("hidden.u_words", 3, "less than 4"),
    ("hidden.v_words", 7, "less than 8"),
    ("input.s_words", 65536, "out of range"),
    ("max_pairs", 129, "max_pairs = 129: out of range"),
]


@pytest.mark.parametrize("path, value, text", BAD)
def test_what_is_wrong_is_named(path, value, text):
    with pytest.raises(DesignError, match=text):
        Design.from_json(changed(path, value))


@pytest.mark.parametrize(
    "text, problem",
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        (b"\xff", "not JSON"),
        ('{"name": "a", "name": "b"}', "a duplicate key"),
        ("[[[[[[[[1]]]]]]]]", "nested too deeply"),
    ],
)
def test_other_texts_are_refused(text, problem):
    with pytest.raises(DesignError, match=problem):
        Design.from_json(text)


def test_a_design_made_in_python_is_checked_too():
    with pytest.raises(DesignError, match="u_lanes = 20"):
        replace(TINY, input=replace(TINY.input, u_lanes=20))
    with pytest.raises(DesignError, match="input"):
        replace(TINY, input=None)


# --- config.h -------------------------------------------------------------------------------


def constants(header):
    found = re.findall(r"^(\s*)(?:static )?constexpr \S+ (k\w+) = (\w+?)u?l?l?;$", header, re.M)
    return {name: int(value, 0) for indent, name, value in found if not indent}


def test_constants_of_the_header():
    values = constants(config.config_header(DEFAULT))
    assert values["kDesignHash"] == DEFAULT.hash64
    assert (values["kMagic"], values["kImageMagic"]) == (0x4D54534C, 0x474D4950)
    assert (values["kVersion"], values["kImageVersion"]) == (1, 1)
    assert (values["kUTile"], values["kVTile"], values["kPBits"]) == (16, 8, 10)
    assert (values["kMaxXTiles"], values["kMaxHTiles"], values["kMaxSlots"]) == (64, 64, 16)


@pytest.fixture(scope="module")
def compiler():
    found = shutil.which("g++") or shutil.which("clang++")
    return found or pytest.skip("no C++ compiler")


def compiles(compiler, text, folder):
    source = folder / "config.cpp"
    source.write_text(text)
    command = [compiler, "-std=c++14", "-fsyntax-only", "-Wno-pragma-once-outside-header"]
    command += ["-DHLS_NATIVE", "-w", f"-I{native.SOURCES}", f"-I{native.SOURCES / 'shims'}"]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, timeout=60)
    return done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_the_header_compiles(name, compiler, tmp_path):
    good, problem = compiles(compiler, config.config_header(shipped(name)), tmp_path)
    assert good, problem


@pytest.mark.parametrize(
    "old, new",
    [
        ("kVTile = 8", "kVTile = 4"),
        ("kMaxInputs = 1024", "kMaxInputs = 1020"),
        ("kMaxHidden = 512", "kMaxHidden = 500"),
        ("kMaxSlots = 16", "kMaxSlots = 17"),
        ("kULanes = 13", "kULanes = 17"),
        ("kVWords = 1024", "kVWords = 63"),
        ("kActivationBits = 8", "kActivationBits = 9"),
    ],
)
def test_the_header_guards_its_numbers(old, new, compiler, tmp_path):
    header = config.config_header(DEFAULT)
    assert old in header
    good, problem = compiles(compiler, header.replace(old, new), tmp_path)
    assert not good and "static assertion failed" in problem.replace(
        "static_assert", "static assertion"
    )


def test_the_command_prints_the_header_or_one_line():
    command = [sys.executable, "-m", "pynq_lstm.accelerator.config"]
    path = str(OVERLAYS / "svd_lstm" / "design.json")
    done = subprocess.run([*command, path], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == (config.config_header(DEFAULT), 0)
    done = subprocess.run([*command, __file__], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr.count("\n") == 1 and "not JSON" in done.stderr
