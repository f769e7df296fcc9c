"""The board: overlay, kernel and buffers, through pynq."""
