"""Model files for tests: compared field by field, written naively, taken apart and forged."""

import dataclasses
import hashlib
import json
import struct
import tracemalloc

import numpy as np
import pytest
from random_models import random_model

from pynq_lstm import model_file
from pynq_lstm.errors import ModelFormatError

ORDER = ["F32", "I32", "U16", "I16", "I8", "U8"]
ANYTHING = [
    None,
    True,
    False,
    "",
    "8",
    0,
    -1,
    1,
    3,
    1.5,
    8.0,
    1e300,
    2**31,
    2**70,
    -(2**70),
    [],
    {},
    [None],
    [True],
    ["x"],
    [-1],
    [0],
    [2**70],
    [[1]],
    [1.0],
    [1] * 65,
    {"a": 1},
]


def assert_same(a, b, name="model"):
    """Equal in every field, type, dtype and shape."""
    assert type(a) is type(b), name
    if dataclasses.is_dataclass(a):
        for field in dataclasses.fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name), f"{name}.{field.name}")
    elif isinstance(a, tuple):
        assert len(a) == len(b), name
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{name}[{i}]")
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), name
        assert np.array_equal(a, b), name
    else:
        assert a == b, name


def canonical(value):
    """docs/model_file.md, "Metadata"."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def naive_tensors(model):
    """docs/model_file.md, "Tensors", element by element: name to (dtype, shape, bytes)."""
    found = {}
    for j, bias in enumerate(model.bias):
        found[f"bias.{j}"] = ("I32", [len(bias)], b"".join(struct.pack("<i", b) for b in bias))
    if model.head is not None:
        for name in ("weight", "bias"):
            array = getattr(model.head, name)
            raw = b"".join(struct.pack("<f", value) for value in array.reshape(-1))
            found[f"head.{name}"] = ("F32", list(array.shape), raw)
    tensors_of = {
        "svd": _svd_tensors,
        "dense": _dense_tensors,
        "block_diagonal": _block_diagonal_tensors,
    }[model.method]
    for name in ("input", "hidden"):
        found.update(tensors_of(name, getattr(model, name), model.weight_bits))
    return found


def _svd_tensors(name, part, weight_bits):
    found = {f"{name}.s": _scalars(part.s)}
    for vector, rows in (("u", _u_rows(part)), ("v", _v_rows(part))):
        tile = getattr(part, f"{vector}_tile")
        bits, codes = [], []
        for elements, mask in rows:
            for k, present in enumerate(mask):
                bits.append(int(present))
                codes += [int(e) for e in elements[k * tile : (k + 1) * tile] if present]
        found[f"{name}.{vector}_mask"] = _u8(_grouped(bits, 8, 1))
        found[f"{name}.{vector}"] = _weights(codes, weight_bits)
    return found


def _dense_tensors(name, part, weight_bits):
    found = {}
    for j, (w, s) in enumerate(zip(part.w, part.s, strict=True)):
        found[f"{name}.s.{j}"] = _scalars(s)
        found[f"{name}.w.{j}"] = _weights([int(code) for row in w for code in row], weight_bits)
    return found


def _block_diagonal_tensors(name, part, weight_bits):
    found, p = {}, part.rank
    for j, (w, m) in enumerate(zip(part.w, part.m, strict=True)):
        hidden, inputs = len(w) // 4, w.shape[1]
        codes = [
            int(w[gate * hidden + i, k])
            for gate in range(4)
            for i in range(hidden)
            for k in range(inputs)
            if (i // p * p + k // p + i % p) % p == k % p  # eq. (7) as it is printed
        ]
        found[f"{name}.m.{j}"] = ("U16", [inputs], b"".join(struct.pack("<H", v) for v in m))
        found[f"{name}.w.{j}"] = _weights(codes, weight_bits)
    return found


def _scalars(s):
    return "I16", list(s.shape), b"".join(struct.pack("<h", value) for value in s.reshape(-1))


def _weights(codes, bits):
    if bits < 8:
        return _u8(_grouped([c & ((1 << bits) - 1) for c in codes], 8 // bits, bits))
    return "I8", [len(codes)], b"".join(struct.pack("<b", c) for c in codes)


def _u_rows(part):
    return list(zip(part.u, part.u_mask, strict=True))


def _v_rows(part):
    gates = range(4) if part.gate_stacked else None
    return [
        (part.v[r, g], part.v_mask[r, g])
        for r in range(len(part.v))
        for g in gates or [part.gate[r]]
    ]


def _grouped(values, count, width):
    groups = [values[i : i + count] for i in range(0, len(values), count)]
    return bytes(sum(v << width * i for i, v in enumerate(group)) for group in groups)


def _u8(raw):
    return "U8", [len(raw)], raw


def take_apart(raw):
    """Metadata (with its hash) and tensors, name to (dtype, shape, bytes), of a file."""
    length = struct.unpack("<Q", raw[:8])[0]
    header, buffer = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    metadata = json.loads(header.pop("__metadata__")["pynq_lstm"])
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = (entry["dtype"], entry["shape"], buffer[begin:end])
    return metadata, tensors


def forge(metadata, tensors, rehash=True, header=None, text=None):
    """A file of any metadata and tensors, with a hash that is right for them.

    Parameters
    ----------
    metadata : dict
    tensors : dict
        Name to (dtype, shape, bytes).
    rehash : bool
        False keeps the hash that `metadata` has.
    header : callable, optional
        Changes the header (a dict), in place or by returning text.
    text : callable, optional
        Maps the final metadata text to another one.
    """
    ordered = sorted(tensors, key=lambda n: (ORDER.index(tensors[n][0]), n))
    buffer = b"".join(tensors[name][2] for name in ordered)
    metadata = dict(metadata)
    if rehash:
        metadata.pop("sha256", None)
        digest = hashlib.sha256(canonical(metadata).encode() + buffer)
        metadata["sha256"] = digest.hexdigest()
    stated = canonical(metadata) if text is None else text(canonical(metadata))
    entries, begin = {"__metadata__": {"pynq_lstm": stated}}, 0
    for name in ordered:
        dtype, shape, raw = tensors[name]
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, begin + len(raw)]}
        begin += len(raw)
    return with_header((header(entries) if header else None) or entries, buffer)


def with_header(header, buffer=b""):
    """A safetensors file of a header, text or JSON value, and a buffer."""
    raw = header if isinstance(header, bytes) else None
    if raw is None:
        raw = (header if isinstance(header, str) else json.dumps(header)).encode()
    raw += b" " * (-len(raw) % 8)
    return struct.pack("<Q", len(raw)) + raw + buffer


def sample(rich=lambda model: True, draw=random_model):
    """A small valid file of what `draw` draws, taken apart; `rich` says which model will do."""
    seed = 0
    while not rich(model := draw(np.random.default_rng(seed))):
        seed += 1
    return take_apart(model_file.to_bytes(model))


def refused(raw, text, most=1 << 20):
    """`raw` is refused with an error like `text`, within `most` bytes of new memory."""
    tracemalloc.start()
    try:
        with pytest.raises(ModelFormatError, match=text) as caught:
            model_file.from_bytes(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most, f"{peak} bytes for a file of {len(raw)}"
    assert caught.value.field and caught.value.remedy and str(caught.value)


def huge(metadata, **changes):
    """Metadata of one model with enormous sizes."""
    part = {"counts": [65536] * 4, "s_shift": [0], "u_tile": 65536, "v_tile": 65536}
    return {
        **metadata,
        "input_sizes": [65536],
        "hidden_sizes": [65536],
        "pre_shift": [0],
        "cell_fraction_bits": [8],
        "x_inverse_scale": [1.0],
        "weight_bits": 8,
        "classes": None,
        "input": part,
        "hidden": part,
        **changes,
    }


def masked(components, inputs, hidden):
    """A file of absent tiles only: few bytes, large arrays."""
    part = {"counts": [components], "s_shift": [0], "u_tile": inputs, "v_tile": hidden}
    tensors = {"bias.0": ("I32", [4 * hidden], bytes(16 * hidden))}
    for name in ("input", "hidden"):
        tensors[f"{name}.s"] = ("I16", [components, 1], bytes(2 * components))
        tensors[f"{name}.u"] = tensors[f"{name}.v"] = ("I8", [0], b"")
        tensors[f"{name}.u_mask"] = _u8(bytes(-(-components // 8)))
        tensors[f"{name}.v_mask"] = _u8(bytes(-(-components // 2)))
    sizes = {"input_sizes": [inputs], "hidden_sizes": [hidden]}
    return huge(sample()[0], input=part, hidden={**part, "u_tile": hidden}, **sizes), tensors
