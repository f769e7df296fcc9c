"""Is the overlay that is loaded the one that was expected? Compared before anything is started.

pynq keeps what it read of a .hwh in a cache whose key is the .bit alone, and a foreign bitstream
can be loaded at any time: so nothing is taken for granted.
"""

from pynq_lstm.accelerator.identity import MAGIC, VERSION
from pynq_lstm.accelerator.registers import plain_name
from pynq_lstm.errors import OverlayError

CLOCK_MARGIN = 1.005
CLOCK_SHARES = (1, 0.95, 0.9, 0.8, 0.7, 0.5)  # that are asked for one after another
_STALE = (
    "if the files were exchanged, pynq's cache is stale: delete _current_metadata.pkl and"
    " global_pl_state_.json in the folder pl_server of the installed pynq, then load again"
)


def offsets(description):
    """Byte offsets by plain name of an entry of ``ip_dict``."""
    return {
        plain_name(name): int(entry["address_offset"])
        for name, entry in (description.get("registers") or {}).items()
    }


def check_description(manifest, ip_dict):
    """Compare pynq's ``ip_dict`` with the manifest: VLNV, base, range, offsets.

    Parameters
    ----------
    manifest : Manifest
    ip_dict : dict

    Raises
    ------
    OverlayError
        The first difference, with what was expected and what was found.
    """
    kernel = manifest.kernel
    description = ip_dict.get(kernel.instance)
    if description is None:
        _differs("instance of the kernel", sorted(ip_dict), kernel.instance)
    for field, key, expected in (
        ("VLNV", "type", kernel.vlnv),
        ("base address", "phys_addr", kernel.base_address),
        ("address range", "addr_range", kernel.address_range),
    ):
        if description.get(key) != expected:
            _differs(f"{field} of {kernel.instance}", description.get(key), expected)
    found = offsets(description)
    for name, offset in kernel.registers.items():
        if found.get(name) != offset:
            _differs(f"offset of register {name}", found.get(name), offset)
    counter = manifest.cycle_counter
    if counter is not None:
        there = ip_dict.get(counter.instance, {}).get("phys_addr")
        if there != counter.base_address:
            _differs(f"base address of {counter.instance}", there, counter.base_address)


def check_identity(design, read):
    """Compare what IDENTIFY left in the registers with a design.

    Parameters
    ----------
    design : Design
    read : callable
        Register name to int.

    Raises
    ------
    OverlayError
    """
    for field, found, expected in (
        ("magic", read("magic"), MAGIC),
        ("version", read("version"), VERSION),
        ("design's hash", read("hash_low") | read("hash_high") << 32, design.hash64),
    ):
        if found != expected:
            raise OverlayError(
                f"{field} of the kernel",
                f"{found:#x}",
                f"not {expected:#x}: another bitstream is loaded",
                "load the overlay of this package, all its files of one build",
            )


def fit_clock(manifest, clocks):
    """Lower the kernel's clock where it is faster than what the bitstream was built for.

    pynq sets the divisors of the clock and not its source, so that another PLL than Vivado
    assumed gives another frequency, and rounds to the nearest one that there is.

    Parameters
    ----------
    manifest : Manifest
    clocks : pynq.Clocks
        ``fclk0_mhz`` can be read and set.

    Returns
    -------
    float
        MHz, as the processor's registers have it.

    Raises
    ------
    OverlayError
        It stays too fast.
    """
    for share in (None, *CLOCK_SHARES):
        if share is not None:
            clocks.fclk0_mhz = share * manifest.clock_mhz
        mhz = float(clocks.fclk0_mhz)
        if mhz <= CLOCK_MARGIN * manifest.clock_mhz:
            return mhz
    raise OverlayError(
        "clock of the kernel",
        f"{mhz:g} MHz",
        f"faster than the {manifest.clock_mhz:g} MHz that it was built for, and cannot be lowered",
        "build the overlay for a clock that this board has",
    )


def _differs(field, found, expected):
    raise OverlayError(field, _shown(found), f"not {_shown(expected)} as the manifest says", _STALE)


def _shown(value):
    return f"{value:#x}" if isinstance(value, int) else value
