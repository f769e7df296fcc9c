"""The portable core of the pragmas of Vitis HLS 2022.1 to 2025.2 (UG1399), in bare words.

Later versions write ``type=complete``, ``mode=m_axi`` or ``dependent=false``; all of them still
take the bare word, and only that is accepted here.
"""

from dataclasses import dataclass, field

RETIRED = {
    "RESOURCE": "use BIND_OP or BIND_STORAGE",
    "DATA_PACK": "use AGGREGATE",
    "ARRAY_MAP": "it has no successor",
    "CLOCK": "set the clock in Tcl",
    "INSTANTIATE": "use FUNCTION_INSTANTIATE",
    "SHIFT_REG": "use ap_shift_reg",
}
NUMBER = r"\d+|(?:[A-Za-z_]\w*::)*[A-Za-z_]\w*"
NAME = r"&?[A-Za-z_]\w*(?:(?:\.|->)\w+|\[\d+\])*"
STORAGE = {
    "fifo": {"auto", "bram", "lutram", "memory", "srl", "uram"},
    **{
        f"ram_{ports}": {"auto", "bram", "lutram", "uram"}
        for ports in ("1p", "1wnr", "2p", "s2p", "t2p")
    },
    **{f"rom_{ports}": {"auto", "bram", "lutram"} for ports in ("1p", "2p", "np")},
}


@dataclass(frozen=True)
class Form:
    """What a pragma takes.

    Parameters
    ----------
    options : dict
        Pattern of the value of each key.
    words : tuple of set
        Groups of bare words; at most one word of a group.
    required : tuple of str
        Keys that must be there.
    chosen : tuple of int
        Groups of words of which one must be there.
    """

    options: dict = field(default_factory=dict)
    words: tuple = ()
    required: tuple = ()
    chosen: tuple = ()


_PARTITION = Form(
    {"variable": NAME, "factor": NUMBER, "dim": NUMBER},
    ({"complete", "cyclic", "block"},),
    ("variable",),
    (0,),
)
_VARIABLE = Form({"variable": NAME}, (), ("variable",))
FORMS = {
    "AGGREGATE": Form({"variable": NAME, "compact": "auto|bit|byte|none"}, (), ("variable",)),
    "ALLOCATION": Form(
        {"instances": r"[\w:<>,]+", "limit": NUMBER},
        ({"function", "operation"},),
        ("instances", "limit"),
        (0,),
    ),
    "ARRAY_PARTITION": _PARTITION,
    "ARRAY_RESHAPE": _PARTITION,
    "BIND_OP": Form(
        {"variable": NAME, "op": "mul|add|sub", "impl": "dsp|fabric|auto", "latency": NUMBER},
        (),
        ("variable", "op"),
    ),
    "BIND_STORAGE": Form(
        {
            "variable": NAME,
            "type": "|".join(STORAGE),
            "impl": "auto|bram|lutram|memory|srl|uram",
            "latency": NUMBER,
        },
        (),
        ("variable", "type"),
    ),
    "DATAFLOW": Form({}, ({"disable_start_propagation"},)),
    "DEPENDENCE": Form(
        {"variable": NAME, "distance": NUMBER},
        ({"inter", "intra"}, {"raw", "war", "waw"}, {"true", "false"}),
        ("variable",),
        (0, 2),
    ),
    "DISAGGREGATE": _VARIABLE,
    "EXPRESSION_BALANCE": Form({}, ({"off"},)),
    "FUNCTION_INSTANTIATE": _VARIABLE,
    "INLINE": Form({}, ({"off", "recursive"},)),
    "LATENCY": Form({"min": NUMBER, "max": NUMBER}),
    "LOOP_FLATTEN": Form({}, ({"off"},)),
    "LOOP_MERGE": Form({}, ({"force"},)),
    "LOOP_TRIPCOUNT": Form({"min": NUMBER, "max": NUMBER, "avg": NUMBER}, (), ("min", "max")),
    "PIPELINE": Form({"ii": NUMBER, "style": "stp|flp|frp"}, ({"rewind"}, {"off"})),
    "RESET": Form({"variable": NAME}, ({"off"},), ("variable",)),
    "STABLE": _VARIABLE,
    "STREAM": Form({"variable": NAME, "depth": NUMBER}, (), ("variable", "depth")),
    "UNROLL": Form({"factor": NUMBER}, ({"skip_exit_check", "off"},)),
}
_M_AXI = {
    **{"depth": NUMBER, "latency": NUMBER, "max_widen_bitwidth": NUMBER},
    **{f"num_{way}_outstanding": NUMBER for way in ("read", "write")},
    **{f"max_{way}_burst_length": NUMBER for way in ("read", "write")},
}
INTERFACES = {
    "m_axi": Form(
        {"port": NAME, "bundle": r"\w+", "offset": "slave", **_M_AXI},
        (),
        ("port", "bundle", "offset", "depth"),
    ),
    "s_axilite": Form({"port": NAME, "bundle": r"\w+"}, (), ("port",)),
    "axis": Form({"port": NAME}, (), ("port",)),
    "ap_ctrl_hs": Form({"port": "return"}, (), ("port",)),
    "ap_ctrl_chain": Form({"port": "return"}, (), ("port",)),
}
