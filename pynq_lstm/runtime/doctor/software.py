"""Checks of what is installed. Each takes what it judges, so that the tests can make it up."""

from pynq_lstm.runtime.doctor.findings import MISSING, NOT_HERE, OK, WRONG, Finding

SUPPORTED_BOARD = "ZCU104"
REQUIREMENTS = ("numpy", "cffi", "safetensors", "threadpoolctl", "tqdm")  # as in setup.cfg
_CAPPED = {"numpy": 2, "pycparser": 3}  # first major version that pynq fails with
_BUILD = "build it: python -m {}, which needs a C compiler and Python's headers"


def board(place):
    """Is it the board that the overlays are made for?"""
    if place.board is None:
        return Finding("board", NOT_HERE, "not a board of PYNQ's")
    if place.board == SUPPORTED_BOARD:
        return Finding("board", OK, place.board)
    return Finding(
        "board",
        WRONG,
        place.board,
        f"the overlays are made for the {SUPPORTED_BOARD}; PYNQ_LSTM_EMULATE=1 emulates one",
    )


def python(version):
    """Is it a Python that the package supports? `version`: (major, minor, ...)."""
    found = ".".join(map(str, version[:3]))
    if (3, 10) <= tuple(version[:2]) <= (3, 12):
        return Finding("Python", OK, found)
    return Finding("Python", WRONG, found, "use Python 3.10, 3.11 or 3.12")


def pynq(version, place):
    """Is pynq there, in a version that the driver was tested with? None: not installed."""
    if version is None and not place.uses_pynq:
        remedy = "only for the emulator: pip install 'pynq-lstm[pynq]', PYNQ_LSTM_EMULATE=1"
        return Finding("pynq", NOT_HERE, "not installed", remedy)
    if version is None:
        remedy = "pip install 'pynq-lstm[pynq]'"
        if place.board:
            remedy = "source /etc/profile.d/pynq_venv.sh: the image's pynq is in that environment"
        return Finding("pynq", MISSING, "not installed", remedy)
    if (3, 0, 1) <= _numbers(version) < (5,):
        return Finding("pynq", OK, version)
    remedy = "use an image of v3.0.1 to v4.0.0" if place.board else "pip install 'pynq>=3.0.1,<5'"
    return Finding("pynq", WRONG, version, remedy)


def capped(name, version, pynq_version):
    """Is a package old enough for pynq? `name`: "numpy" or "pycparser"."""
    first_bad = _CAPPED[name]
    if version is None:
        return Finding(name, NOT_HERE, "not installed")
    if pynq_version is not None and _numbers(version) >= (first_bad,):
        remedy = f"pip install '{name}<{first_bad}': pynq fails with later ones"
        return Finding(name, WRONG, f"{version}, with pynq {pynq_version}", remedy)
    return Finding(name, OK, version)


def requirements(lacking):
    """Are the package's own requirements there? `lacking`: names of those that are not."""
    if not lacking:
        return Finding("requirements", OK, ", ".join(REQUIREMENTS))
    names = " ".join(lacking)
    return Finding("requirements", MISSING, names, f"pip install --no-deps {names}")


def extension(name, error, builder, needed):
    """Is a compiled part there? `error`: of its import, or None; `builder`: what builds it."""
    if error is None:
        return Finding(name, OK, "built")
    return Finding(name, MISSING if needed else NOT_HERE, str(error), _BUILD.format(builder))


def compiler(found, place):
    """Is there a C++ compiler for the emulator's kernel? `found`: its name or None."""
    if found is not None:
        return Finding("C++ compiler", OK, found)
    verdict = MISSING if place.emulate else NOT_HERE
    return Finding("C++ compiler", verdict, "none", "for the emulator: apt-get install g++")


def _numbers(version):
    """The leading numbers of a version: (3, 1, 2) of "3.1.2rc1"."""
    numbers = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)
