"""Running a model needs NumPy, cffi and safetensors only; compression and pictures need more."""

import subprocess
import sys

SCRIPT = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
import numpy as np
import pynq_lstm as pl
from pynq_lstm.runtime import session
from pynq_lstm.cli import main
model = pl.CompressedModel.load({path!r})
with pl.load(model) as opened:
    print(opened.infer(np.zeros((1, 2, 6), np.float32))[0].shape)
"""


def test_running_needs_little(tmp_path):
    import numpy as np
    from example_matrices import random_network

    import pynq_lstm as pl

    net = random_network(np.random.default_rng(0), [(6, 8)])
    path = str(tmp_path / "model.safetensors")
    pl.compress(net, input_range=(-1, 1), refinements=2).save(path)
    blocked = {"torch", "matplotlib", "threadpoolctl", "tqdm", "pynq", "onnx", "h5py", "scipy"}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(blocked=blocked, path=path)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ran.stdout, ran.returncode) == ("(1, 2, 8)\n", 0), ran.stderr
