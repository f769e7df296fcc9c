"""``pynq-lstm info``."""

from pynq_lstm.model import CompressedModel
from pynq_lstm.model_size import multiplications, parameters, stored_bytes

HELP = "say what a compressed model holds"
EXAMPLE = "example:\n  pynq-lstm info model.safetensors"


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("model", help="file of a compressed model")


def run(options):
    """Load and describe."""
    return describe(CompressedModel.load(options.model))


def describe(model):
    """What a model holds, for JSON."""
    dense = sum(4 * h * (i + h) for i, h in zip(model.input_sizes, model.hidden_sizes))
    parts = {
        name: {
            "components": sum(part.counts),
            "lists": list(part.counts),
            "form": "gate-stacked" if part.gate_stacked else "per gate",
            "u_tile": part.u_tile,
            "v_tile": part.v_tile,
            "u_tiles_present": float(part.u_mask.mean()),
            "v_tiles_present": float(part.v_mask[part.v_mask.any(axis=2)].mean()),
        }
        for name, part in (("input", model.input), ("hidden", model.hidden))
    }
    return {
        "models": model.models,
        "input_sizes": list(model.input_sizes),
        "hidden_sizes": list(model.hidden_sizes),
        "weight_bits": model.weight_bits,
        "activation_bits": model.activation_bits,
        "p_bits": model.p_bits,
        "max_refinements": model.max_refinements,
        "prefixes": model.prefixes and list(model.prefixes),
        **parts,
        "head": model.head and list(model.head.weight.shape),
        "stored_bytes": stored_bytes(model),
        "parameters": parameters(model),
        "dense_parameters": dense,
        "multiplications_per_step": multiplications(model),
        "sha256": model.content_hash,
        "provenance": dict(model.provenance),
    }


def show(answer):
    """For people."""
    return "\n".join(f"{key:26s}{value}" for key, value in answer.items())
