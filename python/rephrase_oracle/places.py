# SPDX-License-Identifier: MIT
"""Where things lie: in the installed package or, when it is run from the repository, in the repository.

The reference losses and the known mistakes are scripts of tools/; they are loaded under private names, so that a module of yours
called `conventions` stays yours.
"""
import importlib
import os
import pathlib
import sys

PACKAGE = pathlib.Path(__file__).resolve().parent
INSTALLED = PACKAGE / "_repository"
ROOT = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent.parent
GOLDEN = ROOT / "data" / "golden" / "v1"
_NAMES = ("known_mistakes", "later_mistakes", "kernel_mistakes", "piece_mistakes", "oracle_numpy", "conventions", "draws",
          "kernels_numpy", "pieces_numpy")
_loaded = {}


class OracleError(ValueError):
    """What the library says is wrong, in one sentence."""


def reference(name):
    """The module tools/NAME.py or tools/golden/NAME.py."""
    if not _loaded:
        others = {n: sys.modules.pop(n) for n in _NAMES if n in sys.modules}
        path = sys.path[:]
        sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools" / "golden")]
        try:
            for n in _NAMES:
                if (ROOT / "tools" / f"{n}.py").exists() or (ROOT / "tools" / "golden" / f"{n}.py").exists():
                    _loaded[n] = importlib.import_module(n)
        finally:
            sys.path[:] = path
            for n in _NAMES:
                sys.modules.pop(n, None)
            sys.modules.update(others)
    return _loaded[name]


def library(name):
    """The shared library librephrase or librephrase-verify: $REPHRASE_LIBRARY (a file or its folder), the package's own, or the
    newest one below a build directory of the repository."""
    given = os.environ.get("REPHRASE_LIBRARY")
    if given:
        given = pathlib.Path(given)
        folder = given if given.is_dir() else given.parent
        if name == "rephrase" and given.is_file():
            return str(given)
        found = _libraries(folder, name)
    else:
        found = _libraries(PACKAGE / "_lib", name)
        if not found and ROOT != INSTALLED:
            found = [p for d in ROOT.glob("build*/src/capi") for p in _libraries(d, name)]
    if not found:
        raise OracleError(f"lib{name} was not found: run `meson setup build && ninja -C build`, or set REPHRASE_LIBRARY")
    return str(max(found, key=lambda p: p.stat().st_mtime))


def _libraries(folder, name):
    return [p for end in (".so", ".dylib", ".dll") for p in [*folder.glob(f"lib{name}{end}"), *folder.glob(f"{name}{end}")]]
