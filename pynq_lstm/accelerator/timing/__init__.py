"""The kernel's processes as events that wait for one another: what ``cycles.py`` is made of."""
