"""What packs the weights of each engine, by the design's `engine`."""

from pynq_lstm.accelerator.packing import block_diagonal, svd

ENGINES = {"svd": svd, "block_diagonal": block_diagonal}
