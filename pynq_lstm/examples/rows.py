"""A line of the demonstration's table."""

from dataclasses import asdict, dataclass
from typing import Optional, Tuple


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name : str
    refinements : int or None
        None for the float network.
    accuracy, drop : float
        Percent of the images, and points below the float network.
    interval : tuple of float
        95 % interval of the accuracy, percent.
    mse, relative_error : float
        Of the weights; 0 for the float network.
    stored_bytes, parameters, multiplications : int
        Bytes of the file's tensors, words of the weights, products of a step.
    fraction : float
        Stored bytes over the float network's.
    seconds_per_image : float
        One image a call, median.
    backend : str
    """

    name: str
    refinements: Optional[int]
    accuracy: float
    drop: float
    interval: Tuple[float, float]
    mse: float
    relative_error: float
    stored_bytes: int
    parameters: int
    multiplications: int
    fraction: float
    seconds_per_image: float
    backend: str

    def to_dict(self):
        """For JSON."""
        return asdict(self)
