"""HLS sources of the accelerator and the stand-ins that simulate them."""
