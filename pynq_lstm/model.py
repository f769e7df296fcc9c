"""CompressedModel: an immutable network of integers and scales.

The meaning of every field is defined in ``docs/numerics.md``, its bytes in
``docs/model_file.md``. A constructed model is a valid one: `model_checks.check` runs
in every constructor.
"""

import numbers
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Mapping, Optional, Tuple

import numpy as np

from pynq_lstm import model_checks, provenance
from pynq_lstm.errors import InputError
from pynq_lstm.head import Head

GATES = ("i", "f", "g", "o")
PARTS = ("input", "hidden")  # the sides of an LSTM, by the names of their fields


def list_places(counts):
    """Where components stand that are ordered by refinement, within it by list.

    Parameters
    ----------
    counts : sequence of int
        Components of each list.

    Returns
    -------
    place, list : ndarray, (sum of counts,), int64
    """
    order = [(r, g) for r in range(max(counts)) for g, n in enumerate(counts) if n > r]
    return tuple(np.array(order, np.int64).T)


_TUPLES = (
    "input_sizes",
    "hidden_sizes",
    "x_inverse_scale",
    "cell_fraction_bits",
    "pre_shift",
    "bias",
    "prefixes",
)


def _plain(value):
    """NumPy's numbers as Python's, arrays read-only."""
    if isinstance(value, np.ndarray):
        return _frozen(value)
    return value.item() if isinstance(value, np.generic) else value


