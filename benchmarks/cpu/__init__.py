"""The CPU path beside the runtimes that a user would otherwise pick; see docs/cpu_benchmark.md."""
