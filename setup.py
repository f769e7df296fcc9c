"""The compiled parts of the package; everything else is in setup.cfg.

Boards carry setuptools 59.6, which does not read metadata from pyproject.toml.

With PYNQ_LSTM_KEEP_BUILT=1 nothing is compiled: an editable install of a second Python uses the
modules that the first put beside the sources, since one of the limited API serves them all.
"""

import os

from setuptools import setup

COMPILED = [
    "pynq_lstm/runtime/cpu/build.py:ffi",
    "pynq_lstm/runtime/fpga/access_build.py:ffi",
]

setup(
    cffi_modules=[] if os.environ.get("PYNQ_LSTM_KEEP_BUILT") == "1" else COMPILED,
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
