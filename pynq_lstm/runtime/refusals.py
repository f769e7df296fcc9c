"""What sessions and streams of models and of networks refuse alike."""

from pynq_lstm.errors import BackendError, InputError


def head(holder, what):
    """The head of a model or a network.

    Parameters
    ----------
    holder : CompressedModel or CompressedNetwork
    what : str
        What errors call it.

    Raises
    ------
    InputError
        There is none.
    """
    if holder.head is None:
        raise InputError(
            "head", None, f"this {what} has none", "use infer, or compress a network with a head"
        )
    return holder.head


def iterator(inputs):
    """An iterator over what `infer_many` is given.

    Raises
    ------
    InputError
        It is not an iterable.
    """
    try:
        return iter(inputs)
    except TypeError:
        raise InputError(
            "inputs", type(inputs).__name__, "not an iterable", "pass a list of inputs"
        ) from None


def open_session(backend):
    """The back end of a session.

    Raises
    ------
    BackendError
        There is none, since the session is closed.
    """
    if backend is None:
        raise BackendError(
            "session", "closed", "it runs no more", "open another one with pynq_lstm.load"
        )
    return backend


def open_stream(steps, known, anew=False):
    """What a stream runs on.

    Parameters
    ----------
    steps : object or None
        None of a stream that is closed.
    known : bool
        Whether its state is known.
    anew : bool
        Whether the state is about to be set.

    Raises
    ------
    BackendError
        It is closed, or its state is not known and not about to be.
    """
    if steps is None:
        raise BackendError(
            "stream", "closed", "it runs no more", "open another one with session.stream"
        )
    if not (known or anew):
        raise BackendError(
            "stream",
            "interrupted",
            "a step of it did not end, so its state is not known",
            "set stream.state, or call stream.reset",
        )
    return steps
