#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes data/golden/v1/model again with llama_numpy.py: the second origin of what transformers wrote there.

    python tools/golden/check_models.py        logits, log-probabilities, entropies, all gradients, greedy continuations

Needs numpy and safetensors. Numbers may differ by 1e-10 (1 + |x|); exit code 1 at the first that does.
"""
import json
import pathlib
import sys

import numpy as np
from safetensors.numpy import load_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from llama_numpy import Llama  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "data" / "golden" / "v1" / "model"
AGREE = 1e-10


def agree(what, ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    worst = float((np.abs(ours - theirs) / (1 + np.abs(theirs))).max())
    if ours.shape != theirs.shape or not worst <= AGREE:
        sys.exit(f"{what}: the closed form differs by {worst}")
    return worst


def greedy(model, prompt, count):
    ids = list(prompt)
    for _ in range(count):
        *_, saved = model.forward(ids, [len(ids) - 1], [0], 1.0)
        ids.append(int(np.argmax(saved[-1][0])))
    return ids[len(prompt):]


def check(case):
    g, expected = case["inputs"], case["expected"]
    model, tensors = Llama(OUT / g["model"]), load_file(OUT / expected["tensors"])
    gradient = {k: np.zeros_like(w) for k, w in model.w.items()}
    logits, logp, entropy = [], [], []
    for first, last in zip(g["start"], g["start"][1:]):
        mine = [m for m, row in enumerate(g["score"]) if first <= row < last]
        if not mine:
            continue
        take = lambda key: np.array([g[key][m] for m in mine])
        rows = [g["score"][m] - first for m in mine]
        lp, H, saved = model.forward(g["ids"][first:last], rows, take("target"), g["temperature"])
        model.backward(saved, take("dlogp"), take("dentropy"), gradient)
        logits.append(saved[-1])
        logp.extend(lp)
        entropy.extend(H)
    worst = max(agree("logp", logp, expected["logp"]), agree("entropy", entropy, expected["entropy"]),
                agree("logits", np.concatenate(logits), tensors["logits"]))
    for name, found in gradient.items():
        worst = max(worst, agree(name, found, tensors["gradient." + name]))
    for prompt, ids in zip(g["prompts"], expected["greedy"], strict=True):
        if greedy(model, prompt, len(ids)) != ids:
            sys.exit(f"{case['id']}: another greedy continuation of {prompt}")
    print(f"{case['id']}: {len(gradient)} gradients and {len(logp)} log-probabilities within {worst:.1e}")


def main():
    for group in json.loads((OUT / "models.json").read_text())["groups"]:
        for case in group["cases"]:
            check(case)


if __name__ == "__main__":
    main()
