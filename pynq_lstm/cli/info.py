"""``pynq-lstm info``."""

import numpy as np

from pynq_lstm import any_file
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.model_size import multiplications, parameters, stored_bytes

HELP = "say what a compressed model or network holds"
EXAMPLE = "example:\n  pynq-lstm info model.safetensors"


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("model", help="file of a compressed model or network")


def run(options):
    """Load and describe."""
    return describe(any_file.load(options.model))


def describe(model):
    """What a model or a network holds, for JSON."""
    return (_network if isinstance(model, CompressedNetwork) else _model)(model)


def _network(network):
    """The whole, and what each pass holds; a step is one of every pass."""
    passes = [
        {"lstms": _names(network, own), **_model(model)}
        for own, model in zip(network.members, network.passes)
    ]
    groups = [
        {"lstms": _names(network, own), **{name: found(model) for name, found in _STORED.items()}}
        for own, model in zip(network.held, network.groups)
    ]
    head, same = network.head, ("weight_bits", "activation_bits", "p_bits")
    of_head = 0 if head is None else head.weight.nbytes + head.bias.nbytes
    return {
        "method": network.method,
        "models": network.models,
        "wiring": network.wiring.to_dict(),
        "layers": [stack.num_layers for stack in network.stacks],
        "directions": [stack.directions for stack in network.stacks],
        "input_sizes": list(network.input_sizes),
        "hidden_sizes": list(network.hidden_sizes),
        **{name: passes[0][name] for name in (*same, "gate_bits", "cell_bits")},
        "max_refinements": network.max_refinements,
        "prefixes": network.prefixes and list(network.prefixes),
        "passes": passes,
        **({} if network.shares is None else {"groups": groups}),
        "head": head and list(head.weight.shape),
        "stored_bytes": sum(one["stored_bytes"] for one in groups) + of_head,
        "parameters": sum(one["parameters"] for one in groups),
        **{
            name: sum(one[name] for one in passes)
            for name in ("dense_parameters", "multiplications_per_step")
        },
        "sha256": network.content_hash,
        "provenance": dict(network.provenance),
    }


def _names(network, own):
    return [network.lstms[k].name(network.wiring) for k in own]


def _model(model):
    dense = sum(4 * h * (i + h) for i, h in zip(model.input_sizes, model.hidden_sizes))
    return {
        "method": model.method,
        "models": model.models,
        "input_sizes": list(model.input_sizes),
        "hidden_sizes": list(model.hidden_sizes),
        "weight_bits": model.weight_bits,
        "activation_bits": model.activation_bits,
        "p_bits": model.p_bits,
        "gate_bits": model.gate_bits,
        "cell_bits": model.cell_bits,
        "max_refinements": model.max_refinements,
        "prefixes": model.prefixes and list(model.prefixes),
        "input": _PARTS[model.method](model.input),
        "hidden": _PARTS[model.method](model.hidden),
        "head": model.head and list(model.head.weight.shape),
        **{name: found(model) for name, found in _STORED.items()},
        "dense_parameters": dense,
        "multiplications_per_step": multiplications(model),
        "sha256": model.content_hash,
        "provenance": dict(model.provenance),
    }


def _svd_part(part):
    """What a part holds; shares are of the tiles that its form has, and it has at least one."""
    v_mask = part.v_mask
    if not part.gate_stacked:
        v_mask = v_mask[np.arange(len(v_mask)), part.gate]
    return {
        "components": sum(part.counts),
        "lists": list(part.counts),
        "form": "gate-stacked" if part.gate_stacked else "per gate",
        "u_tile": part.u_tile,
        "v_tile": part.v_tile,
        "u_tiles_present": float(part.u_mask.mean()),
        "v_tiles_present": float(v_mask.mean()),
    }


def _dense_part(part):
    """What a part holds, its models together."""
    return {"rows": sum(len(w) for w in part.w), "weights": sum(w.size for w in part.w)}


def _block_diagonal_part(part):
    """What a part holds, its models together."""
    scalars = sum(m.size for m in part.m)
    return {
        "rank": part.rank,
        "rows": sum(len(w) for w in part.w),
        "weights": part.parameters() - scalars,
        "multipliers": scalars,
    }


_STORED = {"stored_bytes": stored_bytes, "parameters": parameters}
_OF_A_PASS = ("input", "hidden", "parameters", "multiplications_per_step")  # for people
_LISTED = {"passes": ("pass", _OF_A_PASS), "groups": ("group", tuple(_STORED))}
_PARTS = {"svd": _svd_part, "dense": _dense_part, "block_diagonal": _block_diagonal_part}


def show(answer):
    """For people: a line for each fact, those of the provenance indented."""
    lines = []
    for key, value in answer.items():
        if key == "provenance":
            lines += [key] + [f"  {_text(k):29s} {_text(v)}" for k, v in value.items()]
        elif key in _LISTED:
            title, names = _LISTED[key]
            for n, one in enumerate(value):
                lines.append(f"{f'{title} {n}':26s}{'; '.join(one['lstms'])}")
                own = {name: one[name] for name in names}
                lines += [f"  {line}" for line in show(own).splitlines()]
        elif isinstance(value, dict):
            facts = ", ".join(f"{k.replace('_', ' ')} {_text(v)}" for k, v in value.items())
            lines.append(f"{key:26s}{facts}")
        else:
            lines.append(f"{key.replace('_', ' '):26s}{_text(value)}")
    return "\n".join(lines)


def _text(value):
    """A value in one line; text from a file cannot steer the terminal."""
    if value is None:
        return "-"
    if isinstance(value, list):
        return " ".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:.6g}"
    shown = str(value)
    return shown if shown.isprintable() else repr(shown)
