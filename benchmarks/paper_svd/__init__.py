"""The first paper's figures: Ribes et al. 2020, on its task and on its sizes."""
