"""The progress bar of a compression."""


def bar(total, unit, progress, what="compress"):
    """A bar on stderr over `total` steps, to be used by ``with`` and moved by its ``update``.

    Parameters
    ----------
    total : int or None
        None: not known; what was done is counted.
    unit : str
        What a step is.
    progress : bool, optional
        None: on terminals only.
    what : str
        Stands before it.
    """
    from tqdm import tqdm  # only here: running a model needs less than compressing one

    disable = None if progress is None else not progress
    return tqdm(total=total, desc=what, unit=unit, disable=disable, leave=False)
