"""Back end in C for the processor, x86-64 or aarch64."""
