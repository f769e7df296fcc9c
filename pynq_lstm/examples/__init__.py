"""Trained networks with real data, for demonstrations and tests."""
