"""The interpreter, which is the check of the packer, rejects images with seeded faults."""

import struct
import zlib

import numpy as np
import pytest
from designs import TINY
from fitting_models import fitting_model
from image_interpreter import SECTIONS, Interpreter
from image_records import BadImage

from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Pair, Plan, Segment

LENGTHS = {"u": "u_beats", "s": "s_beats", "v": "v_beats"}


@pytest.fixture(scope="module")
def image():
    rng = np.random.default_rng(3)
    model = fitting_model(rng, TINY, (32, 32), (16, 16), max_components=2, whole=True)
    route = (Segment(0, 32), Segment(0, 8, 8, (0, 0)))
    plan = Plan((Pair(model, (0, None)), Pair(model, (1, None), (route, None), (1, 0))))
    return pack(plan, TINY)


def start(image, section):
    """First beat of a section."""
    counts = np.frombuffer(image.beats[3:5].tobytes(), "<u4")
    at = 5 + 2 * len(image.pairs) + 2 * len(image.programs)
    for name, count in zip(SECTIONS, counts.tolist()):
        if name == section:
            return at
        side, _, unit = name.partition("_")
        if name == "bias":
            at += count * TINY.bias_beats
        else:
            at += count * getattr(getattr(TINY, side), LENGTHS[unit])
    raise KeyError(section)


def signed(beats):
    """The image with the CRC that it needs."""
    body = beats[2:].tobytes()
    beats[1, 4:8] = np.frombuffer(struct.pack("<I", zlib.crc32(body)), np.uint8)
    return beats


PAIRS = 5
PROGRAMS = 5 + 2 * 2
FAULTS = {
    "magic": lambda b, at: b[0].__setitem__(0, 0),
    "hash": lambda b, at: b[0].__setitem__(9, b[0, 9] ^ 1),
    "pairs": lambda b, at: b[2].__setitem__(0, 5),
    "largest prefix": lambda b, at: b[2].__setitem__(8, 0),
    "collect": lambda b, at: b[2].__setitem__(12, b[2, 12] + 1),
    "x_tiles": lambda b, at: b[PAIRS].__setitem__(0, 7),
    "h_tiles": lambda b, at: b[PAIRS].__setitem__(2, 7),
    "external tiles": lambda b, at: b[PAIRS].__setitem__(4, 7),
    "route_start": lambda b, at: b[PAIRS].__setitem__(6, 200),
    "collected": lambda b, at: b[PAIRS].__setitem__(14, 2),
    "empty lane": lambda b, at: b[PAIRS + 1].__setitem__(12, 1),
    "s_shift": lambda b, at: b[PAIRS + 1].__setitem__(1, 48),
    "p_bits": lambda b, at: b[PAIRS + 1].__setitem__(6, 0),
    "u_start": lambda b, at: b[PROGRAMS].__setitem__(1, 255),
    "u_words": lambda b, at: b[PROGRAMS].__setitem__(2, 3),
    "slots": lambda b, at: b[PROGRAMS].__setitem__(6, 0),
    "v_words": lambda b, at: b[PROGRAMS].__setitem__(10, b[PROGRAMS, 10] - 1),
    "prefix": lambda b, at: b[PROGRAMS + 1].__setitem__(12, 9),
    "no take": lambda b, at: b[at["input_u"] + 2].__setitem__(1, 0),
    "slot of U": lambda b, at: b[at["hidden_u"] + 3].__setitem__(0, 15),
    "code of -128": lambda b, at: b[at["input_u"]].__setitem__(0, 128),
    "used before taken": lambda b, at: b[at["input_u"]].__setitem__(0, 1),
    "padding of U": lambda b, at: b[at["input_u"]].__setitem__(4, 1),
    "reserved bits of S": lambda b, at: b[at["input_s"]].__setitem__(6, 1),
    "index of V": lambda b, at: b[at["input_v"] + 4].__setitem__(0, 0x2F),
    "last of V": lambda b, at: b[at["input_v"] + 5].__setitem__(0, b[at["input_v"] + 5, 0] ^ 1),
    "kind of a term": lambda b, at: b[at["route"]].__setitem__(2, 3),
    "last of a route": lambda b, at: b[at["route"]].__setitem__(0, 0),
    "shift of a route": lambda b, at: b[at["route"]].__setitem__(6, 9),
}


@pytest.mark.parametrize("name", FAULTS)
def test_seeded_faults_are_rejected(image, name):
    beats = image.beats.copy()
    FAULTS[name](beats, {section: start(image, section) for section in SECTIONS})
    assert (beats != image.beats).any()
    with pytest.raises(BadImage):
        Interpreter(TINY, signed(beats))


def test_the_image_itself_is_accepted_and_damage_is_not(image):
    Interpreter(TINY, signed(image.beats.copy()))
    for place in np.random.default_rng(0).integers(0, image.beats.size, 60):
        beats = image.beats.copy()
        beats.flat[place] ^= 1
        with pytest.raises(BadImage):
            Interpreter(TINY, beats)


def test_a_truncated_image_is_rejected(image):
    for count in (1, 2, 5, 20, len(image.beats) - 1):
        with pytest.raises((BadImage, struct.error)):
            Interpreter(TINY, image.beats[:count])
