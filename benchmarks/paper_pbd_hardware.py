"""Table II and section V.B of the block-diagonal paper beside the modelled engine.

Zheng et al., "A high energy-efficiency FPGA-based LSTM accelerator architecture design by
structured pruning and normalized linear quantization": H = 200, p = 4, 4-bit weights, 8-bit
activations, 150 MHz. What is theirs is quoted, or follows from it by the arithmetic stated.
"""

from dataclasses import replace

import results
from accelerator import ASSUMED, design_of
from block_diagonal_accelerator import CONSTANTS, PAPER_RANK, SIZE, image_of

from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.energy import bounds, wave_energy

CLOCK, BASE = 150, 125  # MHz: theirs, and the one that Table II is normalised to
PEAK_TOPS, WATTS = 2.22, 1.679  # quoted
PER_PE = 25  # multipliers
HIDDEN_PES = 25  # of h_x_w, section V.B
MULTIPLIERS = 1850  # from the peak: PEAK_TOPS = MULTIPLIERS x 2 x p x CLOCK
NORMALISED = {  # Table II: GOPS at 125 MHz
    "BBS": 1520.5,
    "FINN-L (4-4-4)": 857.6,
    "C-LSTM": 218.5,
    "DeltaRNN": 1198.0,
    "ESE": 1575.0,
    "theirs": 1850.0,
}
QUOTED = "quoted from Table II; those of others are on several bases there"
OPERATIONS = 2 * 4 * SIZE * 2 * SIZE  # of a dense step, I = H


def words(pes):
    """Cycles in which a part has words: groups of columns times parts of a column."""
    columns = -(-SIZE // pes)
    return columns * -(-4 * SIZE // PAPER_RANK // PER_PE)


def gops(cycles, clock):
    """Effective: the products of a dense step over the time of this one."""
    return OPERATIONS / cycles * clock / 1000


def theirs():
    """What 2.22 TOPS stands for, and what is left of it when the parts wait for each other."""
    input_pes = MULTIPLIERS // PER_PE - HIDDEN_PES
    hidden, inputs = words(HIDDEN_PES), words(input_pes)
    together = max(hidden, inputs)
    arithmetic = f"arithmetic: {HIDDEN_PES} and (inferred) {input_pes} PEs of {PER_PE}"
    return [
        results.figure("theirs, peak", 1000 * PEAK_TOPS, "GOPS", basis="quoted, section V.B"),
        results.figure(
            f"{MULTIPLIERS} multipliers x 2 x p x {CLOCK} MHz",
            MULTIPLIERS * 2 * PAPER_RANK * CLOCK / 1000,
            "GOPS",
            basis=arithmetic + "; both parts always busy, skipped products counted",
        ),
        results.figure(
            "theirs, each step waiting for the longer part",
            gops(together, CLOCK),
            "GOPS",
            words_of_h_x_w=hidden,
            words_of_data_x_w=inputs,
            share_of_the_peak=gops(together, CLOCK) / PEAK_TOPS / 10,
            basis=arithmetic + "; no latency at all",
        ),
    ], together


def ours(together):
    """The same figures of the modelled engine, and theirs with its latency."""
    design = design_of("block_diagonal_lstm")
    step = wave_cycles(image_of(PAPER_RANK, design)).wave
    latency = step - max(words_of(design))
    clock, multipliers = design.clock_mhz, 2 * design.multiplier_count
    peak = multipliers * 2 * PAPER_RANK * clock / 1000
    modelled = {"design": design.name, "basis": ASSUMED}
    return [
        results.figure(
            "theirs, with the latency of our loop from h to h",
            gops(together + latency, CLOCK),
            "GOPS",
            latency_cycles=latency,
            share_of_the_peak=gops(together + latency, CLOCK) / PEAK_TOPS / 10,
            **modelled,
        ),
        results.figure(
            f"ours, peak of {multipliers} multipliers at {clock} MHz",
            peak,
            "GOPS",
            basis="arithmetic, as theirs",
        ),
        results.figure(
            f"ours, a step at {clock} MHz",
            gops(step, clock),
            "GOPS",
            cycles=step,
            share_of_the_peak=100 * gops(step, clock) / peak,
            **modelled,
        ),
        results.figure(f"ours, at their {CLOCK} MHz", gops(step, CLOCK), "GOPS", **modelled),
        results.figure(
            f"ours, normalised to {BASE} MHz as Table II is", gops(step, BASE), "GOPS", **modelled
        ),
    ]


def power():
    """Their estimate, and the model of ours at their clock with products of LUTs as theirs."""
    design = design_of("block_diagonal_lstm_lut")
    image = image_of(PAPER_RANK, design)
    nominal, *ends = (
        replace(energy, clock_mhz=CLOCK)
        for energy in (wave_energy(image), *bounds(wave_energy, image))
    )
    rate = gops(nominal.cycles, CLOCK)
    ours = {"design": design.name, "basis": CONSTANTS}
    return [
        results.figure(
            f"theirs, power at {CLOCK} MHz",
            WATTS,
            "W",
            GOPS_a_watt_of_the_peak=1000 * PEAK_TOPS / WATTS,
            basis="quoted, section V.B: estimated by PowerPlay for an Arria 10, no DSP, clocks of "
            "idle parts gated; the activity is not stated, and the peak has no idle part",
        ),
        results.figure(
            f"ours, power of the device at {CLOCK} MHz",
            nominal.watts,
            "W",
            range=[energy.watts for energy in ends],
            static_W=nominal.static_watts,
            GOPS_a_watt_of_a_step=rate / nominal.watts,
            GOPS_a_watt_range=[rate / energy.watts for energy in reversed(ends)],
            **ours,
        ),
        results.figure(
            "ours, the same with the clocks of all idle parts gated",
            nominal.gated_watts,
            "W",
            range=[energy.gated_watts for energy in ends],
            GOPS_a_watt_of_a_step=rate / nominal.gated_watts,
            design=design.name,
            basis=CONSTANTS.replace("no clock gated", "a gate without cost, which HLS has not"),
        ),
    ]


def words_of(design):
    """Words of the input and of the hidden part of this shape."""
    program = image_of(PAPER_RANK, design).programs[0]
    return program.input.words, program.hidden.words


def main():
    """Write docs/results/paper_pbd_hardware.json."""
    figures, together = theirs()
    figures += [*ours(together), *power()]
    figures += [
        results.figure(f"Table II, {name}, at {BASE} MHz", value, "GOPS", basis=QUOTED)
        for name, value in NORMALISED.items()
    ]
    others = [value for name, value in NORMALISED.items() if name != "theirs"]
    figures.append(
        results.figure(
            "theirs over the others of Table II",
            [NORMALISED["theirs"] / max(others), NORMALISED["theirs"] / min(others)],
            "x",
            basis="arithmetic; the paper says 1.17 to 2.16, which leaves C-LSTM out",
        )
    )
    results.write("paper_pbd_hardware", figures)
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']} {entry['unit']}")


if __name__ == "__main__":
    main()
