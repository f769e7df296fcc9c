"""The compiled parts of the package; everything else is in setup.cfg.

Boards carry setuptools 59.6, which does not read metadata from pyproject.toml.
"""

from setuptools import setup

setup(
    cffi_modules=[
        "pynq_lstm/runtime/cpu/build.py:ffi",
        "pynq_lstm/runtime/fpga/access_build.py:ffi",
    ],
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
