"""Images and registers that lie end in a status, never outside the buffers; the old image works on.

The kernel is built with AddressSanitizer and UndefinedBehaviorSanitizer and plays files of
commands in a process of its own. After every hostile command comes a RUN of the good image,
which must still give the same answer.
"""

import struct
import subprocess
import zlib

import numpy as np
import pytest
from designs import TINY
from image_interpreter import Interpreter
from image_records import BadImage
from random_plans import random_arguments, random_plan

from pynq_lstm.accelerator import buffers, native
from pynq_lstm.accelerator.config import config_header
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.errors import CapacityError

BEAT = 16
SANITIZE = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
BAD_COMMAND, BAD_HEADER, BAD_CRC, SHORT_INPUT, SHORT_OUTPUT, BAD_LENGTH = 1, 3, 4, 7, 8, 9
OTHER_ENGINE = 10
FIELDS = {5: BAD_CRC, 6: OTHER_ENGINE}  # words of the header whose bits have a status of their own


@pytest.fixture(scope="module")
def player(tmp_path_factory):
    """A program that plays commands under the sanitizers."""
    return build_player(TINY, tmp_path_factory.mktemp("player"))


def build_player(design, folder):
    """Compile it; what plays a list of commands."""
    (folder / "config.h").write_text(config_header(design))
    program = folder / "player"
    sources = native.SOURCES
    command = ["g++", "-std=c++14", "-w", "-DHLS_NATIVE", *SANITIZE]
    command += [f"-I{p}" for p in (sources, folder, sources / "shims")]
    here, kernel = __file__.rsplit("/", 1)[0], design.kernel
    command += ["-include", str(sources / kernel / f"{kernel}.h"), f"-DTOP={kernel}"]
    command += [str(sources / kernel / f"{kernel}.cpp"), f"{here}/player.cpp"]
    subprocess.run([*command, "-o", str(program)], check=True, timeout=300)

    def play(commands, name="commands"):
        path = folder / name
        path.write_bytes(b"".join(commands))
        done = subprocess.run(
            [str(program), str(path)], capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]

    return play


def command(code, beats=b"", out_beats=0, sequences=1, refinements=1, state=0, in_beats=None):
    data = beats if isinstance(beats, bytes) else np.ascontiguousarray(beats).tobytes()
    there = len(data) // BEAT
    claimed = there if in_beats is None else in_beats
    return struct.pack("<7I", code, sequences, refinements, state, claimed, out_beats, there) + data


@pytest.fixture(scope="module")
def good():
    """A plan with routes, its image, and a RUN of it."""
    rng = np.random.default_rng(11)
    bits = {"activation_bits": 8, "p_bits": 10}
    while True:
        try:
            image = pack(random_plan(rng, bits), TINY)
        except CapacityError:
            continue
        if image.plan.collected and len(image.plan.pairs) > 1:
            break
    x, h, c, lengths, refinements = random_arguments(rng, image.plan)
    beats = buffers.run_input(image, x, h, c, lengths)
    room = buffers.output_beats(image, lengths)
    return image, command(Command.RUN, beats, room, len(lengths), refinements, 5)


def with_crc(data):
    """The image with its CRC made right again."""
    return data[:20] + struct.pack("<I", zlib.crc32(data[2 * BEAT :])) + data[24:]


def play_hostile(player, good, hostile, record_property):
    """Statuses of hostile commands; the good RUN after each answers as before."""
    image, run = good
    commands = [command(Command.LOAD, image.beats), run]
    for one in hostile:
        commands += [one, run]
    answers = player(commands)
    assert len(answers) == len(commands)
    assert answers[0][0] == answers[1][0] == 0
    assert all(after[:3] == answers[1][:3] for after in answers[3::2])
    runs = [run for _, _, _, run in answers if run]
    assert runs == list(range(1, len(runs) + 1))  # what is refused does not count
    assert all(run for _, _, _, run in answers[1::2])
    statuses = [status for status, *_ in answers[2::2]]
    record_property("refused", sum(status != 0 for status in statuses))
    return statuses


