# SPDX-License-Identifier: MIT
"""The golden vectors of an algorithm: which are asked, and how a function sees one (padded arrays) and answers (ragged rows)."""
import contextlib
import math
import sys
import traceback

import numpy as np

from .places import reference

HOSTILE = {"EmptyMask", "EmptyRow", "RatioOverflow", "RatioHeld", "LowVariance", "GroupOfOne", "AllEqualRewards", "SplitBatch",
           "RowHeld", "RatioSteep", "OneCounted", "HugeRewards"}
SOURCES = {"policy": 0, "expert": 1, "rephrased": 2}


class Choice:
    """Which vectors: the flags of verify-mine and of the pytest plugin."""
    FLAGS = {"terms": "add the vectors with KL and entropy terms (your function then reads their settings)",
             "settings": "add the vectors with other settings (your function reads them all)",
             "split": "add parts of a split step (read total_rows and total_tokens)",
             "nan": "put NaN into every hidden slot, and add a NaN reward (refuse it, or leave the row out)",
             "ordinary": "leave the hostile vectors out"}

    def __init__(self, terms=False, settings=False, split=False, nan=False, ordinary=False):
        self.terms, self.settings, self.split, self.nan, self.ordinary = terms, settings, split, nan, ordinary

    def asks(self, case):
        flags = set(case["flags"])
        if self.ordinary and flags & HOSTILE:
            return False
        if "SplitBatch" in flags:
            return self.split
        given = set(case["inputs"]["settings"]) - {"loss_scale_factor"}
        return not given or "ClipPair" in flags or self.settings or (self.terms and "AllTerms" in flags)


def algorithms():
    return sorted(reference("known_mistakes").DEFAULTS)


def conventions(algorithm):
    return list(reference("known_mistakes").CONVENTIONS[algorithm])


def cases(algorithm, convention="paper", choice=None):
    """The vectors asked, in the order of the file: those worked out by hand come first. With `nan`, hidden slots hold NaN."""
    choice = choice or Choice()
    found = [c for c in reference("known_mistakes").golden(algorithm) if convention in c["expected"] and choice.asks(c)]
    return [poisoned(c) for c in found] + ([c for c in nan_rewards(algorithm, found, convention)]) if choice.nan else found


def left_out(algorithm, convention, choice):
    """Flags that would ask for more, and how many vectors each would add."""
    asked = len(cases(algorithm, convention, choice))
    more = {}
    for flag in ("terms", "settings", "split"):
        if not getattr(choice, flag):
            n = len(cases(algorithm, convention, Choice(**{**vars(choice), flag: True}))) - asked
            if n:
                more[flag] = n
    return more


def inputs_of(case, algorithm, convention):
    return reference("known_mistakes").inputs_of(case, algorithm, convention)


# ---- NaN: hidden slots must not matter, and a NaN reward must not spread ------------------------------------------------------

PER_TOKEN = ("logp", "logp_old", "logp_behavior", "logp_ref", "entropy", "value", "value_old", "logp_teacher")


def poisoned(case):
    """The same vector with NaN wherever the mask hides a token. Its expected numbers do not change."""
    inputs = case["inputs"]
    mask = inputs.get("mask") or [[1] * len(r) for r in inputs["logp"]]  # then only the padding is hidden
    fill = lambda rows: [[x if m else math.nan for x, m in zip(r, ms)] for r, ms in zip(rows, mask)]
    return {**case, "id": case["id"] + "+nan", "poison": True, "flags": case["flags"] + ["NaNBehindMask"],
            "inputs": {**inputs, **{k: fill(inputs[k]) for k in PER_TOKEN if k in inputs}}}


