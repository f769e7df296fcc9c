"""The back end in C: packs a model once, then hands batches to the kernels."""

import importlib
from pathlib import Path

import numpy as np

from pynq_lstm.errors import BackendError
from pynq_lstm.reference import IntegerResult
from pynq_lstm.tiles import element_mask, tile_count


class CpuBackend:
    """Runs a compressed model in C on one core, with the bits of `reference.run`.

    The weights are packed once. A call allocates its own scratch memory and
    releases the interpreter's lock while it computes.

    Parameters
    ----------
    model : CompressedModel

    Raises
    ------
    BackendError
        The kernels are not built, or the back end is closed.
    """

    name = "cpu"
    timing = None  # the session measures the run

    def __init__(self, model):
        kernel = _load()
        self._ffi, self._lib = kernel.ffi, kernel.lib
        self._kept = []  # what the kernels read; the last is the structure that points at the rest
        self._sizes = model.hidden_sizes
        self._widths = tuple(
            tile_count(max(sizes), kernel.lib.LSTM_BLOCK) * kernel.lib.LSTM_BLOCK
            for sizes in (model.input_sizes, model.hidden_sizes)
        )
        self._parts = model.input, model.hidden
        self._kept.append(self._pack(model))

    def run(self, x, h, c, lengths, refinements):
        """Run a batch of sequences; arguments and result are those of `reference.run`.

        Parameters
        ----------
        x : list of ndarray, (batch, time, input), int
            Codes of x, one array for each model.
        h, c : list of ndarray, (batch, hidden), int
            Not changed.
        lengths : ndarray, (batch,), int
        refinements : int

        Returns
        -------
        IntegerResult
            Arrays of int16.
        """
        kept = self._kept  # a `close` by another thread during the call frees nothing
        if not kept:
            raise BackendError("backend", self.name, "closed", "make another one")
        batch, time = x[0].shape[:2]
        inputs, hidden = self._widths
        x, h, c = stack(x, inputs), stack(h, hidden), stack(c, hidden)
        out = np.zeros((len(self._sizes), batch, time, hidden), np.int16)
        acc = np.empty((len(self._sizes), 4, hidden), np.int32)
        lengths = np.ascontiguousarray(lengths, np.int64)
        view = self._ffi.from_buffer
        call = self._ffi.new(
            "struct lstm_batch *",
            (
                batch,
                time,
                *(part.prefix(refinements) for part in self._parts),
                view("int64_t[]", lengths),
                *(view("int16_t[]", a) for a in (x, h, c, out)),
                view("int32_t[]", acc),
            ),
        )
        self._lib.lstm_run_batch(kept[-1], call)
        out, h, c = ([a[j, ..., :size] for j, size in enumerate(self._sizes)] for a in (out, h, c))
        saturated = {"p": call.p_saturated, "pre": call.pre_saturated, "c": call.c_saturated}
        return IntegerResult(out, h, c, saturated)

    def close(self):
        """Free the packed weights; a second call does nothing."""
        self._kept = []

    def _pack(self, model):
        block = self._lib.LSTM_BLOCK
        inputs, hidden = self._widths
        bias = np.zeros((model.models, 4, hidden), np.int32)
        for j, size in enumerate(model.hidden_sizes):
            bias[j, :, :size] = model.bias[j].reshape(4, size)
        return self._ffi.new(
            "struct lstm_model *",
            {
                "models": model.models,
                "input_blocks": inputs // block,
                "hidden_blocks": hidden // block,
                "activation_bits": model.activation_bits,
                "p_bits": model.p_bits,
                "input_sizes": self._keep("int64", model.input_sizes),
                "hidden_sizes": self._keep("int64", model.hidden_sizes),
                "pre_shift": self._keep("int32", model.pre_shift),
                "cell_fraction_bits": self._keep("int32", model.cell_fraction_bits),
                "bias": self._keep("int32", bias),
                "input": self._pack_part(model.input),
                "hidden": self._pack_part(model.hidden),
            },
        )

    def _pack_part(self, part):
        return {
            "u": self._pack_vectors(part.u[:, None, :], part.u_mask[:, None, :], part.u_tile),
            "v": self._pack_vectors(part.v, part.v_mask, part.v_tile),
            "s": self._keep("int16", part.s),
            "s_shift": self._keep("int32", part.s_shift),
        }

    def _pack_vectors(self, vectors, mask, tile):
        codes, runs, first = pack(vectors, mask, tile, self._lib.LSTM_BLOCK)
        return {
            "codes": self._keep("int8", codes),
            "runs": self._ffi.cast("struct lstm_run *", self._keep("int64", runs)),
            "first": self._keep("int64", first),
        }

    def _keep(self, dtype, values):
        """A C array of `values` that lives until `close`."""
        array = np.ascontiguousarray(values, dtype)
        self._kept.append(self._ffi.from_buffer(f"{dtype}_t[]", array))
        return self._kept[-1]


def stack(arrays, width):
    """One int16 array of all models, the last axis padded with zeros to `width`."""
    stacked = np.zeros((len(arrays), *arrays[0].shape[:-1], width), np.int16)
    for j, array in enumerate(arrays):
        stacked[j, ..., : array.shape[-1]] = array
    return stacked


def pack(vectors, mask, tile, block):
    """Cut vectors into blocks and leave out those without an element of a present tile.

    Parameters
    ----------
    vectors : ndarray, (components, rows, length), int8
        Zero in absent tiles.
    mask : ndarray, (components, rows, tiles), bool
        Present tiles.
    tile, block : int
        Elements of a tile and of a block; the last of either may be ragged.

    Returns
    -------
    codes : ndarray, (present blocks, block), int8
    runs : ndarray, (runs, 4), int64
        Row, start, blocks, place among the codes: ``struct lstm_run``.
    first : ndarray, (components + 1,), int64
        The first run of each component.
    """
    components, rows, length = vectors.shape
    margin = ((0, 0), (0, 0), (0, tile_count(length, block) * block - length))
    cut = (components, rows, -1, block)
    present = np.pad(element_mask(mask, tile, length), margin).reshape(cut).any(axis=-1)
    edges = np.diff(np.pad(present, ((0, 0), (0, 0), (1, 1))), axis=-1)
    component, row, place = (a.reshape(-1, 2) for a in np.nonzero(edges))  # begin and end of runs
    start, count = place[:, 0], place[:, 1] - place[:, 0]
    runs = np.stack([row[:, 0], start, count, np.cumsum(count) - count], axis=1)
    first = np.searchsorted(component[:, 0], np.arange(components + 1))
    return np.pad(vectors, margin).reshape(cut)[present], runs, first


def _load():
    try:
        return importlib.import_module("pynq_lstm.runtime.cpu._kernel")
    except ImportError as error:
        build = Path(__file__).with_name("build.py")
        raise BackendError(
            "backend",
            "cpu",
            f"its C kernels are not built ({error})",
            f"run: python {build} (needs cffi, setuptools and a C compiler)",
        ) from error
