"""From a budget, or a drop of accuracy, to the options of a compression."""
