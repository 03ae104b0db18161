# SPDX-License-Identifier: MIT
"""Compares a function with the vectors and says what is wrong with it, in the words of the known mistakes.

A task is one function under one algorithm and convention. What it returns is compared in the outputs that the task names: the loss
and its gradient, or the advantages alone. Presets are lists of tasks.
"""
import collections
import math

from . import vectors
from .places import reference

Result = collections.namedtuple("Result", "case status mine why")  # status: right, wrong or broken (no finite result)


class Task:
    def __init__(self, name, algorithm, convention, function, outputs=("loss", "dlogp"), with_torch=None, choice=None, only=None,
                 tolerance=1e-7):
        self.name, self.algorithm, self.convention, self.function, self.outputs = name, algorithm, convention, function, outputs
        self.with_torch = vectors.uses_torch(function) if with_torch is None else with_torch
        self.choice = choice or vectors.Choice()
        self.only = only or (lambda case, settings: True)  # vectors that the code under test can be asked at all
        self.tolerance = tolerance                         # relative; code in single precision needs 1e-5

    def cases(self):
        for case in vectors.cases(self.algorithm, self.convention, self.choice):
            settings, _ = vectors.inputs_of(case, self.algorithm, self.convention)
            if self.only(case, settings):
                yield case

    def close(self, mine, expected):
        return reference("known_mistakes").close(mine, expected, self.tolerance)

    def expected(self, case):
        return {k: case["expected"][self.convention][k] for k in self.outputs}

    def run(self, case):
        settings, batch = vectors.inputs_of(case, self.algorithm, self.convention)
        if self.outputs == ("loss", "dlogp"):
            function = self.function
            if getattr(function, "wants_advantage", False):
                batch = {**batch, "advantage": case["expected"][self.convention]["advantage"]}
            mine, why = vectors.call(function, batch, settings, self.with_torch, case.get("poison", False))
        else:
            mine, why = self._outputs(batch, settings)
        if case.get("refusable"):
            return Result(case, *_refused(mine, why, self.expected(case)))
        if why:
            return Result(case, "broken", mine, why)
        return Result(case, "right" if self.close(mine, self.expected(case)) else "wrong", mine, None)

    def _outputs(self, batch, settings):
        """Functions that return advantages: rows of one number for each token, compared where tokens count."""
        try:
            mine = self.function(batch, dict(settings))
        except Exception as error:
            return None, f"{type(error).__name__}: {error}"
        mask = batch.get("mask") or [[1] * len(r) for r in batch["logp"]]
        rows = [[float(a) if m else 0.0 for a, m in zip(r, ms)] for r, ms in zip(mine, mask)]
        if not all(math.isfinite(x) for r in rows for x in r):
            return {"advantage": rows}, "an advantage is NaN or infinite"
        return {"advantage": rows}, None


def _refused(mine, why, expected):
    """A NaN reward: an exception is right, and so is the batch without the row, whether the row counts in the denominators or not."""
    if mine is None:
        return "right", None, None
    if why:
        return "broken", mine, why
    pairs = [(x, y) for p, q in zip(mine["dlogp"], expected["dlogp"]) for x, y in zip(p, q)]
    norm = sum(y * y for _, y in pairs)
    c = sum(x * y for x, y in pairs) / norm if norm else 1.0
    same = all(abs(x - c * y) <= 1e-7 * (abs(y) + 1e-3) for x, y in pairs)
    return ("right" if same and 0 < c <= 1 + 1e-7 else "wrong"), mine, None


def diagnose(task, wrong):
    """Mistakes that equal the user's numbers on wrong vectors: (hits, vectors to which the mistake applies, mistake), best first."""
    found = []
    for m in reference("known_mistakes").MISTAKES:
        hits = total = 0
        for case, mine in wrong:
            if case.get("poison"):
                continue
            settings, batch = vectors.inputs_of(case, task.algorithm, task.convention)
            theirs = m.wrong(task.algorithm, settings, batch)
            theirs = theirs and {k: theirs[k] for k in task.outputs}
            if theirs is None or task.close(theirs, task.expected(case)):
                continue
            total += 1
            hits += task.close(mine, theirs)
        if hits:
            found.append((hits, total, m))
    return sorted(found, key=lambda f: (-f[0], f[1] - f[0]))


