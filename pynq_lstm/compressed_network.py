"""CompressedNetwork: a network of every shape as passes, each a `CompressedModel`."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar, Mapping, Optional, Tuple

from pynq_lstm import prefixes, provenance
from pynq_lstm.field_checks import refuse
from pynq_lstm.head import Head
from pynq_lstm.model import CompressedModel
from pynq_lstm.passes import checks, sharing
from pynq_lstm.sequences import Sequences
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import Wiring


@dataclass(frozen=True, eq=False)
class CompressedNetwork:
    """LSTMs of integers that read one another: passes that run one after another.

    docs/numerics.md, section 9, defines what they compute, docs/model_file.md their file.

    Attributes
    ----------
    groups : tuple of CompressedModel
        LSTMs that share components, as they are stored: without heads; of one method, with the
        same bits.
    members : tuple of tuple of int
        Of each pass, which LSTM of the network each of its models is: flat indices by model,
        then layer, then direction. All of one pass are of one group.
    stacks : tuple of Stack
        Layers and directions of each model of the network.
    wiring : Wiring
    head : Head or None
        On what `wiring.head` names.
    provenance : mapping
        Of the whole; each group has its own.
    shares : tuple of tuple of int or None
        Of each group, which LSTM of the network each of its models is. None: every group is a
        pass.
    passes : tuple of CompressedModel
        What runs: each group, or what `passes.cut` takes of it where its LSTMs are in several
        passes. Derived.
    sequences : Sequences
        The shape conventions.
    lstms : tuple of Lstm
        By flat index.

    Raises
    ------
    ModelFormatError
        The groups are not the LSTMs of stacks and wiring, the passes not those of the groups or
        run what is not there yet, or they cannot be asked for any prefix together.
    """

    groups: Tuple[CompressedModel, ...]
    members: Tuple[Tuple[int, ...], ...]
    stacks: Tuple[Stack, ...]
    wiring: Wiring
    head: Optional[Head] = None
    provenance: Mapping = field(default_factory=dict)
    shares: Optional[Tuple[Tuple[int, ...], ...]] = None
    # no fields: what follows from them, set by __post_init__
    passes: ClassVar[Tuple[CompressedModel, ...]]
    sequences: ClassVar[Sequences]
    lstms: ClassVar[list]

    def __post_init__(self):
        for name, value in (
            ("groups", checks.groups(self.groups)),
            ("provenance", MappingProxyType(provenance.checked(self.provenance))),
        ):
            object.__setattr__(self, name, value)
        self.__dict__.update(sharing.passes(self.groups, self.members, self.shares))
        self.__dict__.update(checks.structure(self))
        if self.prefixes == ():
            refuse("prefixes", [m.prefixes for m in self.passes], "the passes serve none together")

    def __reduce__(self):
        """Pickled as its file, so that what is unpickled was checked."""
        from pynq_lstm import network_file

        return network_file.from_bytes, (network_file.to_bytes(self),)

    @property
    def held(self):
        """Of each group, which LSTM of the network each of its models is."""
        return self.members if self.shares is None else self.shares

    @property
    def models(self):
        """How many models there are, each with all its layers and directions."""
        return len(self.stacks)

    @property
    def input_sizes(self):
        """Of the external inputs."""
        return self.sequences.input_sizes

    @property
    def hidden_sizes(self):
        """Hidden units of each model, of one direction."""
        return self.sequences.hidden_sizes

    @property
    def method(self):
        """The compression method of all passes: "svd", "dense" or "block_diagonal"."""
        return self.passes[0].method

    @property
    def activation_bits(self):
        """Of x and h: 8 or 16."""
        return self.passes[0].activation_bits

    @property
    def max_refinements(self):
        """Length of the longest list of components of all passes."""
        return max(model.max_refinements for model in self.passes)

    @cached_property
    def prefixes(self):
        """The values of `refinements` that may be asked for; None: any.

        A pass with fewer components than asked for gives all it has.
        """
        limited = [model for model in self.passes if model.prefixes is not None]
        if not limited:
            return None
        return tuple(
            k
            for k in sorted({k for model in limited for k in model.prefixes})
            if all(min(k, model.max_refinements) in model.prefixes for model in limited)
        )

    def served(self, refinements=None):
        """Check a prefix that is asked for; as `CompressedModel.served`.

        Returns
        -------
        int
            1 to `max_refinements`.

        Raises
        ------
        InputError
            Not an integer of at least 1, or not one of `prefixes` where there are any.
        """
        return prefixes.served(refinements, self.prefixes, self.max_refinements, "network")

    def served_by_passes(self, refinements=None):
        """The prefix of each pass for one of the network, a list of int; raises as `served`."""
        refinements = self.served(refinements)
        return [model.served(min(refinements, model.max_refinements)) for model in self.passes]

    def float_network(self, refinements=None):
        """A float network with the weights that the integers stand for.

        Parameters
        ----------
        refinements : int, optional
            As of `served`.

        Returns
        -------
        Network
            Of the same stacks, wiring and head.

        Raises
        ------
        InputError
            As `served`.
        """
        from pynq_lstm.network import Network

        layers = [None] * len(self.lstms)
        served = self.served_by_passes(refinements)
        for model, own, prefix in zip(self.passes, self.members, served):
            for k, layer in zip(own, model.float_network(prefix).layers):
                layers[k] = layer
        return Network(layers, self.head, self.stacks, self.wiring)

    @cached_property
    def content_hash(self):
        """Hash of everything in the network, 64 hexadecimal digits; its file states it too."""
        from pynq_lstm import network_file

        return network_file.content_hash(self)

    def with_provenance(self, provenance):
        """The same network with another provenance of the whole."""
        return replace(self, provenance=provenance)

    def save(self, path):
        """Write the network to a file; see `pynq_lstm.network_file.save`."""
        from pynq_lstm import network_file

        network_file.save(self, path)

    @classmethod
    def load(cls, path):
        """Read a network from a file; see `pynq_lstm.network_file.load`."""
        from pynq_lstm import network_file

        return network_file.load(path)
