"""The SVD accelerator from the host's side: designs, plans, memory images and buffers.

docs/accelerator_image.md is the contract with the kernel in ``hls_src/svd_lstm``.
"""
