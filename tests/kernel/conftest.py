"""Fixtures of the compiled kernel."""

from kernel_fixtures import kernel_cases, kernels, libraries  # noqa: F401
