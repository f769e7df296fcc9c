"""Helpers of these tests, and plans of those of the kernel, are importable."""

import os
import sys

HERE = os.path.dirname(__file__)
sys.path.insert(0, HERE)
sys.path.append(os.path.join(os.path.dirname(HERE), "kernel"))
