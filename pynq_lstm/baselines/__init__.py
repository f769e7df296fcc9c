"""What a compressed design is compared with: models of other designs, and software that is timed.

Room above `accelerator`, `runtime` and `candidate`; the search of `exploration` may
use it. Every baseline gets the same DSPs, bits and clock, and chooses its own packing, its own
division of the DSPs and its own residence of the weights: docs/models.md has the equations.
"""

from pynq_lstm.baselines.lstm_hw import lstm_hw
from pynq_lstm.baselines.software import lstm_sw, svdn_sw
from pynq_lstm.baselines.svd1_hw import svd1_hw

__all__ = ["lstm_hw", "lstm_sw", "svd1_hw", "svdn_sw"]
