"""Small aarch64 programs for the tests."""

import subprocess


def cross_compiled(flags, sources, program):
    """Compile C sources for aarch64.

    Parameters
    ----------
    flags : list of str
    sources : list of Path
    program : Path

    Returns
    -------
    Path
        The program.
    """
    command = ["aarch64-linux-gnu-gcc", *flags, "-o", program, *sources]
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return program
