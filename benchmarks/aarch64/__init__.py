"""Instructions of the CPU path as aarch64 code, counted under qemu; modelled cycles of loops."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "aarch64"))
