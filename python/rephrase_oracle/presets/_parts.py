# SPDX-License-Identifier: MIT
"""What presets share: tensors of a vector, packages that are read without what they import."""
import importlib
import importlib.util
import pathlib
import sys
import types
import unittest.mock

from ..places import OracleError


def advantages(batch):
    """The right advantages of a vector, as a padded tensor (B, T) and as one number for each row."""
    import torch
    rows = batch["advantage"]
    if not torch.is_tensor(rows):
        rows = torch.tensor(rows)
    shown = batch["mask"] > 0
    first = shown.int().argmax(1)
    return rows, torch.where(shown.any(1), rows[torch.arange(len(rows)), first], torch.zeros(len(rows)))


def wants_advantage(function):
    function.wants_advantage = True
    return function


def need_torch(preset):
    if importlib.util.find_spec("torch") is None:
        raise OracleError(f"the preset {preset} calls code of torch, which is not installed here")


def package_folder(package, given=None):
    """The folder that holds `package`: `given` when it names one, else where it is installed. Nothing is imported."""
    if given:
        folder = pathlib.Path(given)
        places = [at for at in (folder, folder.parent, *sorted(folder.glob("*/purelib"))) if (at / package).is_dir()]
        for at in sorted(places, key=lambda at: not (at / package / "__init__.py").is_file()):
            return at
        raise OracleError(f"{given} holds no package {package}")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise OracleError(f"{package} is not installed here (or name the folder of its sources with --impl)")
    return pathlib.Path(list(spec.submodule_search_locations)[0]).parent


def only_module(folder, name, absent):
    """Imports one module of a package without running the package's own __init__ files, which import the whole trainer. Modules named
    in `absent` that are not installed are replaced by stand-ins."""
    parts = name.split(".")
    for n in range(1, len(parts)):
        package = ".".join(parts[:n])
        if package not in sys.modules:
            module = types.ModuleType(package)
            module.__path__ = [str(pathlib.Path(folder, *parts[:n]))]
            sys.modules[package] = module
    for other in absent:
        try:
            if other not in sys.modules:
                importlib.import_module(other)
        except Exception:
            sys.modules[other] = unittest.mock.MagicMock(name=other)
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise OracleError(f"{name} cannot be imported from {folder}: {type(error).__name__}: {error}") from error
