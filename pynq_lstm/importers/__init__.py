"""From the formats of others to a `Network`."""
