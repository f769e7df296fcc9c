"""Seconds to compress two full LSTMs of I = 1024, H = 512 (8 gate problems of two matrices)."""

import time

import numpy as np
import results

from pynq_lstm import Layer, Network, compress

INPUTS, HIDDEN, REFINEMENTS, SEED = 1024, 512, 64, 0
CASES = {
    "no tiles": {},
    "half of the u tiles, one eighth of the v tiles absent": {
        "u_tile": (32, 16),
        "zero_u_tiles": 16,
        "v_tile": 8,
        "zero_v_tiles": 8,
    },
    "the same, 4 bits": {
        "u_tile": (32, 16),
        "zero_u_tiles": 16,
        "v_tile": 8,
        "zero_v_tiles": 8,
        "weight_bits": 4,
    },
}


def layer(random):
    """An LSTM whose gate matrices have a decaying spectrum over noise."""

    def matrix(columns):
        rank = min(HIDDEN, columns)
        spectrum = (1 + np.arange(rank)) ** -0.6
        gates = []
        for _ in range(4):
            left = np.linalg.qr(random.standard_normal((HIDDEN, rank)))[0]
            right = np.linalg.qr(random.standard_normal((columns, rank)))[0]
            gate = (left * spectrum) @ right.T
            gates.append(0.05 * (gate / gate.std() + 0.15 * random.standard_normal(gate.shape)))
        return np.concatenate(gates).astype(np.float32)

    return Layer(matrix(INPUTS), matrix(HIDDEN), np.zeros(4 * HIDDEN, np.float32))


def main():
    """Measure and write docs/results/compression_time.json."""
    random = np.random.default_rng(SEED)
    network = Network((layer(random), layer(random)))
    figures = []
    for name, options in CASES.items():
        begin = time.perf_counter()
        model = compress(network, input_range=(-1, 1), refinements=REFINEMENTS, **options)
        seconds = time.perf_counter() - begin
        figures.append(
            results.figure(
                f"compress two LSTMs I=1024 H=512, R=64 a gate, {name}",
                seconds,
                "s",
                "< 60",
                seconds < 60,
                relative_error=model.provenance["relative weight error"],
            )
        )
        print(f"{name}: {seconds:.1f} s", flush=True)
    results.write(
        "compression_time", figures, {"seed": SEED, "weights": "decaying spectrum and 15 % noise"}
    )


if __name__ == "__main__":
    main()
