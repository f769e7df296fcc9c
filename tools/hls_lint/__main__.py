"""``python tools/hls_lint``, or ``python -m hls_lint`` with tools/ on the path."""

import sys
from pathlib import Path

if not __package__:
    sys.path[0:1] = [str(Path(__file__).resolve().parents[1])]
    from hls_lint.cli import main
else:
    from .cli import main

sys.exit(main())
