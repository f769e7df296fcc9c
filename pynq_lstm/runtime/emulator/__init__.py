"""An emulated ZCU104 for the pynq library: registers, memory, interrupt, and the kernel itself.

With ``PYNQ_LSTM_EMULATE=1`` pynq finds the board by itself once this package was imported.
"""

import os

if os.environ.get("PYNQ_LSTM_EMULATE") == "1":
    from pynq_lstm.runtime.emulator import probe  # noqa: F401
