"""Back ends: everything that runs a compressed model."""
