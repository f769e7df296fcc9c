"""Notebooks for the board and the emulator; `pynq get-notebooks pynq_lstm` copies them."""
