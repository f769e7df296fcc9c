"""Every field of the metadata, of every method: missing, unknown, of every wrong type."""

import pytest
from model_files import ANYTHING, forge, refused, sample
from random_block_models import random_block_model
from random_dense_models import random_dense_model
from random_models import random_model

from pynq_lstm import model_file
from pynq_lstm.errors import ModelFormatError

# with how many wrong values there are at least, of a model that has lists of two
METHODS = {
    "svd": (random_model, 1000),
    "dense": (random_dense_model, 700),
    "block_diagonal": (random_block_model, 900),
}
PLACES = ((), ("input",), ("hidden",))


def replaced(metadata, place, inner):
    """The metadata with `inner` at its place."""
    return {**metadata, place[0]: inner} if place else inner


@pytest.mark.parametrize("draw", [draw for draw, _ in METHODS.values()], ids=METHODS)
def test_missing_and_unknown_fields(draw):
    metadata, tensors = sample(draw=draw)
    for place in PLACES:
        inner = metadata[place[0]] if place else metadata
        for name in set(inner) - {"sha256"}:
            changed = {key: value for key, value in inner.items() if key != name}
            path = ".".join(("metadata", *place, name))
            text = f"^{path} = None: missing; give a file"
            refused(forge(replaced(metadata, place, changed), tensors), text)
        path = ".".join(("metadata", *place, "extra"))
        changed = replaced(metadata, place, {**inner, "extra": 1})
        refused(forge(changed, tensors), f"^{path} = 1: unknown; copy the file again")


@pytest.mark.parametrize("draw, least", METHODS.values(), ids=METHODS)
def test_every_field_of_every_wrong_type(draw, least):
    metadata, tensors = sample(lambda model: model.models == 2, draw)
    loaded = attempts = 0
    for place in PLACES:
        inner = metadata[place[0]] if place else metadata
        for name, value in inner.items():
            places = range(len(value)) if type(value) is list else ()
            inside = ([*value[:i], x, *value[i + 1 :]] for i in places for x in ANYTHING)
            for wrong in [*ANYTHING, *inside]:
                changed = replaced(metadata, place, {**inner, name: wrong})
                attempts += 1
                try:
                    model_file.from_bytes(forge(changed, tensors))
                    loaded += 1
                except ModelFormatError as error:
                    assert str(error)
    assert attempts > least and loaded < attempts / 5
