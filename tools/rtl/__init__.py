"""Leaf blocks of the accelerator as hand-written RTL: simulated by Verilator, mapped by yosys.

The blocks are evidence for the DSP, memory and LUT figures of the resource model and for
the packed arithmetic. They are not what Vitis HLS makes of ``hls_src``.
``PYTHONPATH=tools python -m rtl`` prints what yosys counts.
"""
