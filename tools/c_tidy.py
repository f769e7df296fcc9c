"""clang-tidy on the C kernels and the HLS sources: ``python tools/c_tidy.py``.

Whole translation units as they are built: the kernels of one processor, the registers' access, and
the native kernels of two designs, whose headers are looked at with them. Checks: .clang-tidy.
"""

import argparse
import platform
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pynq_lstm.accelerator import native
from pynq_lstm.accelerator.config import config_header
from pynq_lstm.accelerator.design import Design
from pynq_lstm.runtime.cpu import build

ROOT = Path(__file__).resolve().parents[1]
DESIGNS = ("svd_lstm_tiny", "block_diagonal_lstm_tiny")
CPU, FPGA = ROOT / "pynq_lstm/runtime/cpu", ROOT / "pynq_lstm/runtime/fpga"
HLS = ROOT / "hls_src"


def units(folder):
    """What is looked at: (file, flags of the compiler), with what has to be made in a folder."""
    kernels = folder / "kernels.c"
    kernels.write_text(build.source(), encoding="utf-8")
    c = ["-std=gnu11", "-pthread"]
    # gcc's targets within a file are unknown to clang: all of it is read for one processor
    wide = ["-march=icelake-server"] if platform.machine() == "x86_64" else []
    yield kernels, [*c, *wide, f"-I{CPU}"]
    yield FPGA / "access.c", [*c, f"-I{FPGA}"]
    yield ROOT / "tests/aarch64/compare_kernels.c", [*c, f"-I{CPU}"]
    for name in DESIGNS:
        design = Design.load(ROOT / "overlays" / name / "design.json")
        own = folder / name
        own.mkdir(exist_ok=True)
        (own / "config.h").write_text(config_header(design), encoding="utf-8")
        flags = [flag for flag in native.FLAGS if flag != "-O2"]
        source = HLS / "native" / f"{design.kernel}.cpp"
        yield source, [*flags, f"-I{HLS}", f"-I{HLS / 'shims'}", f"-I{own}"]


def findings(file, flags):
    """What clang-tidy says about a file, and its exit status."""
    command = ["clang-tidy", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", str(file)]
    done = subprocess.run([*command, "--", *flags], capture_output=True, text=True, check=False)
    told = done.stdout + ("" if done.returncode == 0 else done.stderr)
    return re.sub(rf"^{re.escape(str(ROOT))}/", "", told, flags=re.MULTILINE), done.returncode


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    if shutil.which("clang-tidy") is None:
        print("c_tidy: no clang-tidy; on Debian: apt-get install clang-tidy", file=sys.stderr)
        return 2
    folder = ROOT / "build" / "c_tidy"
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        found = list(pool.map(lambda unit: findings(*unit), list(units(folder))))
    for told, status in found:
        if status:
            print(told, end="")
    return int(any(status for _, status in found))


if __name__ == "__main__":
    sys.exit(main())
