"""A compressed network on a design: in one start of the kernel where it can be, else in passes.

Sessions, ``pynq-lstm estimate`` and the budgets of a search ask the same question here, so that
what is modelled is what runs.
"""

from dataclasses import dataclass
from typing import Optional, Tuple

from pynq_lstm.accelerator import stacks
from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.packing.image import Image
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import PlanError
from pynq_lstm.passes import naming


@dataclass(frozen=True, eq=False)
class Start:
    """An image, and how often the kernel takes a step of it.

    Attributes
    ----------
    image : Image
    refinements : int
        The prefix that its RUN asks for.
    lstms : tuple of int
        The LSTMs in it, flat indices of the network's.
    rate : int or None
        One step in so many of the external inputs; None: one step a sequence.
    """

    image: Image
    refinements: int
    lstms: Tuple[int, ...]
    rate: Optional[int] = 1

    @property
    def often(self):
        """Steps of it in a step of the external inputs; 0 of what runs once a sequence."""
        return 0.0 if self.rate is None else 1 / self.rate


def plan(network):
    """The plan of one start.

    Parameters
    ----------
    network : CompressedNetwork

    Returns
    -------
    plan : Plan
    flat : tuple of int
        As `stacks.of_network` returns both.

    Raises
    ------
    PlanError
        Something of it does not run so, by name, or not with every prefix that the network serves.
    """
    made = stacks.of_network(network)
    for asked in network.prefixes or ():
        stacks.refinements(network, asked)
    return made


def one(network, design, refinements=None):
    """All of a network in one start; arguments and errors as of `of`.

    Returns
    -------
    Start
    """
    refinements = network.served(refinements)
    made, flat = plan(network)
    return Start(pack(made, design), stacks.refinements(network, refinements), flat)


def passes(network, design, refinements=None):
    """Every pass of a network, each in a start of its own; arguments and errors as of `of`.

    Returns
    -------
    tuple of Start
    """
    lstms, wiring, found = network.lstms, network.wiring, []
    prefixes = network.served_by_passes(refinements)
    for p, (model, own, prefix) in enumerate(zip(network.passes, network.members, prefixes)):
        with naming.named(PlanError, p, own, lstms, wiring):
            image = pack(Plan.of_model(model), design)
        found.append(Start(image, prefix, tuple(own), wiring.rates[lstms[own[0]].model]))
    return tuple(found)


def of(network, design, refinements=None):
    """What a session with ``starts="auto"`` runs on a design.

    Parameters
    ----------
    network : CompressedNetwork
    design : Design or BlockDesign
    refinements : int, optional
        As of `CompressedNetwork.served`.

    Returns
    -------
    starts : tuple of Start
    why : str or None
        Why there are several; None of one start.

    Raises
    ------
    InputError
        As `CompressedNetwork.served`.
    PlanError
        The design runs it in neither way.
    """
    try:
        return (one(network, design, refinements),), None
    except PlanError as error:
        return passes(network, design, refinements), str(error)


def microseconds(starts):
    """Modelled time of a step of the external inputs, at the design's clock.

    A pass at a slower rate counts as often as it runs, one that runs once a sequence not at all;
    the transfers between passes are not in it.
    """
    return float(
        sum(wave_cycles(s.image, s.refinements).microseconds * s.often for s in starts if s.often)
    )
