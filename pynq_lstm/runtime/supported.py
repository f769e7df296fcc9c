"""Which models a back end computes; the others it refuses by name."""

from pynq_lstm.errors import BackendError

_ACCELERATED = ("svd", "block_diagonal")
_METHODS = {"fpga": _ACCELERATED, "emulator": _ACCELERATED}  # all others take every method
_BITS = 16  # of gates and c, wherever this table has an entry
_NARROW = {("fpga", "block_diagonal"), ("emulator", "block_diagonal")}  # but there


def check(name, model):
    """Refuse a model that the back end `name` does not compute; the CPU has them all.

    Raises
    ------
    BackendError
        Its method has no kernel there, or its gates or c have fewer than 16 bits.
    """
    for field in ("gate_bits", "cell_bits"):
        bits = getattr(model, field)
        if name in _METHODS and (name, model.method) not in _NARROW and bits != _BITS:
            problem = f"the back end {name!r} has gates and c of {_BITS} bits only"
            raise BackendError(f"model.{field}", bits, problem, 'load it with backend="cpu"')
    methods = _METHODS.get(name, (model.method,))
    if model.method not in methods:
        raise BackendError(
            "model.method",
            model.method,
            f"the back end {name!r} runs {' and '.join(methods)} models only",
            f'load it with backend="cpu", or compress with method="{methods[0]}"',
        )