def test_headers_that_lie_are_refused(player, good, record_property):
    """Every bit of the first two beats, every truncation, some extensions."""
    data = good[0].beats.tobytes()
    hostile, wanted = [], []
    for bit in range(2 * BEAT * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        hostile.append(command(Command.LOAD, bytes(changed)))
        wanted.append(FIELDS.get(bit // 32, BAD_HEADER))
    for beats in range(0, len(data) // BEAT):
        hostile.append(command(Command.LOAD, data[: beats * BEAT]))
        wanted.append(BAD_HEADER)
    hostile.append(command(Command.LOAD, data + bytes(BEAT)))
    wanted.append(BAD_HEADER)
    assert play_hostile(player, good, hostile, record_property) == wanted


def test_bits_that_flip_are_refused(player, good, record_property):
    data = good[0].beats.tobytes()
    rng = np.random.default_rng(0)
    hostile = []
    for _ in range(300):
        changed = bytearray(data)
        changed[int(rng.integers(2 * BEAT, len(data)))] ^= 1 << int(rng.integers(8))
        hostile.append(command(Command.LOAD, bytes(changed)))
    assert set(play_hostile(player, good, hostile, record_property)) == {BAD_CRC}


def refused_by_the_page(data):
    """Why the page's naive reader refuses an image, or None."""
    try:
        Interpreter(TINY, np.frombuffer(data, np.uint8).reshape(-1, BEAT))
    except (BadImage, IndexError, struct.error) as reason:
        return str(reason) or type(reason).__name__
    return None


def mutants(data, rng, count):
    """Images with some bytes replaced, mostly in the directory, and a CRC that is right."""
    directory = 5 * BEAT + 4 * 2 * BEAT
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(int(rng.integers(1, 3))):
            end = directory if rng.random() < 0.5 else len(data)
            at = int(rng.integers(2 * BEAT, end))
            changed[at] = int(rng.choice([0, 1, 2, 15, 16, 127, 128, 255, rng.integers(256)]))
        if bytes(changed) != data:
            yield with_crc(bytes(changed))


def test_directories_and_records_that_lie_are_refused(player, good, record_property):
    """With a right CRC: what the page forbids is refused, the rest runs within its buffers."""
    image, run = good
    data = image.beats.tobytes()
    harmless = ("padding", "reserved", "last of V", "s of an empty lane")
    hostile, reasons, accepted = [], [], []
    for changed in mutants(data, np.random.default_rng(1), 3000):
        reason = refused_by_the_page(changed)
        if reason is None:
            accepted.append(changed)
        elif not reason.startswith(harmless):
            hostile.append(command(Command.LOAD, changed))
            reasons.append(reason)
    statuses = play_hostile(player, good, hostile, record_property)
    wrong = {reason for status, reason in zip(statuses, reasons) if status == 0}
    assert not wrong
    assert len(hostile) > 700 and len(set(reasons)) > 20 and len(accepted) > 100
    commands = [part for changed in accepted for part in (command(Command.LOAD, changed), run)]
    assert len(player(commands)) == len(commands)


def test_registers_that_lie_are_refused(player, good, record_property):
    image, run = good
    beats = np.frombuffer(run[28:], np.uint8).reshape(-1, BEAT)
    _, sequences, refinements, _, in_beats, room, _ = struct.unpack_from("<7I", run)
    hostile, wanted = [], []

    def refuse(status, *args, **named):
        hostile.append(command(*args, **named))
        wanted.append(status)

    for code in (7, 8, 255, 2**31, 2**32 - 1):
        refuse(BAD_COMMAND, code, beats, room, sequences, refinements, 5)
    for value in (0, 65536, 2**32 - 1):
        refuse(BAD_COMMAND, Command.RUN, beats, room, value, refinements, 5)
        refuse(BAD_COMMAND, Command.RUN, beats, room, sequences, value, 5)
    for state in (3, 7, 8, 255, 2**32 - 1):
        refuse(BAD_COMMAND, Command.RUN, beats, room, sequences, refinements, state)
    for short in range(1, len(beats)):
        refuse(SHORT_INPUT, Command.RUN, beats[:-short], room, sequences, refinements, 5)
    refuse(
        SHORT_INPUT, Command.RUN, np.vstack([beats, 0 * beats[:1]]), room, sequences, refinements, 5
    )
    for less in range(1, room + 1):
        refuse(SHORT_OUTPUT, Command.RUN, beats, room - less, sequences, refinements, 5)
    for length in (0, 65536, 2**31, 2**32 - 1):
        changed = beats.copy()
        changed[0, :4] = np.frombuffer(struct.pack("<I", length), np.uint8)
        refuse(BAD_LENGTH, Command.RUN, changed, room, sequences, refinements, 5)
    changed = beats.copy()
    changed[0, 9] = 1
    refuse(BAD_LENGTH, Command.RUN, changed, room, sequences, refinements, 5)
    state = buffers.state_beats(image)
    for wrong in {0, 1, state - 1, state + 1}:
        refuse(SHORT_INPUT, Command.STATE_WRITE, np.zeros((wrong, BEAT), np.uint8))
    for short in range(state):
        refuse(SHORT_OUTPUT, Command.STATE_READ, out_beats=short)
    refuse(SHORT_OUTPUT, Command.ECHO, beats, len(beats) - 1)
    assert play_hostile(player, good, hostile, record_property) == wanted


def test_nothing_runs_before_an_image(player, good):
    _, run = good
    state = [command(c) for c in (Command.STATE_READ, Command.STATE_WRITE, Command.RESET_STATE)]
    assert {status for status, *_ in player([run, *state])} == {2}
