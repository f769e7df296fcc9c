"""CompressedModel: an immutable network of integers and scales.

The meaning of every field is defined in ``docs/numerics.md``, its bytes in
``docs/model_file.md``. A constructed model is a valid one: `model_checks.check` runs
in every constructor.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Mapping, Optional, Tuple, Union

import numpy as np

from pynq_lstm import model_checks, prefixes, provenance
from pynq_lstm.head import Head
from pynq_lstm.immutable import freeze
from pynq_lstm.parts import BlockDiagonalPart, DensePart, Part

GATES = ("i", "f", "g", "o")
PARTS = ("input", "hidden")  # the sides of an LSTM, by the names of their fields
AnyPart = Union[Part, DensePart, BlockDiagonalPart]

_TUPLES = (
    "input_sizes",
    "hidden_sizes",
    "x_inverse_scale",
    "cell_fraction_bits",
    "pre_shift",
    "bias",
    "prefixes",
)


@dataclass(frozen=True, eq=False)
class CompressedModel:
    """N LSTMs of integers: rank-1 components, dense or block-diagonal matrices.

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
        Of u and v, or of w: 8 or 4; of a block-diagonal w also 2.
    p_bits : int
        Of the scaled dot products p: 4 to 16. Of a block-diagonal model, of the normalised
        elements of x and h, the operands of w: 4, 6 or 8.
    x_inverse_scale : tuple of float
        Codes a unit of x, one for each model, float32 values.
    cell_fraction_bits : tuple of int
        c has the scale 2^-cell_fraction_bits.
    pre_shift : tuple of int
        The accumulator's scale is 2^-(12 + pre_shift).
    input, hidden : Part, DensePart or BlockDiagonalPart
        Both of one kind.
    bias : tuple of ndarray, (4 * hidden,), int32
        In the accumulator's scale, gates i, f, g, o.
    head : Head or None
    prefixes : tuple of int or None
        The values of `refinements` that may be asked for; None: any.
    provenance : mapping
        Where the model comes from: strings and numbers, for people.
    gate_bits, cell_bits : int
        Of i, f, g and o after their curves, and of c: 4 to 16. Their scales stay; 16 is all
        of their bits.
    """

    input_sizes: Tuple[int, ...]
    hidden_sizes: Tuple[int, ...]
    activation_bits: int
    weight_bits: int
    p_bits: int
    x_inverse_scale: Tuple[float, ...]
    cell_fraction_bits: Tuple[int, ...]
    pre_shift: Tuple[int, ...]
    input: AnyPart
    hidden: AnyPart
    bias: Tuple[np.ndarray, ...]
    head: Optional[Head] = None
    prefixes: Optional[Tuple[int, ...]] = None
    provenance: Mapping = field(default_factory=dict)
    gate_bits: int = 16
    cell_bits: int = 16

    def __post_init__(self):
        freeze(self, _TUPLES)
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
    def method(self):
        """The compression method of the parts: "svd", "dense" or "block_diagonal"."""
        return self.input.method

    @property
    def hidden_fraction_bits(self):
        """h has the scale 2^-hidden_fraction_bits."""
        return self.activation_bits - 1

    @property
    def max_refinements(self):
        """Length of the longest list of components; 1 where there are no components."""
        return max(self.input.max_refinements, self.hidden.max_refinements)

    def served(self, refinements=None):
        """Check a prefix that is asked for.

        Parameters
        ----------
        refinements : int, optional
            A list with fewer components gives all it has; a model without components has
            one prefix, the whole. None stands for the largest prefix that is served.

        Returns
        -------
        int
            1 to `max_refinements`.

        Raises
        ------
        InputError
            Not an integer of at least 1, or not one of `prefixes` where there are any.
        """
        return prefixes.served(refinements, self.prefixes, self.max_refinements, "model")

    def float_network(self, refinements=None):
        """A float network with the weights that the integers stand for.

        It has the same sizes and head. What the integer model rounds and clips as it runs (x,
        p, gates, h and c) is not in it, so its outputs are close to the model's, not equal.

        Parameters
        ----------
        refinements : int, optional
            As of `served`.

        Returns
        -------
        Network

        Raises
        ------
        InputError
            As `served`.
        """
        from pynq_lstm.compression import weights

        return weights.float_network(self, self.served(refinements))

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
