"""From a `Network` to the formats of others."""
