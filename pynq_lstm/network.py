"""Float LSTM networks: what is trained, and what a compressed model is measured against."""

from dataclasses import dataclass
from functools import cached_property
from typing import Optional, Tuple

import numpy as np

from pynq_lstm import network_checks as checks
from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.layer import Layer
from pynq_lstm.packed import padded
from pynq_lstm.sequences import Sequences
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import Wiring, gather, names


@dataclass(frozen=True, eq=False)
class Network:
    """Models that each are one nn.LSTM, what each of them reads, and an optional linear head.

    Attributes
    ----------
    layers : tuple of Layer
        By model, then layer, then direction.
    head : Head or None
        On the concatenated hidden states, of the top layer and both directions, of the models
        that `wiring.head` names.
    stacks : tuple of Stack, optional
        Layers and directions of each model. Default: every layer is a model.
    wiring : Wiring, optional
        What each model reads, in a form that `Wiring.of` takes. Default: model j reads
        external input j.

    Raises
    ------
    NetworkError
        Nothing in it, weights that are not finite, sizes that do not fit together, or a wiring
        that cannot run.
    """

    layers: Tuple[Layer, ...]
    head: Optional[Head] = None
    stacks: Optional[Tuple[Stack, ...]] = None
    wiring: Optional[Wiring] = None

    def __post_init__(self):
        layers = checks.layers(self.layers)
        stacks = checks.stacks(self.stacks, len(layers))
        wiring = Wiring.of(self.wiring, names.default(len(stacks)))
        if len(wiring.names) != len(stacks):
            raise NetworkError(
                "wiring", wiring.names, f"not {len(stacks)} models", "name each model once"
            )
        for field, value in (("layers", layers), ("stacks", stacks), ("wiring", wiring)):
            object.__setattr__(self, field, value)
        for name, stack, own in zip(wiring.names, stacks, self.models):
            stack.check(name, own)
        joined = self.sequences.head_sizes  # refuses sizes that do not fit the wiring
        if self.head is not None:
            object.__setattr__(self, "head", checks.head(self.head, joined))

    @classmethod
    def from_torch(cls, modules, head=None, wiring=None):
        """Take the weights of trained PyTorch modules; see `importers.torch_modules`."""
        from pynq_lstm.importers import torch_modules

        return torch_modules.network(modules, head, wiring)

    @classmethod
    def from_onnx(cls, path_or_model):
        """Read the LSTMs of an ONNX model; see `importers.onnx_graph` and docs/onnx.md."""
        from pynq_lstm.importers import onnx_graph

        return onnx_graph.network(path_or_model)

    @classmethod
    def from_keras(cls, path):
        """Read the LSTMs of a file of Keras; see `importers.keras_file` and docs/keras.md."""
        from pynq_lstm.importers import keras_file

        return keras_file.network(path)

    @classmethod
    def load(cls, path, wiring=None):
        """Read a safetensors file of PyTorch state-dict names; see `importers.state_dict`."""
        from pynq_lstm.importers import state_dict

        return state_dict.load(path, wiring)

    def to_onnx(self, path, lengths=False, every_step=False):
        """Write an ONNX file; see `exporters.onnx_graph.model` for its inputs and outputs."""
        from pynq_lstm.exporters import onnx_graph

        onnx_graph.save(self, path, lengths, every_step)

    def to_torch(self):
        """nn.LSTM by name, and the head as nn.Linear; see `exporters.torch_modules`."""
        from pynq_lstm.exporters import torch_modules

        return torch_modules.modules(self)

    def to_torch_module(self):
        """All of it as one nn.Module that computes what `infer` does, wiring and head included.

        Returns
        -------
        TorchNetwork
            Called as `infer_logits` where there is a head, else as `infer`; see
            `exporters.torch_network`.

        Raises
        ------
        MissingExtraError
            torch is not installed.
        """
        from pynq_lstm.exporters import torch_modules

        torch_modules.check_installed()
        from pynq_lstm.exporters.torch_network import TorchNetwork

        return TorchNetwork(self)

    @cached_property
    def models(self):
        """The layers of each model, a tuple of tuples."""
        layers = iter(self.layers)
        return tuple(tuple(next(layers) for _ in range(s.cells)) for s in self.stacks)

    @cached_property
    def sequences(self):
        """The shape conventions of this network, a `Sequences`."""
        firsts = [own[0] for own in self.models]
        reads = tuple(first.input_size for first in firsts)
        hidden = tuple(first.hidden_size for first in firsts)
        return Sequences.of(self.wiring, self.stacks, reads, hidden)

    @property
    def is_side_by_side(self):
        """Whether it is LSTMs of one layer and one direction, each with its own input."""
        return self.wiring.side_by_side and all(stack == Stack() for stack in self.stacks)

    def infer(self, x, state=None, lengths=None):
        """Run the float network.

        Parameters
        ----------
        x : ndarray, (inputs, batch, time, input), float32
            External inputs. The first axis is dropped for a single one, the second for an
            unbatched call; a list over inputs where their sizes differ. Or a PackedSequence,
            or a list of them over inputs: what is returned is padded, in the order in which the
            sequences were packed.
        state : (h, c), optional
            As an earlier call returned it; zeros by default.
        lengths : ndarray, (batch,), int, optional
            Valid steps of x; all by default.

        Returns
        -------
        out : ndarray, (models, batch, time, D * hidden), float32
            Of the top layers; zero beyond the lengths. A model that reads every k-th step has
            time // k steps, one that reads ``last(...)`` has one.
        (h, c) : pair of ndarray, (models, layers * D, batch, hidden), float32
            By layer, then direction. As of `out`, the first axis is dropped for a single model,
            the batch axis for an unbatched call; lists over models where sizes or rates differ.

        Raises
        ------
        InputError
            Wrong shape or dtype, NaN or infinity, or sequences without a step for every model.
        """
        shapes = self.sequences
        x, lengths = padded(x, lengths)
        x, batched = shapes.inputs(x)
        h, c = shapes.state(state, len(x[0]), batched)
        lengths = shapes.lengths(lengths, *x[0].shape[:2])
        out, h, c = self._run(x, h, c, lengths)
        return shapes.pack_out(out, batched), (
            shapes.pack_state(h, batched),
            shapes.pack_state(c, batched),
        )

    def infer_logits(self, x, state=None, lengths=None, every_step=False):
        """Run the float network and its head; arguments as `infer`.

        Parameters
        ----------
        every_step : bool
            Logits of every step, from `out`; default: of the last h.

        Returns
        -------
        ndarray, (batch, classes) or (batch, time, classes), float32
            The batch axis dropped for an unbatched call.

        Raises
        ------
        NetworkError
            There is no head.
        InputError
            As `infer`, or `every_step` where the head reads models of different rates.
        """
        if self.head is None:
            raise NetworkError("head", None, "this network has none", "use infer")
        shapes = self.sequences
        shapes.check_every_step(every_step)
        out, (h, _) = self.infer(x, state, lengths)
        return shapes.logits(self.head, out, h, every_step)

    def plot(self, path=None):
        """Draw the wiring, from the external inputs on the left to the head on the right.

        Parameters
        ----------
        path : path, optional
            Where the picture goes, as PNG or what its ending says.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        """
        from pynq_lstm import plots
        from pynq_lstm.wiring import picture

        ax = picture.draw(self)
        if path is not None:
            plots.save(ax, path)
        return ax

    def _run(self, x, h, c, lengths):
        """Lists over external inputs and over `layers` to lists over models and over `layers`."""
        found = gather.external(x, lengths)
        out, ends, first = {}, {}, np.cumsum([0] + [s.cells for s in self.stacks])
        for j in self.wiring.order:
            own, stack = slice(first[j], first[j + 1]), self.stacks[j]
            data, steps = gather.gather(self.wiring.sources[j], found)
            out[j], *ends[j] = stack.run(self.models[j], data, h[own], c[own], steps)
            last = np.concatenate(ends[j][0][-stack.directions :], axis=-1)
            found[self.wiring.names[j]] = gather.Sequence(out[j], last, steps)
        h, c = ([a for j in sorted(ends) for a in ends[j][side]] for side in (0, 1))
        return [out[j] for j in sorted(out)], h, c
