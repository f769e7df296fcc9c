"""Images that lie end in a status of the block-diagonal kernel, never outside its buffers.

Which of them it must refuse says a reader of the page, written from its words.
"""

import struct

import numpy as np
import pytest
from designs import BLOCKS_TINY
from random_plans import block_model, random_arguments, random_plan
from test_hostile import BAD_CRC, BAD_HEADER, FIELDS, build_player, command, play_hostile, with_crc

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.errors import CapacityError, PlanError

pytestmark = pytest.mark.hls
BEAT, D = 16, BLOCKS_TINY
HEADER, PAIR, PROGRAM = 5 * BEAT, 2 * BEAT, 2 * BEAT


@pytest.fixture(scope="module")
def player(tmp_path_factory):
    return build_player(D, tmp_path_factory.mktemp("player"))


@pytest.fixture(scope="module")
def good():
    """A plan with routes, its image, and a RUN of it."""
    rng = np.random.default_rng(11)
    while True:
        try:
            plan = random_plan(rng, {"activation_bits": 8, "weight_bits": 4}, 12, 2, block_model)
            image = pack(plan, D)
        except (CapacityError, PlanError):
            continue
        if plan.collected and len(plan.pairs) > 1:
            break
    x, h, c, lengths, refinements = random_arguments(rng, plan)
    beats = buffers.run_input(image, x, h, c, lengths)
    room = buffers.output_beats(image, lengths)
    return image, command(Command.RUN, beats, room, len(lengths), refinements, 5)


class Reader:
    """Programs, columns and weights of an image, as the page has them."""

    def __init__(self, data):
        self.data = data
        self.pairs, self.programs = struct.unpack_from("<2I", data, 2 * BEAT)
        self.counts = struct.unpack_from("<8I", data, 3 * BEAT)
        sizes = (D.column_beats, D.word_beats, D.column_beats, D.word_beats, D.bias_beats, 1)
        self.first = HEADER + PAIR * self.pairs + PROGRAM * self.programs
        self.bases, at = [], self.first
        for count, beats in zip(self.counts, sizes):
            self.bases.append(at)
            at += count * beats * BEAT

    def lies(self):
        """Whether something of the engine's own is not as the page says."""
        for k in range(self.pairs):
            x_tiles, h_tiles = struct.unpack_from("<2H", self.data, HEADER + PAIR * k)
            for side, tiles in enumerate((x_tiles, h_tiles)):
                at = HEADER + PAIR * self.pairs + PROGRAM * k + BEAT * side
                if self._part_lies(struct.unpack_from("<8H", self.data, at), side, tiles, h_tiles):
                    return True
        return False

    def _part_lies(self, program, side, tiles, h_tiles):
        column, word, words, groups, rank, shift, _, zero = program
        rows = rank * groups
        limits = (D.input, D.hidden)[side]
        if rank not in (2, 4, 8, 16) or not groups or rows > limits.rows or shift > 15 or zero:
            return True
        if words != groups * h_tiles or column + tiles > self.counts[2 * side]:
            return True
        if word + words > self.counts[2 * side + 1]:
            return True
        columns = (
            self._record(2 * side, D.column_beats, column + tile, D.units * 4)
            for tile in range(tiles)
        )
        if any(self._columns_lie(*record, rows) for record in columns):
            return True
        used = D.multiplier_count // 2  # codes of 4 bits
        weights = (self._record(2 * side + 1, D.word_beats, word + n, used) for n in range(words))
        return any(
            any(byte & 15 == 8 or byte >> 4 == 8 for byte in codes) or any(rest)
            for codes, rest in weights
        )

    def _record(self, section, beats, number, used):
        at = self.bases[section] + number * beats * BEAT
        record = self.data[at : at + beats * BEAT]
        return record[:used], record[used:]

    @staticmethod
    def _columns_lie(record, rest, rows):
        banks = []
        for m, bank, row in struct.iter_unpack("<HBB", record):
            if bank == 255:
                if m or row:
                    return True
                continue
            if bank >= D.columns or row >= rows:
                return True
            banks.append(bank)
        return len(set(banks)) < len(banks) or any(rest)


def changed_at(data, rng, begin, end):
    """Some bytes between these places replaced, and a CRC that is right."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 3))):
        values = [0, 1, 2, 4, 8, 15, 16, 127, 128, 136, 255, rng.integers(256)]
        changed[int(rng.integers(begin, end))] = int(rng.choice(values))
    return with_crc(bytes(changed))


def test_what_the_page_forbids_is_refused_and_nothing_else(player, good, record_property):
    data, rng, run = good[0].beats.tobytes(), np.random.default_rng(1), good[1]
    own = Reader(data)
    assert not own.lies()
    programs = HEADER + PAIR * own.pairs
    refused, accepted = [], []
    for n in range(2000):
        end = own.first if n % 2 else own.bases[4]
        mutant = changed_at(data, rng, programs, end)
        prefixes = [
            struct.unpack_from("<H", mutant, programs + BEAT * k + 12)[0]
            for k in range(2 * own.programs)
        ]
        if prefixes != [1] * len(prefixes):
            continue  # a rule of all engines
        (refused if Reader(mutant).lies() else accepted).append(mutant)
    assert len(refused) > 500 and len(accepted) > 100
    statuses = play_hostile(
        player, good, [command(Command.LOAD, mutant) for mutant in refused], record_property
    )
    assert set(statuses) <= {5, 6} and len(set(statuses)) == 2
    commands = [part for mutant in accepted for part in (command(Command.LOAD, mutant), run)]
    assert all(status == 0 for status, *_ in player(commands))


def test_bytes_anywhere_stay_within_the_buffers(player, good):
    data, rng, run = good[0].beats.tobytes(), np.random.default_rng(2), good[1]
    commands = []
    for _ in range(1500):
        mutant = changed_at(data, rng, 2 * BEAT, Reader(data).first)
        commands += [command(Command.LOAD, mutant), run]
    answers = player(commands)
    assert len(answers) == len(commands) and {status for status, *_ in answers} > {0, 5}


def test_headers_that_lie_are_refused(player, good, record_property):
    data = good[0].beats.tobytes()
    hostile, wanted = [], []
    for bit in range(2 * BEAT * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        hostile.append(command(Command.LOAD, bytes(changed)))
        wanted.append(FIELDS.get(bit // 32, BAD_HEADER))
    for beats in range(len(data) // BEAT):
        hostile.append(command(Command.LOAD, data[: beats * BEAT]))
        wanted.append(BAD_HEADER)
    assert play_hostile(player, good, hostile, record_property) == wanted
    assert BAD_CRC in wanted
