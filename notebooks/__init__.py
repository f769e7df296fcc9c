"""Notebooks for the board and the emulator; `pynq get-notebooks pynq-lstm` copies them."""
