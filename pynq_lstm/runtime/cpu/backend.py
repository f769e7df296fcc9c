"""The back end in C: packs a model once, then hands batches to the kernels."""

import importlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from pynq_lstm.errors import BackendError
from pynq_lstm.reference import IntegerResult
from pynq_lstm.runtime.cpu import groups
from pynq_lstm.runtime.cpu.packing import Layout, aligned


class CpuBackend:
    name = "cpu"
    timing = None  # the session measures the run

    def __init__(self, model, threads=1, kernel=None):
        built = _load()
        self._ffi, self._lib = built.ffi, built.lib
        import os
        self._kernel = self._lib.lstm_kernel_at(int(os.environ.get('KERN','0')))
        self._model, self._threads = model, threads
        self._packed(model.max_refinements)

    @lru_cache(maxsize=4)
    def _packed(self, refinements):
        return Packed(self._ffi, self._kernel, self._model, refinements)

    def run(self, x, h, c, lengths, refinements):
        packed = self._packed(min(refinements, self._model.max_refinements))
        batch, time = x[0].shape[:2]
        lib, ffi = self._lib, self._ffi
        lengths = np.asarray(lengths)
        order = np.argsort(-lengths, kind="stable").astype(np.int32)
        sizes, widths = self._model.hidden_sizes, self._model.input_sizes
        flat = lambda arrays: np.concatenate([np.ascontiguousarray(a, np.int16).ravel() for a in arrays])
        x, h, c = flat(x), flat(h), flat(c)
        out = np.zeros(batch * time * sum(sizes), np.int16)
        h_out, c_out = np.empty_like(h), np.empty_like(c)
        call = Call(ffi, lib, packed, batch, time, order, lengths[order].astype(np.int32), True)
        counts = ffi.new("int64_t[]", lib.LSTM_COUNTS)
        view = ffi.from_buffer
        call.run(lib, self._kernel, self._threads, view(x), view(h), view(c), view(out), view(h_out), view(c_out), counts)
        split = np.cumsum(sizes)[:-1]
        out = [a.reshape(batch, time, s) for a, s in zip(np.split(out, split * batch * time), sizes)]
        h, c = ([a.reshape(batch, s) for a, s in zip(np.split(v, split * batch), sizes)] for v in (h_out, c_out))
        return IntegerResult(out, h, c, {"p": counts[2], "pre": counts[3], "c": counts[4]})

    def close(self):
        pass


class Packed:
    def __init__(self, ffi, kernel, model, refinements):
        self.ffi, self.model, self.kept = ffi, model, []
        layout = Layout.of(ffi, kernel.layout)
        self.groups = groups.groups_of(model)
        self.structs = [self._group(layout, model, g, refinements) for g in self.groups]
        self.pointers = self._hold(ffi.new("struct lstm_group *[]", self.structs))

    def _hold(self, value):
        self.kept.append(value)
        return value

    def _array(self, dtype, values, ctype=None):
        a = np.ascontiguousarray(values, dtype)
        return self._hold(self.ffi.from_buffer((ctype or f"{np.dtype(dtype).name}_t") + "[]", a))

    def _matrix(self, m):
        panel = self._hold(self.ffi.new("struct lstm_panel[]", [(*map(int, p), int(o)) for p, o in zip(m.panels, m.offsets)]))
        run = self._hold(self.ffi.new("struct lstm_run[]", [tuple(map(int, r)) for r in m.runs]))
        return {"panels": len(m.panels), "rows": m.rows, "panel": panel, "run": run, "weights": self._hold(self.ffi.from_buffer("uint8_t[]", m.weights))}

    def _part(self, p):
        return {"u": self._matrix(p.u), "v": self._matrix(p.v), "start": self._array(np.int32, p.start), "scale": self._array(np.int32, p.scale), "s_shift": self._array(np.int32, p.s_shift), "exact": p.exact, "words": p.words}

    def _group(self, layout, model, group, refinements):
        wide, p_wide = model.activation_bits > 8, model.p_bits > 8
        members = group.members
        packed = groups.pack_group(layout, model, group, refinements)
        pick = lambda values: [values[j] for j in members]
        return self._hold(self.ffi.new("struct lstm_group *", {
            "models": len(members), "size": group.size, "units": layout.padded(group.size),
            "wide": wide, "p_wide": p_wide, "p_bits": model.p_bits, "direct": model.method == "dense",
            "input_sizes": self._array(np.int32, pick(model.input_sizes)),
            "pre_shift": self._array(np.int32, pick(model.pre_shift)),
            "cell_fraction_bits": self._array(np.int32, pick(model.cell_fraction_bits)),
            "x_inverse_scale": self._array(np.float32, pick(model.x_inverse_scale), "float"),
            "bias": self._array(np.int32, packed.bias), "joined": packed.joined, "clip_first": packed.clip_first,
            "input": self._part(packed.input), "hidden": self._part(packed.hidden),
        }))


class Call:
    def __init__(self, ffi, lib, packed, batch, time, order, lengths, codes):
        self.kept, self.packed = [], packed
        hold = lambda v: (self.kept.append(v), v)[1]
        model = packed.model
        offsets = lambda sizes, n: np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) * n
        xo, oo, so = offsets(model.input_sizes, batch * time), offsets(model.hidden_sizes, batch * time), offsets(model.hidden_sizes, batch)
        structs, scratch = [], []
        arr = lambda a: hold(ffi.from_buffer(f"{a.dtype.name}_t[]", np.ascontiguousarray(a)))
        for g, s in zip(packed.groups, packed.structs):
            columns = batch * len(g.members)
            chunk = max(1, min(time, (256 << 10) // (columns * 16 * s.units)))
            b = hold(ffi.new("struct lstm_batch *", {"batch": batch, "time": time, "chunk": chunk, "codes": codes,
                "x_offset": arr(xo[g.members]), "out_offset": arr(oo[g.members]), "state_offset": arr(so[g.members])}))
            if lengths is not None:
                b.lengths, b.order = arr(lengths), arr(order)
            structs.append(b)
            scratch.append(hold(ffi.from_buffer("uint8_t[]", aligned(np.zeros(lib.lstm_scratch_bytes(s, b, columns), np.uint8)))))
        self.batches = hold(ffi.new("struct lstm_batch *[]", structs))
        self.scratch = hold(ffi.new("uint8_t *[]", scratch))

    def run(self, lib, kernel, threads, x, h, c, out, h_out, c_out, counts):
        return lib.lstm_infer(kernel, self.packed.pointers, self.batches, len(self.packed.structs), threads, self.scratch, x, h, c, out, h_out, c_out, counts)


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
