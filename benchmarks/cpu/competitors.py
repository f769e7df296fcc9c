"""Who runs in one table: all peers and all of ours, opened, and checked against PyTorch."""

import contextlib
from dataclasses import dataclass
from typing import Callable, Dict

import numpy as np

import pynq_lstm as pl
from cpu import process, variants
from cpu.peers import PEERS

BITS = 8  # of a byte


@dataclass(frozen=True)
class Competitor:
    """One row of a table.

    Attributes
    ----------
    call : callable
        Without arguments: one inference.
    ours : bool
    weight_bytes : int
        Of the weights: of a peer, dense at its precision; of ours, as stored, biases included.
    error : float
        Largest difference of h from PyTorch's float32, on the same network.
    """

    call: Callable
    ours: bool
    weight_bytes: int
    error: float


@contextlib.contextmanager
def opened(modules, models, x, threads, weights, own=None):
    """Open all that can be opened.

    Parameters
    ----------
    modules : list of torch.nn.LSTM
        The dense network.
    models : dict of str to CompressedModel
        Ours, by name of the variant.
    x : ndarray, (models, batch, time, input), float32
    threads : int
    weights : int
        Elements of the dense matrices.
    own : dict of str to list of torch.nn.LSTM, optional
        The float networks of those of ours that are not compressed from `modules`.

    Yields
    ------
    competitors : dict of str to Competitor
    left_out : dict of str to str
        Why others are not there.
    """
    competitors, left_out, cores = {}, {}, process.cores()
    given = [np.ascontiguousarray(a.swapaxes(0, 1)) for a in x]
    expected = _reference(modules, given)
    for peer in PEERS:
        found = _peer(peer, modules, given, threads, expected)
        if isinstance(found, str):
            left_out[peer.name] = found
        else:
            call, error = found
            competitors[peer.name] = Competitor(
                call, False, weights * peer.weight_bits // BITS, error
            )
    process.pin(cores)  # OpenVINO pins the thread that opens it
    with contextlib.ExitStack() as sessions:
        for name, model in models.items():
            try:
                session = sessions.enter_context(variants.open_session(model, threads))
            except (pl.InputError, pl.BackendError) as error:
                left_out[name] = str(error)
                continue
            call = variants.call_of(session, x)
            h = variants.hidden_states(call(), len(x))
            wanted = _reference(own[name], given) if name in (own or {}) else expected
            competitors[name] = Competitor(
                call, True, variants.stored_bytes(model), largest_difference(h, wanted)
            )
        yield competitors, left_out


def _peer(peer, modules, x, threads, expected):
    """The call of a peer and its error, or why there is none."""
    if not peer.batched and x[0].shape[1] > 1:
        return "takes one sequence only"
    try:
        call = peer.fastest_call(modules, x, threads)
        error = largest_difference(call(), expected)
    except ImportError as missing:
        return f"not installed ({missing})"
    except Exception as failure:  # whatever a runtime raises: the others are measured without it
        return f"{type(failure).__name__}: {failure}"
    if not error <= peer.tolerance:
        return f"h differs by {error:.3g} from PyTorch's, more than {peer.tolerance:g}"
    return call, error


def _reference(modules, x):
    import torch

    return [module(torch.from_numpy(a))[0].numpy() for module, a in zip(modules, x)]


def largest_difference(h, expected):
    """Over all models, steps and units; infinite where shapes differ."""
    if [a.shape for a in h] != [a.shape for a in expected]:
        return float("inf")
    return max(float(np.abs(a - b).max()) for a, b in zip(h, expected))


def versions():
    """Of every peer that is installed: a dict of package to version."""
    found: Dict[str, str] = {}
    for peer in PEERS:
        with contextlib.suppress(ImportError):
            found[peer.package] = peer.version
    return found
