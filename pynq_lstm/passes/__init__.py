"""Networks as passes: LSTMs that run side by side, one group after another (docs/networks.md)."""
