"""Time of a point: on the best design of its own for the device, and in software."""

from dataclasses import replace

from pynq_lstm import baselines
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.candidate import Candidate
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.exploration import described, svd_fit
from pynq_lstm.exploration.target import Target


def hardware(point, network, device, dsp, float_accuracy):
    """A point on the design that is fastest for it within so many DSPs.

    Parameters
    ----------
    point : Point
    network : Network
        The float one.
    device : str
    dsp : int
    float_accuracy : float or None

    Returns
    -------
    Candidate or None
        Of engine "svdn", or of the baseline "svd1_hw"; None if no design holds it.
    """
    if len(point.models) > 1:
        try:
            candidate = baselines.svd1_hw(point.models, device, dsp=dsp)
        except PynqLstmError:  # neither way holds them
            return None
        return told(candidate, point, float_accuracy)
    fit = svd_fit.best(list(point.models), Target.of(replace(Device.of(device), dsp=dsp)))
    if fit.design is None:
        return None
    fields = described.fields(network, "svdn", {}, point.models[0], fit.design, None, None)
    return told(Candidate(**fields), point, float_accuracy)


def told(candidate, point, float_accuracy):
    """With what is known of the point."""
    drop = None if float_accuracy is None else float_accuracy - point.accuracy
    options = {**candidate.options, **point.options, "refinements": point.refinements}
    return replace(candidate, options=options, value=point.accuracy, drop=drop, mse=point.mse)
