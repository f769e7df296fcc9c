"""Shared helpers of the tests (`random_models`, `model_files`) are importable from every folder."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
