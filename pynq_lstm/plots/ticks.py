"""Ticks of logarithmic axes as plain numbers, for `ax.xaxis` or `ax.yaxis`."""

import math

DROPS = (-100, -50, -20, -10, -5, -2, -1, -0.5, 0, 0.5, 1, 2, 5, 10, 20, 50, 100)
MOST = 9  # labels of an axis


def logarithmic(axis, low, high, margin=0.05):
    """A logarithmic axis around positive values, with margins, labelled 1, 2, 5 or 1 of a decade.

    Parameters
    ----------
    axis : matplotlib Axis
    low, high : float
        Least and greatest value that is drawn.
    margin : float, optional
        Share of the axis, or of a decade where that is longer, that is left at both ends.
    """
    from matplotlib.ticker import NullLocator

    room = margin * max(math.log10(high / low), 1)
    low, high = low / 10**room, high * 10**room
    ticks = plain(low, high)
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_ticks(ticks, [text(tick, low < 1e-3 or high > 1e6) for tick in ticks])
    axis.set_minor_locator(NullLocator())
    axis.axes.set(**{f"{axis.axis_name}lim": (low, high)})


def plain(low, high):
    """Round numbers from `low` to `high`, evenly spread over a logarithmic axis.

    Where the range is too narrow for that, multiples of one round number.
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        found = [s * 10.0**d for d in decades for s in steps if low <= s * 10.0**d <= high]
        if len(found) <= MOST:
            return found if len(found) > 3 else _multiples(low, high)
    every = math.ceil(len(found) / MOST)
    return [tick for tick in found if round(math.log10(tick)) % every == 0]


def _multiples(low, high):
    finest = 10.0 ** math.floor(math.log10((high - low) / MOST))
    step = next(s * finest for s in (1, 2, 5, 10, 20) if (high - low) / (s * finest) < MOST - 1)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def text(value, powers=False):
    """A label: with separators of thousands, or as a power of ten."""
    if not powers:
        return f"{value:,.6g}" if value >= 1 else f"{value:.6g}"
    mantissa, exponent = f"{value:.6e}".split("e")
    mantissa = f"{float(mantissa):g}"
    power = f"10$^{{{int(exponent)}}}$"
    return power if mantissa == "1" else f"{mantissa}·{power}"


def of_drops(axis, drops):
    """Linear up to a point, where the good models are, and logarithmic beyond."""
    from matplotlib.ticker import NullLocator

    low, high = min([0, *drops]), max([1, *drops])
    low, high = (1.3 * low - 0.15, 1.3 * high)
    axis.axes.set_yscale("symlog", linthresh=1)
    ticks = [tick for tick in DROPS if low <= tick <= high]
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_minor_locator(NullLocator())
    axis.axes.set_ylim(low, high)
