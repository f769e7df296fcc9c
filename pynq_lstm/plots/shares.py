"""How much of a device a design takes."""

from collections.abc import Mapping

from pynq_lstm.errors import InputError
from pynq_lstm.plots import given, marks
from pynq_lstm.plots.figure import axis

KINDS = {"dsp": "DSP", "bram36": "BRAM", "uram": "URAM", "lut": "LUT", "ff": "FF"}


def resources(used, available=None, ax=None):
    """Shares of DSPs, block RAMs, UltraRAMs, LUTs and flip-flops; ranges as error bars.

    Parameters
    ----------
    used : Candidate, Resources or mapping
        The mapping: a number, or a pair of least and most, for each kind.
    available : Device or mapping, optional
        What the device has of each kind; default: `used.available`, of Resources.
    ax : matplotlib Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        `used` has no resources, as software has none, or what there is of them is not known; a
        number that is none is named by its kind.
    MissingExtraError
        matplotlib is not installed.
    """
    ranges, whole = _ranges(used), _available(used, available)
    ax = axis(ax)
    kinds = [kind for kind in KINDS if kind in ranges and whole.get(kind)]
    if not kinds:
        remedy = "pass the device that the design is for"
        raise InputError("available", dict(whole), "has nothing of what is used", remedy)
    highest = 100.0
    for n, kind in enumerate(kinds):
        low, high = (100 * value / whole[kind] for value in ranges[kind])
        middle = (low + high) / 2
        over = high > 100
        bar = {"color": marks.VERMILLION, "hatch": "//"} if over else {"color": marks.SKY}
        ax.bar(n, middle, 0.62, edgecolor=marks.BLACK, linewidth=0.6, **bar)
        if high > low:
            spread = [[middle - low], [high - middle]]
            ax.errorbar(n, middle, yerr=spread, color=marks.BLACK, capsize=5, linewidth=1.2)
        ax.annotate(
            _told(*ranges[kind], whole[kind]),
            (n, high),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )
        highest = max(highest, high)
    ax.axhline(100, color=marks.VERMILLION, linewidth=1, linestyle="--")
    ax.set_xticks(range(len(kinds)), [KINDS[kind] for kind in kinds])
    ax.set_xlim(-0.6, len(kinds) - 0.4)
    ax.set_ylim(0, 1.16 * highest)
    ax.set_ylabel("share of the device, %")
    ax.set_title(f"Resources{_of(used, available)}, modelled", fontsize=10)
    ax.grid(True, axis="y", alpha=0.25)
    ax.set_axisbelow(True)
    return ax


def _ranges(used):
    own = used if isinstance(used, Mapping) else getattr(used, "resources", used)
    if not isinstance(own, Mapping):
        own = {kind: getattr(own, kind) for kind in KINDS if hasattr(own, kind)}
    found = {kind: _pair(kind, own[kind]) for kind in KINDS if own.get(kind) is not None}
    if not found:
        problem = "takes no resources of a device"
        raise InputError("used", used, problem, "pass a design that was modelled")
    return found


def _pair(kind, value):
    """Least and most."""
    remedy = "pass a number, or the least and the most"
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise InputError(f"used.{kind}", value, "not two numbers", remedy)
    for one in pair:
        given.number(f"used.{kind}", one, remedy, least=0)
    if pair[0] > pair[1]:
        raise InputError(f"used.{kind}", value, "more at least than at most", remedy)
    return pair


def _available(used, device):
    whole = used if device is None else device
    whole = getattr(whole, "available", whole)
    remedy = "pass a Device, or what it has by kind"
    if not isinstance(whole, Mapping) or (device is None and whole is used):
        raise InputError("available", device, "what the device has is not known", remedy)
    for kind in KINDS:
        if whole.get(kind) is not None:
            given.number(f"available.{kind}", whole[kind], remedy, least=0)
    return whole


def _told(low, high, whole):
    used = f"{low:,g}" if low == high else f"{_thousands(low)} to {_thousands(high)}"
    return f"{used}\nof {whole:,}"


def _thousands(value):
    return f"{value / 1000:,.0f}k" if value >= 10_000 else f"{value:,g}"


def _of(used, available):
    name = getattr(available, "name", None) or getattr(used, "part", None)
    return f" on {name}" if isinstance(name, str) else ""
