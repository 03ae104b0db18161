# SPDX-License-Identifier: MIT
"""Finds what a user names: MODULE:FUNCTION, a file, an algorithm, a convention. What is not found is said in one sentence."""
import difflib
import importlib
import importlib.util
import pathlib
import sys

from . import vectors
from .places import OracleError


def module(name):
    """By dotted name, with the current directory on the path, or by the path of a .py file."""
    path = pathlib.Path(name)
    if name.endswith(".py") or path.is_file():
        if not path.is_file():
            raise OracleError(f"there is no file {name}")
        folder = str(path.resolve().parent)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        name = path.stem
    elif "" not in sys.path and "." not in sys.path:
        sys.path.insert(0, ".")
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise OracleError(f"{name} cannot be imported: {error}") from error


def function(text):
    """MODULE:FUNCTION; the function is called loss where none is named."""
    name, _, attribute = text.rpartition(":") if ":" in text else (text, "", "")
    found = module(name)
    attribute = attribute or "loss"
    if not hasattr(found, attribute):
        raise OracleError(f"{name} has no {attribute}" + near(attribute, [n for n in vars(found) if not n.startswith("_")]))
    return getattr(found, attribute)


def near(word, names):
    close = difflib.get_close_matches(word, names, 1)
    return f"; did you mean {close[0]}?" if close else ""


def check_names(algorithm, convention):
    names = vectors.algorithms()
    if algorithm not in names:
        raise OracleError(f"there is no algorithm {algorithm}{near(algorithm, names)} (there are {', '.join(names)})")
    known = vectors.conventions(algorithm)
    if convention not in known:
        raise OracleError(f"{algorithm} has the conventions {', '.join(known)}, not {convention}")
