"""Magic numbers and versions of docs/accelerator_image.md."""

MAGIC, VERSION = 0x4D54534C, 1  # of the kernel: "LSTM"
IMAGE_MAGIC, IMAGE_VERSION = 0x474D4950, 1  # "PIMG"
ENGINES = {"svd": 0, "block_diagonal": 1}  # what an image is for
