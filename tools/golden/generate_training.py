#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes data/golden/v1/training: 20 training steps of the tiny Llama, loss by loss, with the weights they end at.

    python tools/golden/generate_training.py            write, then renew MANIFEST.json
    python tools/golden/generate_training.py --check    compute again and compare with the files; write nothing

Two origins run the whole trace side by side, each with its own weights:
    closed forms    llama_numpy.py, oracle_numpy.py, AdamW as in the paper
    framework       transformers under torch.autograd, oracle_torch.py, torch.optim.AdamW
They may differ by 1e-9 (1 + |x|) in any number of any step; the script stops at the first one that does. Rows, rewards and masks
are data. Needs torch and transformers (versions in MANIFEST.json).
"""
import argparse
import json
import math
import pathlib
import random
import sys

import numpy as np
import torch
import transformers
from safetensors.numpy import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import golden_model  # noqa: E402
import kernels_numpy as K  # noqa: E402
import manifest  # noqa: E402
import oracle_numpy  # noqa: E402
import oracle_torch  # noqa: E402
from conventions import resolve  # noqa: E402
from generate import OUT, cut, dump, needed  # noqa: E402
from llama_numpy import Llama  # noqa: E402

MODEL, STEPS, QUESTIONS, ROLLOUTS, AGREE = "llama-tied", 20, 2, 4, 1e-9
OPTIMIZER = {"learning_rate": 5e-3, "final": .1, "beta1": .9, "beta2": .95, "epsilon": 1e-6, "decay": .1, "clip": .5, "steps": STEPS,
             "warmup": 3, "schedule": "cosine"}
CASES = [
    ("grpo", "paper", {"beta": .05}, {"updates": 2, "minibatches": 1, "temperature": .9},
     "two updates per step, so that ratios leave 1; KL to the starting weights"),
    ("luffy", "paper", {"entropy_coef": .01}, {"updates": 1, "minibatches": 2, "temperature": 1.0},
     "an expert's row in every group, entropy bonus, two minibatches of one question each"),
]
NOTES = {"Trace": "Step s starts from the weights of step s-1: an error anywhere grows from there."}


def rows_of_step(rng, vocabulary, expert):
    rows = []
    for q in range(QUESTIONS):
        prompt = [rng.randrange(vocabulary) for _ in range(rng.randrange(2, 5))]
        for j in range(ROLLOUTS):
            response = [rng.randrange(vocabulary) for _ in range(rng.randrange(1, 7))]
            source = "expert" if expert and j == ROLLOUTS - 1 else "policy"
            rows.append({"prompt": prompt, "response": response, "group": q, "source": source,
                         "reward": 1.0 if source == "expert" else rng.choice([0.0, .25, 1.0]),
                         "mask": [int(rng.random() < .9) for _ in response]})
    return rows


def learning_rate(o, step):
    if step < o["warmup"]:
        return o["learning_rate"] * (step + 1) / o["warmup"]
    done = (step - o["warmup"]) / (o["steps"] - o["warmup"])
    return o["learning_rate"] * (o["final"] + (1 - o["final"]) * (1 + math.cos(math.pi * done)) / 2)


# ---- Two learners with the same face ------------------------------------------------------------------------------------------


class ClosedForms:
    def __init__(self, folder):
        self.model, self.t = Llama(folder), 0
        self.m = {k: np.zeros_like(w) for k, w in self.model.w.items()}
        self.v = {k: np.zeros_like(w) for k, w in self.model.w.items()}

    def look(self, row, temperature):
        """logp and entropy of the response, and a handle for backward."""
        ids, p = row["prompt"] + row["response"], len(row["prompt"])
        return self.model.forward(ids, list(range(p - 1, len(ids) - 1)), row["response"], temperature)

    def loss(self, name, settings, batch):
        return oracle_numpy.loss(name, settings, batch)

    def update(self, handles, result, rate):
        gradient = {k: np.zeros_like(w) for k, w in self.model.w.items()}
        for i, saved in enumerate(handles):
            self.model.backward(saved, result["dlogp"][i], result["dentropy"][i], gradient)
        norm = math.sqrt(math.fsum(float((g * g).sum()) for g in gradient.values()))
        self.t += 1
        settings = {**OPTIMIZER, "rate": rate}
        for k, g in gradient.items():
            g = g * K.clip_factor(norm, OPTIMIZER["clip"])
            self.model.w[k], self.m[k], self.v[k] = K.adamw_step(self.model.w[k], self.m[k], self.v[k], g, self.t, settings, "norm" not in k)
        return norm

    def weights(self):
        return self.model.w


class Framework:
    def __init__(self, folder):
        self.model = golden_model.in_float64(transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager"))
        named = dict(self.model.named_parameters())
        groups = [{"params": [p for k, p in named.items() if "norm" not in k], "weight_decay": OPTIMIZER["decay"]},
                  {"params": [p for k, p in named.items() if "norm" in k], "weight_decay": 0.0}]
        self.named = named
        self.optimizer = torch.optim.AdamW(groups, betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]), eps=OPTIMIZER["epsilon"])

    def look(self, row, temperature):
        ids, p = row["prompt"] + row["response"], len(row["prompt"])
        lp = torch.log_softmax(golden_model.run(self.model, ids, torch.float64)[p - 1:-1] / temperature, dim=-1)
        logp = lp.gather(1, torch.tensor(row["response"])[:, None])[:, 0]
        entropy = -(lp.exp() * lp).sum(-1)
        return logp.detach().numpy(), entropy.detach().numpy(), (logp, entropy)

    def loss(self, name, settings, batch):
        return oracle_torch.loss(name, settings, batch)

    def update(self, handles, result, rate):
        self.optimizer.zero_grad(set_to_none=False)
        torch.autograd.backward([x for pair in handles for x in pair],
                                [torch.tensor(result[key][i]) for i in range(len(handles)) for key in ("dlogp", "dentropy")])
        norm = float(torch.sqrt(sum((p.grad ** 2).sum() for p in self.named.values())))
        for p in self.named.values():
            p.grad *= min(1.0, OPTIMIZER["clip"] / norm)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        return norm

    def weights(self):
        return {k: p.detach().numpy() for k, p in self.named.items()}


def train_step(learner, reference, name, s, run, rows, step):
    """What the trainer does with finished rows; the numbers of the last update, and of the weights."""
    rate, parts = learning_rate(OPTIMIZER, step), []
    for b in range(run["minibatches"]):
        chosen = [r for r in rows if QUESTIONS * b // run["minibatches"] <= r["group"] < QUESTIONS * (b + 1) // run["minibatches"]]
        frozen = {key: [learned.look(r, run["temperature"])[0].tolist() for r in chosen]
                  for key, learned in (("logp_old", learner), ("logp_ref", reference))}
        frozen.update({key: [r[key] for r in chosen] for key in ("reward", "group", "source", "mask")})
        parts.append((chosen, frozen))
    for _ in range(run["updates"]):
        for chosen, frozen in parts:
            seen = [learner.look(r, run["temperature"]) for r in chosen]
            batch = {**frozen, "logp": [x[0].tolist() for x in seen], "entropy": [x[1].tolist() for x in seen]}
            result = learner.loss(name, s, cut(batch, needed(name, s)))
            norm = learner.update([x[2] for x in seen], result, rate)
    weights = learner.weights()
    return {"loss": float(result["loss"]), "grad_norm": norm, "learning_rate": rate,
            "weight_sum": math.fsum(float(w.sum()) for w in weights.values()),
            "weight_norm": math.sqrt(math.fsum(float((w * w).sum()) for w in weights.values()))}


def make(number, name, convention, settings, run, comment):
    folder, rng = OUT / "model" / MODEL, random.Random(50 + number)
    vocabulary = json.loads((folder / "config.json").read_text())["vocab_size"]
    learners, references = [ClosedForms(folder), Framework(folder)], [ClosedForms(folder), Framework(folder)]
    s, inputs, expected = resolve(name, convention, settings), [], []
    for step in range(STEPS):
        rows = rows_of_step(rng, vocabulary, name == "luffy")
        inputs.append(rows)
        first, second = (train_step(a, b, name, s, run, rows, step) for a, b in zip(learners, references))
        for key in first:
            if not abs(first[key] - second[key]) <= AGREE * (1 + abs(first[key])):
                sys.exit(f"{name} step {step + 1}: {key} is {first[key]!r} in closed form and {second[key]!r} by torch")
        expected.append(first)
    mine, theirs = (x.weights() for x in learners)
    worst = max(float(np.abs(mine[k] - theirs[k]).max()) for k in mine)
    if worst > AGREE:
        sys.exit(f"{name}: final weights differ by {worst}")
    print(f"{name}: {STEPS} steps, loss {expected[-1]['loss']:.6f}, final weights of both origins within {worst:.1e}")
    columns = {key: [step[key] for step in expected] for key in expected[0]}
    case = {"id": f"training-{name}", "comment": comment, "flags": ["Trace"],
            "inputs": {"model": MODEL, "algorithm": name, "convention": convention, "settings": settings, **run, "optimizer": OPTIMIZER,
                       "steps": inputs},
            "expected": {**columns, "weights": f"{name}.safetensors"}, "tolerance": {"f64": 1e-11, "f32": 1e-3}}
    return case, {k: np.ascontiguousarray(w) for k, w in mine.items()}


def close(old, new):
    return all(abs(a - b) <= AGREE * (1 + abs(a)) for key in new if key != "weights" for a, b in zip(old[key], new[key], strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing")
    check = parser.parse_args().check
    folder = OUT / "training"
    folder.mkdir(parents=True, exist_ok=True)
    made = [make(i, *row) for i, row in enumerate(CASES)]
    if check:
        old = json.loads((folder / "traces.json").read_text())["cases"]
        for before, (case, weights) in zip(old, made, strict=True):
            stored = load_file(folder / case["expected"]["weights"])
            if not close(before["expected"], case["expected"]) or any(np.abs(stored[k] - weights[k]).max() > AGREE for k in weights):
                sys.exit(f"{case['id']}: differs from what this machine computes")
        print("the files agree with them")
        return
    for case, weights in made:
        save_file(weights, folder / case["expected"]["weights"])
    document = {"schema": "training.json", "area": "training", "subject": "training steps of the tiny Llama",
                "source": {"oracles": ["closed forms, NumPy float64 (tools/golden/llama_numpy.py, oracle_numpy.py)",
                                       "transformers and torch, float64 (tools/golden/generate_training.py)"],
                           "page": "docs/golden-format.md"},
                "notes": NOTES, "cases": [case for case, _ in made]}
    (folder / "traces.json").write_text(dump(document), encoding="utf-8")
    manifest.write()


if __name__ == "__main__":
    main()
