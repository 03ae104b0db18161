# SPDX-License-Identifier: MIT
"""Presets: one file for each body of code that people have. A preset calls that code as it is and edits nothing of it.

To add one, copy the file that resembles yours most. It has

    ABOUT               a line for the list
    tasks(impl, choice) yields judge.Task(name, algorithm, convention, function, ...); `impl` is what --impl names, or None for the
                        code as it is installed

where function(batch, settings) receives a vector as padded float64 tensors and returns the loss that the code computes. A function
with `wants_advantage = True` finds the right advantages in batch["advantage"], for code that receives advantages as an argument.
"""
import importlib
import pkgutil

from ..find import near
from ..places import OracleError


def names():
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def load(name):
    if name not in names():
        raise OracleError(f"there is no preset {name}{near(name, names())} (there are {', '.join(names())})")
    return importlib.import_module(f"{__name__}.{name}")
