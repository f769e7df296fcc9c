"""From a float `Network` to an integer `CompressedModel`."""
