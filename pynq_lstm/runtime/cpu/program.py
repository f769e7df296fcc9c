"""A model as the structures of kernel.h, for one prefix of its components."""

import numpy as np

from pynq_lstm.runtime.cpu import groups
from pynq_lstm.runtime.cpu.packing import Layout, aligned


class Program:
    """What the kernels run; its memory lives as long as this object.

    Parameters
    ----------
    ffi : cffi.FFI
    kernel : ``struct lstm_kernel *``
    model : CompressedModel
    refinements : int
        Components of a list beyond it are left out.

    Attributes
    ----------
    groups : list of Group
    structures : list of ``struct lstm_group *``
    step_bytes : list of int
        Weights that a step reads, of each group.
    """

    def __init__(self, ffi, kernel, model, refinements):
        self._ffi, self._kept = ffi, []
        layout = Layout.of(ffi, kernel.layout)
        self.groups = groups.groups_of(model)
        packed = [groups.pack_group(layout, model, g, refinements) for g in self.groups]
        self.structures = [self._group(layout, model, g, p) for g, p in zip(self.groups, packed)]
        self.step_bytes = [_step_bytes(p) for p in packed]
        self.pointers = ffi.new("struct lstm_group *[]", self.structures)

    def _group(self, layout, model, group, packed):
        members = group.members
        pre_shift = packed.pre_shift or [model.pre_shift[j] for j in members]
        return self._keep(
            self._ffi.new(
                "struct lstm_group *",
                {
                    "models": len(members),
                    "size": group.size,
                    "units": layout.padded(group.size),
                    "wide": model.activation_bits > 8,
                    "p_wide": model.p_bits > 8,
                    "p_bits": model.p_bits,
                    "direct": model.method == "dense",
                    "blocks": model.method == "block_diagonal",
                    "gate_shift": 16 - model.gate_bits,
                    "cell_shift": 16 - model.cell_bits,
                    "joined": packed.joined,
                    "clip_first": packed.clip_first,
                    "input_sizes": self._of(members, model.input_sizes),
                    "pre_shift": self._array(np.array(pre_shift, np.int32)),
                    "cell_fraction_bits": self._of(members, model.cell_fraction_bits),
                    "x_inverse_scale": self._of(members, model.x_inverse_scale, np.float32),
                    "bias": self._array(aligned(packed.bias)),
                    "input": self._part(packed.input),
                    "hidden": self._part(packed.hidden),
                },
            )
        )

    def _part(self, part):
        fields = {} if part.operands is None else {"operands": self._operands(part.operands)}
        return {
            **fields,
            "u": self._matrix(part.u),
            "v": self._matrix(part.v),
            "start": self._array(part.start),
            "scale": self._array(part.scale),
            "s_shift": self._array(part.s_shift),
            "exact": part.exact,
            "words": part.words,
        }

    def _operands(self, operands):
        fields = {**operands._asdict(), "codes": len(operands.index)}
        for name in ("multiplier", "halves", "start", "index"):
            fields[name] = self._array(fields[name])
        return fields

    def _matrix(self, matrix):
        return {
            "panels": len(matrix.panels),
            "rows": matrix.rows,
            "panel": self._keep(self._ffi.new("struct lstm_panel[]", matrix.panels)),
            "run": self._keep(self._ffi.new("struct lstm_run[]", matrix.runs)),
            "weights": self._array(matrix.weights),
        }

    def _of(self, members, values, dtype=np.int32):
        return self._array(np.array([values[j] for j in members], dtype))

    def _array(self, array):
        return self._keep(c_array(self._ffi, array))

    def _keep(self, structure):
        self._kept.append(structure)
        return structure


def _step_bytes(packed):
    return packed.hidden.u.weights.nbytes + packed.hidden.v.weights.nbytes


_NAMES = {"float32": "float"}


def c_array(ffi, array):
    """A C array over the memory of an array, or of a contiguous copy; it keeps that alive."""
    name = array.dtype.name
    return ffi.from_buffer(f"{_NAMES.get(name, name + '_t')}[]", np.ascontiguousarray(array))
