"""Which data a task holds, in a few characters: tells kept trainings apart."""

from __future__ import annotations

import hashlib
from weakref import WeakKeyDictionary

import numpy as np

from nets.tasks import Task

__all__ = ["fingerprint"]

_PARTS = ("train_inputs", "train_labels", "test_inputs", "test_labels")
_KNOWN: WeakKeyDictionary[Task, str] = WeakKeyDictionary()  # MNIST takes 0.2 s, and every run asks


def fingerprint(task: Task) -> str:
    """Text that differs whenever anything that training or testing meets differs.

    Every number of the four arrays counts, and what they stand for: classes, pairs, domain.
    """
    if task in _KNOWN:
        return _KNOWN[task]
    arrays = [np.ascontiguousarray(getattr(task, part)) for part in _PARTS]
    digest = hashlib.blake2b(digest_size=8)
    digest.update(repr((task.classes, task.pairs, [float(end) for end in task.domain])).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.data)
    train, test = len(task.train_labels), len(task.test_labels)
    found = f"{task.name}, {train} + {test} examples, {digest.hexdigest()}"
    if not any(getattr(task, part).flags.writeable for part in _PARTS):
        _KNOWN[task] = found
    return found
