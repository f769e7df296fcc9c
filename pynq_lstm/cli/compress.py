"""``pynq-lstm compress``."""

import os

from pynq_lstm.budgets.compress import compress
from pynq_lstm.cli import arrays, budget, info, outputs
from pynq_lstm.compression.block_options import QUANTIZATIONS
from pynq_lstm.compression.compress import METHODS
from pynq_lstm.compression.options import FORMS, SOLVERS, Sweeping
from pynq_lstm.compression.part_options import GATES
from pynq_lstm.network import Network
from pynq_lstm.parts.block_diagonal import OPERAND_BITS

HELP = "compress a trained network to a file of integers"
EXAMPLE = """\
NETWORK is a safetensors file with PyTorch's names, as written by
  safetensors.torch.save_file(module.state_dict(), "network.safetensors")
or, with pynq-lstm[onnx] installed, an ONNX model: a file that ends in .onnx
or, with pynq-lstm[keras] installed, a model of Keras: a file that ends in .keras or .h5

examples:
  pynq-lstm compress network.safetensors -o model.safetensors \\
      --refinements 16 --calibration inputs.npy
  pynq-lstm compress network.safetensors -o model.safetensors \\
      --max-drop 1 --validation labelled.npz --calibration inputs.npy"""
_NUMBERS = (
    ("refinements", "R, components of each gate, or of the gates together where they are stacked"),
    ("u-tile", "TU, elements of a tile of u"),
    ("v-tile", "TV, elements of a tile of v"),
    ("zero-u-tiles", "ZTu, tiles pruned from each u"),
    ("zero-v-tiles", "ZTv, tiles pruned from each v"),
    ("block-rank", "p, of the masks: one in so many weights is kept; 2, 4, 8 or 16"),
)
_READERS = {".onnx": Network.from_onnx, ".keras": Network.from_keras, ".h5": Network.from_keras}
_SINGLE = ("weight_bits", "activation_bits", "p_bits", "operand_bits", "quantization")
_SINGLE += ("gate_bits", "cell_bits", "solver", "sweeps", "tolerance", "careful", "words", "share")


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("network", help="safetensors, .onnx, .keras or .h5 file of float weights")
    command.add_argument("-o", "--output", required=True, help="the compressed model's file")
    command.add_argument(
        "--method",
        choices=METHODS,
        help="svd, the default: shared rank-1 components; dense: the matrices, rounded, which the "
        "CPU runs; block_diagonal: matrices pruned by permuted block-diagonal masks, for the CPU; "
        "with a budget or --max-drop all of them are searched",
    )
    arrays.add_ranges(command)
    add_options(command)
    budget.add_arguments(command)


def add_options(command):
    """What the methods have to choose from, trained or not."""
    for name, text in _NUMBERS:
        command.add_argument(
            f"--{name}",
            nargs="+",
            type=int,
            metavar="N",
            help=f"{text}; two numbers: input part, hidden part"
            + ("; eight: gates i f g o of the one, then of the other" * (name == "refinements")),
        )
    command.add_argument(
        "--words",
        type=int,
        metavar="N",
        help="of svd, instead of --refinements: stored words of the whole model at most, put "
        "into gates and parts where the gates are expected to gain most",
    )
    command.add_argument(
        "--form",
        nargs="+",
        choices=FORMS,
        help="of svd. per_gate, the default: components serve one gate; stacked: the four gates "
        "together; auto: whichever has the lower weight error at the same words; two: input "
        "part, hidden part",
    )
    command.add_argument("--weight-bits", type=int, choices=(2, 4, 8))
    command.add_argument("--activation-bits", type=int, choices=(8, 16))
    command.add_argument(
        "--solver",
        choices=SOLVERS,
        help="of svd. greedy, the default: one component after another, so that the first k of "
        "them are a model for any k; bcd: all fitted together, for the least error",
    )
    command.add_argument(
        "--sweeps", type=int, help=f"of bcd, at most so many; the default is {Sweeping.sweeps}"
    )
    command.add_argument(
        "--tolerance",
        type=float,
        help="of bcd, which ends when a sweep lowers the error by less than this share of it; "
        f"the default is {Sweeping.tolerance:g}",
    )
    command.add_argument(
        "--careful",
        action="store_true",
        default=None,
        help="of bcd: never worse than greedy, whatever the size of the matrices, in more time",
    )
    command.add_argument("--p-bits", type=int, help="of the scaled dot products, 4 to 16")
    command.add_argument(
        "--operand-bits",
        type=int,
        choices=OPERAND_BITS,
        help="of what meets block-diagonal weights",
    )
    command.add_argument(
        "--quantization",
        choices=QUANTIZATIONS,
        help="of block-diagonal models: normalised linear, or traditional linear to compare with",
    )
    for name in ("gate", "cell"):
        command.add_argument(
            f"--{name}-bits", type=int, help="4 to 16, of block-diagonal models; the default is 16"
        )
    command.add_argument(
        "--share",
        choices=("all", "none", "network", "auto"),
        help="of svd, which LSTMs share components: all of a pass, the default; none; all of the "
        "network; auto: groups that are found by their error at equal words; compressing with a "
        "budget or --max-drop, by what the search measures",
    )


def run(options):
    """Compress and save."""
    searched = budget.asked(options)
    inputs = {f"--{name}": getattr(options, name) for name in ("calibration", "validation")}
    inputs = {"the network": options.network, **inputs}
    outputs.check_file(options.output, inputs=inputs)  # before minutes of work
    network = read_network(options.network)
    chosen = chosen_of(options)
    data = options.calibration and arrays.read(
        options.calibration, len(network.sequences.input_sizes)
    )
    if searched:
        found = budget.run(network, options, chosen, data)
        found.model.save(options.output)
        told = {"output": options.output, "search": found.as_dict()}
        return {**told, **info.describe(found.model)}
    model = compress(
        network, options.method, calibration=data, input_range=options.input_range, **chosen
    )
    model.save(options.output)
    return {"output": options.output, **info.describe(model)}


def chosen_of(options):
    """The options of a method that were given, by name."""
    chosen = {}
    for name in [n.replace("-", "_") for n, _ in _NUMBERS] + ["form"]:
        value = getattr(options, name)
        if value is not None:
            chosen[name] = value[0] if len(value) == 1 else tuple(value)
    if options.refinements and len(options.refinements) == 2 * GATES:
        chosen["refinements"] = _by_gate(options.refinements)
    for name in _SINGLE:
        if getattr(options, name, None) is not None:
            chosen[name] = getattr(options, name)
    return chosen


def read_network(path):
    """A float network of any file that is known, by its ending."""
    ending = os.path.splitext(path)[1].lower()
    return _READERS.get(ending, Network.load)(path)


def _by_gate(counts):
    """A pair of numbers for each gate."""
    return tuple(counts[:GATES]), tuple(counts[GATES:])


def show(answer):
    """For people: of a search first what was tried."""
    facts = {k: v for k, v in answer.items() if k not in ("output", "search")}
    table = f"{budget.show(answer['search'])}\n" if "search" in answer else ""
    return f"{table}wrote {answer['output']}\n{info.show(facts)}"