def nan_rewards(algorithm, found, convention):
    """The typical vector with a NaN as reward of one more row in its first group. Right is to refuse it (any exception) or to leave the
    row out, which gives the numbers of the vector without it; it may have no gradient."""
    for case in found:
        if "Typical" not in case["flags"] or "reward" not in case["inputs"] or "topk" in case["inputs"]:
            continue
        extra = lambda key, rows: rows + [math.nan if key == "reward" else rows[0]]
        rows = len(case["inputs"]["logp"])
        inputs = {k: extra(k, v) if isinstance(v, list) and len(v) == rows else v for k, v in case["inputs"].items() if k != "rewards"}
        if "rewards" in case["inputs"]:
            inputs["rewards"] = {k: v + [math.nan] for k, v in case["inputs"]["rewards"].items()}
        expected = {c: {k: v + [[0.0] * len(v[0])] if isinstance(v, list) else v for k, v in e.items()}
                    for c, e in case["expected"].items()}
        yield {**case, "id": case["id"] + "+nan-reward", "flags": case["flags"] + ["NaNReward"], "inputs": inputs,
               "expected": {convention: expected[convention]}, "refusable": True, "poison": True}


# ---- How a function sees a vector ---------------------------------------------------------------------------------------------


def padded(batch, fill=0.0):
    """Padded float64 arrays (B, T) of ragged rows; padding is 0, or NaN where a vector says so."""
    lengths = [len(r) for r in batch["logp"]]
    B, T = len(lengths), max(max(lengths), 1)
    out = {"mask": np.zeros((B, T))}
    for i, n in enumerate(lengths):
        out["mask"][i, :n] = 1
    for key, value in batch.items():
        if key == "group":
            labels = list(dict.fromkeys(value))
            out[key] = np.array([labels.index(g) for g in value])
        elif key == "source":
            out[key] = np.array([SOURCES[s] for s in value])
        elif key == "reward":
            out[key] = np.array(value, dtype=np.float64)
        elif key in ("rewards", "topk") or key.startswith("total_"):
            out[key] = value
        else:
            out[key] = np.full((B, T), fill if key in PER_TOKEN else 0.0)
            for i, row in enumerate(value):
                out[key][i, :len(row)] = row
    out.setdefault("group", np.zeros(B, dtype=int))
    return out, lengths


def ragged(array, lengths):
    return [np.asarray(array[i, :n], dtype=np.float64).tolist() for i, n in enumerate(lengths)]


@contextlib.contextmanager
def double_precision(torch):
    """Tensors that a function makes without naming a type are float64 while a vector runs."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def call(function, batch, settings, with_torch, poison=False):
    """The loss and its gradient by log-probability as ragged rows; and the reason when there is no finite result."""
    arrays, lengths = padded(batch, math.nan if poison else 0.0)
    try:
        if with_torch:
            import torch
            with double_precision(torch):
                tensors = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in arrays.items()}
                tensors["logp"].requires_grad_()
                loss = function(tensors, dict(settings))
                gradient = torch.autograd.grad(loss, tensors["logp"], allow_unused=True)[0] if loss.requires_grad else None
            loss, gradient = loss.item(), np.zeros_like(arrays["logp"]) if gradient is None else gradient.numpy()
        else:
            loss, gradient = function(arrays, dict(settings))
        loss, gradient = float(loss), np.asarray(gradient, dtype=np.float64)
        if gradient.shape != arrays["logp"].shape:
            return None, f"the gradient has the shape {gradient.shape}, logp has {arrays['logp'].shape}"
    except Exception:
        return None, traceback.format_exc(limit=-2).strip().split("\n")[-1]
    gradient = np.where(arrays["mask"] > 0, gradient, gradient if poison else 0.0)
    result, finite = {"loss": loss, "dlogp": ragged(gradient, lengths)}, np.isfinite(gradient).all()
    if not math.isfinite(loss) or not finite:
        return result, f"loss {loss}, gradient {'finite' if finite else 'NaN or infinite'}"
    return result, None


def uses_torch(function):
    """Does the module of this function (or of its class) import torch?"""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    names = getattr(function, "__globals__", None) or (vars(module) if module else {})
    return any(getattr(v, "__name__", "").split(".")[0] == "torch" for v in names.values() if type(v).__name__ == "module")
