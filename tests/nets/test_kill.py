"""A process that is killed, not asked to stop, loses at most the epoch under way.

Expected: the numbers of an uninterrupted run, to the last bit.
"""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import nets
from nets import tasks

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")

TRAINING = """
import sys
import nets
from nets import tasks
network = nets.Network((64, 16, 10), "tanh", seed=3)
def told(done, epochs, history):
    sys.stdout.write(f"{done}\\n")
    sys.stdout.flush()
nets.train(network, tasks.load("digits").subset(1500), epochs=100_000, checkpoint=sys.argv[1], progress=told)
"""
COMPARISON = [
    "-m", "nets", "compare", "digits", "--train-examples", "1000", "--hidden", "8", "--json",
    "--activations", "relu,photonic:softplus", "--seeds", "2", "--learning-rates", "0.002", "--epochs", "60",
]  # fmt: skip


def start(*words):
    return subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def stop(process, how):
    os.kill(process.pid, how)
    rest = process.communicate(timeout=60)[0]
    if how == signal.SIGKILL:
        assert process.returncode == -how, "it ended before it was killed"
    assert process.returncode != 0
    return rest


def test_training_goes_on_after_a_kill(tmp_path):
    path = tmp_path / "run.npz"
    process = start("-c", TRAINING, str(path))
    for _ in range(5):
        process.stdout.readline()
    told = 5 + len(stop(process, signal.SIGKILL).splitlines())
    with np.load(path) as file:
        kept = len(file["history"])
    assert told <= kept <= told + 1  # every epoch that was told is kept
    (tmp_path / "run.npz.12345.part").write_bytes(b"half a checkpoint")
    task, epochs = tasks.load("digits").subset(1500), kept + 3
    again, whole = (nets.Network((64, 16, 10), "tanh", seed=3) for _ in range(2))
    resumed = nets.train(again, task, epochs=epochs, checkpoint=path, resume=True)
    assert resumed == nets.train(whole, task, epochs=epochs)
    assert np.array_equal(again.parameters, whole.parameters)
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


@pytest.fixture(scope="module")
def whole():
    done = subprocess.run([sys.executable, *COMPARISON], capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_comparison_goes_on_after_it_was_stopped(tmp_path, whole, how):
    folder = tmp_path / "kept"
    process = start(*COMPARISON, "--out", str(folder))
    end = time.monotonic() + 60
    while not list(folder.glob("runs/*.npz")) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    stop(process, getattr(signal, how))
    assert list(folder.glob("runs/*.npz")), "nothing was under way"
    assert not (folder / "results.json").exists()
    subprocess.run(
        [sys.executable, *COMPARISON, "--out", str(folder), "--resume"], capture_output=True, check=True
    )
    assert json.loads((folder / "results.json").read_text()) == whole
    assert not list(folder.glob("runs/*.npz*"))