def best(task, wrong):
    """The mistakes worth naming: exact on every wrong vector, else the three that explain at least half of them."""
    if hasattr(task, "best"):
        return task.best(wrong)
    found = [f for f in diagnose(task, wrong) if 2 * f[0] >= len(wrong)]
    exact = [f for f in found if f[0] == len(wrong)]
    return exact or found[:3], bool(exact)


def other_conventions(task, wrong):
    """Conventions whose numbers the user's are on every wrong vector that has them."""
    if hasattr(task, "others"):
        return
    others = {o for case, _ in wrong for o in case["expected"]} - {task.convention}
    for other in sorted(others):
        asked = [(case["expected"][other], mine) for case, mine in wrong if other in case["expected"]]
        if asked and all(task.close(mine, {k: expected[k] for k in task.outputs}) for expected, mine in asked):
            yield other, len(asked)


def describe(case):
    return f"{case['id']} [{', '.join(case['flags'])}]"


def difference(task, result):
    """One sentence about one wrong or broken vector."""
    if result.status == "broken":
        return f"no finite result on {describe(result.case)}: {result.why}"
    if hasattr(task, "difference"):
        return task.difference(result)
    expected = task.expected(result.case)
    if "loss" in expected and not task.close({"loss": result.mine["loss"]}, {"loss": expected["loss"]}):
        return f"{describe(result.case)}: loss {result.mine['loss']:.9g}, expected {expected['loss']:.9g}"
    key = next(k for k in task.outputs if k != "loss")
    places = [(abs(x - y), i, t, x, y) for i, (p, q) in enumerate(zip(result.mine[key], expected[key])) for t, (x, y) in enumerate(zip(p, q))]
    _, i, t, x, y = max(places)
    return f"{describe(result.case)}: {key} of row {i}, token {t} is {x:.9g}, expected {y:.9g}"


def by_flag(result):
    """A mistake that is known by the vector it shows on: (name, title, where), or None."""
    known = reference("later_mistakes").BY_FLAG
    return next((known[f] for f in result.case["flags"] if f in known), None) if result.status == "broken" else None


def explain(task, results):
    """What a report says below its first line."""
    wrong = [(r.case, r.mine) for r in results if r.status == "wrong"]
    flagged = [r for r in results if by_flag(r)]
    lines = ["  " + difference(task, r) for r in results if r.status == "broken" and r not in flagged]
    for ident, title, where in sorted({by_flag(r) for r in flagged}):
        hits = [r for r in flagged if by_flag(r)[0] == ident]
        lines.append(f"  matches {ident}: {title}\n      ({where}) on {len(hits)} vectors, the first {describe(hits[0].case)}")
    if not wrong:
        return lines
    lines.append("  first difference: " + difference(task, next(r for r in results if r.status == "wrong")))
    for other, count in other_conventions(task, wrong):
        lines.append(f"  these are the numbers of convention {other} on {count} of {len(wrong)} wrong vectors")
    named, exact = best(task, wrong)
    for hits, _, m in named:
        lines.append(f"  matches {m.id}: {m.title}\n      ({m.where}) on {hits} of {len(wrong)} wrong vectors")
    if not named:
        lines.append("  none of the known mistakes; the vectors above say where it parts")
    if not exact and all(set(c["flags"]) & vectors.HOSTILE for c, _ in wrong):
        lines.append("  ordinary batches agree: only hostile ones differ, see their flags in docs/golden-format.md")
    return lines


def failure(task, result):
    """The text of one failing vector; its first line is the mistake where one is known, because summaries show no more."""
    text = [f"{m.id}: {m.title}\n  ({m.where})" for _, _, m in best(task, [(result.case, result.mine)])[0]] if result.status == "wrong" else []
    text += ["{}: {}\n  ({})".format(*by_flag(result))] if by_flag(result) else []
    return "\n".join(text + [("  " if text else "") + difference(task, result), f"  {result.case['comment']}"])


def report(task, results, label=None):
    right = sum(r.status == "right" for r in results)
    head = label or f"{task.algorithm}, convention {task.convention}"
    what = "loss and gradient" if task.outputs == ("loss", "dlogp") else " and ".join(task.outputs)
    return "\n".join([f"{head}: {right} of {len(results)} vectors agree in {what}"] + explain(task, results))


def judge(task):
    return [task.run(case) for case in task.cases()]
