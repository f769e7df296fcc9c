"""Designs of the overlays, and the scripts that build them."""