def _frozen(array):
    array = np.array(array, order="C")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Part:
    """The rank-1 components of one side of the LSTMs: the input's or the hidden state's.

    A component r adds ``s[r, j] * v[r] * (u[r] . x_j)`` to the gates of model j
    (Ribes et al. 2020, "Key Computation").

    Attributes
    ----------
    counts : tuple of int
        Components of each list: four numbers (gates i, f, g, o) in the per-gate
        form, one in the gate-stacked form.
    u : ndarray, (components, inputs), int8
        Ordered by refinement, within it by gate. Absent tiles are zero.
    u_mask : ndarray, (components, u tiles), bool
        Present tiles.
    v : ndarray, (components, 4, hidden), int8
    v_mask : ndarray, (components, 4, v tiles), bool
    s : ndarray, (components, models), int16
    s_shift : tuple of int
        One for each model: p = round(d * s / 2^s_shift).
    u_tile, v_tile : int
        Elements of a tile.
    """

    counts: Tuple[int, ...]
    u: np.ndarray
    u_mask: np.ndarray
    v: np.ndarray
    v_mask: np.ndarray
    s: np.ndarray
    s_shift: Tuple[int, ...]
    u_tile: int
    v_tile: int

    def __post_init__(self):
        for name in ("u", "u_mask", "v", "v_mask", "s"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        for name in ("counts", "s_shift"):
            object.__setattr__(self, name, tuple(_plain(v) for v in getattr(self, name)))

    @property
    def gate_stacked(self):
        """Whether one component serves the four gates."""
        return len(self.counts) == 1

    @cached_property
    def refinement(self):
        """Place of each component in its list, (components,) int64, ascending."""
        return list_places(self.counts)[0]

    @cached_property
    def gate(self):
        """Gate of each component, (components,) int64; 0 throughout in the stacked form."""
        return list_places(self.counts)[1]

    def prefix(self, refinements):
        """How many components the first `refinements` refinements hold."""
        return int(np.searchsorted(self.refinement, refinements))


@dataclass(frozen=True, eq=False)
class CompressedModel:
    """N LSTMs whose weights are rank-1 components with shared u and v.

    Raises
    ------
    ModelFormatError
        A field is out of range, shapes disagree, or an accumulator could overflow.

    Attributes
    ----------
    input_sizes, hidden_sizes : tuple of int
        One for each model.
    activation_bits : int
        Of x and h: 8 or 16.
    weight_bits : int
        Of u and v: 8 or 4.
    p_bits : int
        Of the scaled dot products p: 4 to 16.
    x_inverse_scale : tuple of float
        Codes a unit of x, one for each model, float32 values.
    cell_fraction_bits : tuple of int
        c has the scale 2^-cell_fraction_bits.
    pre_shift : tuple of int
        The accumulator's scale is 2^-(12 + pre_shift).
    input, hidden : Part
    bias : tuple of ndarray, (4 * hidden,), int32
        In the accumulator's scale, gates i, f, g, o.
    head : Head or None
    prefixes : tuple of int or None
        The values of `refinements` that may be asked for; None: any.
    provenance : mapping
        Where the model comes from: strings and numbers, for people.
    """

    input_sizes: Tuple[int, ...]
    hidden_sizes: Tuple[int, ...]
    activation_bits: int
    weight_bits: int
    p_bits: int
    x_inverse_scale: Tuple[float, ...]
    cell_fraction_bits: Tuple[int, ...]
    pre_shift: Tuple[int, ...]
    input: Part
    hidden: Part
    bias: Tuple[np.ndarray, ...]
    head: Optional[Head] = None
    prefixes: Optional[Tuple[int, ...]] = None
    provenance: Mapping = field(default_factory=dict)

    def __post_init__(self):
        for name in _TUPLES:
            value = getattr(self, name)
            if isinstance(value, (list, tuple)):  # anything else is refused by the check
                object.__setattr__(self, name, tuple(_plain(v) for v in value))
        checked = provenance.checked(self.provenance)
        object.__setattr__(self, "provenance", MappingProxyType(checked))
        model_checks.check(self)
        scales = tuple(float(np.float32(v)) for v in self.x_inverse_scale)
        object.__setattr__(self, "x_inverse_scale", scales)

    def __reduce__(self):
        """Pickled as its file, so that what is unpickled was checked."""
        from pynq_lstm import model_file

        return model_file.from_bytes, (model_file.to_bytes(self),)

    @property
    def models(self):
        """How many LSTMs run side by side."""
        return len(self.hidden_sizes)

    @property
    def hidden_fraction_bits(self):
        """h has the scale 2^-hidden_fraction_bits."""
        return self.activation_bits - 1

    @property
    def max_refinements(self):
        """Length of the longest list of components."""
        return max(self.input.counts + self.hidden.counts)

    def served(self, refinements=None):
        """Check a prefix that is asked for.

        Parameters
        ----------
        refinements : int, optional
            A list with fewer components gives all it has. None stands for the
            largest prefix that is served.

        Returns
        -------
        int
            1 to `max_refinements`.

        Raises
        ------
        InputError
            Not an integer of at least 1, or not one of `prefixes` where there are any.
        """
        if refinements is None:
            return self.prefixes[-1] if self.prefixes else self.max_refinements
        whole = isinstance(refinements, numbers.Integral) and not isinstance(refinements, bool)
        if not whole or refinements < 1 or refinements not in (self.prefixes or (refinements,)):
            remedy = f"choose from {list(self.prefixes)}" if self.prefixes else "choose 1 or more"
            raise InputError(
                "refinements", refinements, "a prefix that this model does not serve", remedy
            )
        return min(int(refinements), self.max_refinements)

    @cached_property
    def content_hash(self):
        """Hash of everything in the model, 64 hexadecimal digits; its file states it too."""
        from pynq_lstm import model_file

        return model_file.content_hash(self)

    def with_provenance(self, provenance):
        """The same model with another provenance."""
        return replace(self, provenance=provenance)

    def save(self, path):
        """Write the model to a file; see `pynq_lstm.model_file.save`."""
        from pynq_lstm import model_file

        model_file.save(self, path)

    @classmethod
    def load(cls, path):
        """Read a model from a file; see `pynq_lstm.model_file.load`."""
        from pynq_lstm import model_file

        return model_file.load(path)
