"""How the LSTMs in a module stand to one another, before they are trained and afterwards."""

from torch import nn

from pynq_lstm.compression.fine_tuning.export import as_head
from pynq_lstm.compression.fine_tuning.svd_stack import SvdStack
from pynq_lstm.compression.fine_tuning.trained import TrainedLSTM, trained
from pynq_lstm.compression.fine_tuning.wired import Wired
from pynq_lstm.layer import Layer
from pynq_lstm.network import Network
from pynq_lstm.passes import order
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import Wiring, names


def models(model):
    """What stands for an nn.LSTM with all its layers and directions: modules, in their order."""
    found, inside = [], set()
    for module in model.modules():  # what holds others comes before them
        if module not in inside and isinstance(module, (nn.LSTM, SvdStack, TrainedLSTM)):
            found.append(module)
            inside.update(module.modules())
    return found


def float_network(model, head=None):
    """The `Network` of the LSTMs in a module: of trained ones with the weights of their codes.

    Parameters
    ----------
    model : nn.Module
        With nn.LSTM in it, or with `SvdLSTM`. Of another one than a `Wired` each nn.LSTM has an
        external input of its own.
    head : nn.Linear or Head, optional
    """
    wiring = model.wiring if isinstance(model, Wired) else None
    found = models(model)
    if not trained(model):
        wiring = Wiring.of(wiring, names.default(len(found)))
        return Network.from_torch(nn.ModuleList(found), head, wiring)
    layers = []
    for module in trained(model):
        arrays = [*module.matrices(), module.bias_sum]
        layers.append(Layer(*(a.detach().cpu().numpy() for a in arrays)))
    stacks = tuple(Stack(one.num_layers, one.bidirectional) for one in found)
    return Network(tuple(layers), as_head(head), stacks, wiring)


def groups_of_each(network):
    """The LSTMs of each layer of each model, tuples of flat indices: no two models share."""
    found, at = [], 0
    for stack in network.stacks:
        alone = order.members(Wiring.of(None, names.default(1)), (stack,))
        found += [tuple(at + k for k in own) for own in alone]
        at += stack.cells
    return tuple(found)


def groups_of_trained(model):
    """The LSTMs that share components, tuples of flat indices in the order of their s."""
    modules, found = trained(model), {}
    for k, module in enumerate(modules):
        found.setdefault(module.components, []).append(k)
    return tuple(tuple(sorted(own, key=lambda k: modules[k].j)) for own in found.values())
