"""Table I of the block-diagonal paper, on a word-level language model of the same sizes."""
