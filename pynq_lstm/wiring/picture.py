"""The picture of a network: boxes for inputs, models and head, arrows with what they carry."""

from pynq_lstm.wiring import drawing, names
from pynq_lstm.wiring.box import Box, Port
from pynq_lstm.wiring.layout import Edge, Place, arrange

LAYERS = 4  # the most that are drawn one by one


def draw(network, ax=None):
    """Draw a network's wiring.

    Parameters
    ----------
    network : Network
    ax : matplotlib Axes, optional

    Returns
    -------
    Axes
    """
    return drawing.draw(*arranged(network), ax)


def arranged(network):
    """Boxes with their places, edges, and columns of places."""
    boxes = list(_boxes(network))
    places = {box.title: Place(box.height) for box in boxes}
    edges = [
        Edge(places[port.source], places[box.title], box.offset(row))
        for box in boxes
        for row, port in enumerate(box.ports)
    ]
    columns = arrange(list(places.values()), edges)
    return list(zip(boxes, places.values())), edges, columns


def _boxes(network):
    wiring, sizes = network.wiring, network.sequences
    widths = {names.external(j): size for j, size in enumerate(sizes.input_sizes)}
    widths.update(zip(wiring.names, sizes.output_sizes))
    for j, size in enumerate(sizes.input_sizes):
        yield Box("input", names.external(j), str(size))
    for j, (name, stack) in enumerate(zip(wiring.names, network.stacks)):
        units = str(sizes.hidden_sizes[j])
        row = f"\N{RIGHTWARDS ARROW} {units}", f"\N{LEFTWARDS ARROW} {units}"
        row = row[1:] if stack.reverse else row[: stack.directions]
        rows = [row] * stack.num_layers
        if stack.num_layers > LAYERS:
            rows = [row, row, (f"{stack.num_layers - 3} more",), row]
        parts = [[_port(term, widths) for term in part] for part in wiring.sources[j].parts]
        yield Box("model", name, _rate(wiring.rates[j]), tuple(rows), parts)
    if network.head is not None:
        parts = [[Port(name, str(widths[name]))] for name in wiring.head]
        yield Box("head", names.HEAD, f"{len(network.head.bias)} outputs", parts=parts)


def _port(term, widths):
    label = str(widths[term.source])
    if term.last:
        label += ", last"
    elif term.every > 1:
        label += f", every {_ordinal(term.every)}"
    return Port(term.source, label)


def _rate(rate):
    if rate is None:
        return "once a sequence"
    return "" if rate == 1 else f"every {_ordinal(rate)} step"


def _ordinal(number):
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
