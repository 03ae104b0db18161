# SPDX-License-Identifier: MIT
"""A batch of your own against the C oracle: what differs first, and which known mistake gives your numbers."""
import numpy as np

from . import vectors
from .places import reference


def _array(x):
    return np.asarray(x.detach().cpu().numpy() if hasattr(x, "detach") else x, dtype=np.float64)


def compare(oracle, loss, dlogp, batch, algorithm, convention, tolerance, settings):
    """None when loss and gradient agree within tolerance (relative to the largest number); else the failure's text."""
    arrays = {k: v if k in ("group", "source", "rewards") or k.startswith("total_") else _array(v) for k, v in batch.items()}
    right = oracle.loss(algorithm, arrays, convention, **settings)
    mask = arrays.get("mask", np.ones_like(arrays["logp"])) > 0
    mine, truth = np.where(mask, _array(dlogp), 0.0), np.where(mask, right["dlogp"], 0.0)
    scale = max(np.abs(truth).max(initial=0.0), 1e-12)
    loss, gap = float(loss), np.abs(mine - truth)
    good_loss = abs(loss - right["loss"]) <= tolerance * max(abs(right["loss"]), scale)
    if good_loss and (gap <= tolerance * scale).all():
        return None
    lines = [f"{algorithm}, convention {convention}: your batch differs from the oracle"]
    if not good_loss:
        lines.append(f"  loss {loss:.9g}, expected {right['loss']:.9g}")
    if not (gap <= tolerance * scale).all():
        i, t = np.unravel_index(np.nanargmax(np.where(np.isfinite(gap), gap, np.inf)), gap.shape)
        lines.append(f"  dlogp of row {i}, token {t} is {mine[i, t]:.9g}, expected {truth[i, t]:.9g}")
    return "\n".join(lines + named(loss, mine, arrays, algorithm, convention, tolerance, settings))


def named(loss, dlogp, arrays, algorithm, convention, tolerance, settings):
    known = reference("known_mistakes")
    ragged, rows = {}, arrays["logp"].shape[0]
    for key, value in arrays.items():
        if key in vectors.PER_TOKEN or key in ("mask", "prefix"):
            ragged[key] = [[int(x) if key in ("mask", "prefix") else float(x) for x in r] for r in value]
        else:
            ragged[key] = value.tolist() if hasattr(value, "tolist") else value
    ragged.setdefault("group", [0] * rows)
    resolved = known.resolve(algorithm, convention, settings)
    found = []
    for m in known.MISTAKES:
        theirs = m.wrong(algorithm, resolved, ragged)
        if theirs is None:
            continue
        other = np.array(theirs["dlogp"])
        scale = max(np.abs(other).max(initial=0.0), 1e-12)
        if abs(theirs["loss"] - loss) <= tolerance * max(abs(loss), scale) and (np.abs(other - dlogp) <= tolerance * scale).all():
            found.append(f"  matches {m.id}: {m.title}\n      ({m.where})")
    return found or ["  none of the known mistakes"]
