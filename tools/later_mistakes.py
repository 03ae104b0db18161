# SPDX-License-Identifier: MIT
"""Known mistakes found from October 2025 to September 2026, beside those of known_mistakes.py, which lists, checks and names them all.

add(known) registers them: `known` is that module with its ways to be wrong. A mistake that has a `flag` shows on vectors of that flag
only and is known by it, without numbers of its own.
"""
import math

import numpy as np

BY_FLAG = {
    "NaNBehindMask": ("H1", "a NaN in a slot that the mask hides reaches the result: NaN times 0 is NaN", "OpenRLHF PR 1240"),
    "NaNReward": ("H2", "one NaN reward spreads over its group or the batch", "TRL PR 5773, UniRL PR 335"),
}


def add(known):
    truth, mistake = known.truth, known.mistake

    def members_of(w, i, members):
        return [j for j in range(w.rows) if w.group[j] == w.group[i] and (members is None or members[j])]

    @mistake("the variance is E[x^2] - mean^2 in one pass and single precision: rewards that are large beside their differences lose it",
             "NeMo-RL PR 4158 (with leave-one-out: -2075 for -892538)")
    def one_pass(name, settings, batch):
        if settings.get("std") not in ("population", "bessel"):
            return None

        def change(right, w, s, R, members):
            if s.get("scale_rewards") == "batch":
                return right
            out = []
            for i, a in enumerate(known.RIGHT_ADVANTAGES(w, {**s, "std": "none"}, R, members)):
                x = [R[j] for j in members_of(w, i, members)]
                n, divisor = len(x), len(x) - (s["std"] == "bessel")
                if n < 2:
                    out.append(right[i])
                    continue
                x = np.array(x, dtype=np.float32)
                variance = max(float((x * x).mean() - x.mean() ** 2), 0.0) * n / divisor
                deviation = math.sqrt(variance) + s["std_epsilon"]
                out.append(a / deviation if deviation > 0 else 0.0)
            return out
        return replaced(name, settings, batch, change)

    def replaced(name, settings, batch, change):
        """The truth with other advantages: change(right ones, work, settings, rewards, members)."""
        if not known.relative(settings):
            return None
        right = truth.advantages
        with known.patched(advantages=lambda w, s, R=None, members=None: change(right(w, s, R, members), w, s, w.R if R is None else R, members)):
            return truth.loss(name, settings, batch)

    @mistake("groups are cut at a fixed stride; the rows of a partial last group are divided by epsilon alone (1e-6 where there is none)",
             "AReaL #1419, PR 1673")
    def fixed_stride(name, settings, batch):
        if settings.get("std") not in ("population", "bessel"):
            return None

        def change(right, w, s, R, members):
            size = max(w.group.count(g) for g in set(w.group))
            out = []
            for i in range(w.rows):
                block = [R[j] for j in range(i // size * size, min(i // size * size + size, w.rows))]
                mean = math.fsum(block) / len(block)
                if len(block) < size:
                    out.append((R[i] - mean) / (s["std_epsilon"] or 1e-6))
                    continue
                deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in block) / (size - (s["std"] == "bessel")) if size > 1 else 0.0)
                deviation += s["std_epsilon"]
                out.append((R[i] - mean) / deviation if deviation > 0 else 0.0)
            return out
        return replaced(name, settings, batch, change)

    def held_to(bound, below_only):
        def wrong(name, settings, batch):
            if "logp_old" not in batch and "logp_behavior" not in batch:
                return None

            def held(x):
                if x > truth.LIMIT or x < -bound or (x > bound and not below_only):
                    return max(min(x, truth.LIMIT if below_only else bound), -bound), 0.0
                return x, 1.0
            with known.patched(held=held):
                return truth.loss(name, settings, batch)
        return wrong

    mistake("log ratios are held to 10 in both directions, not to 20",
            "a bound of 10, which verl and OpenRLHF have for the KL, in the ratio")(held_to(10.0, False))
    mistake("the log ratio is held at -2 from below: unlikely tokens with a good answer keep e^-2 and lose their gradient",
            "a mutation that no vector noticed before 2026-11")(held_to(2.0, True))

    @mistake("the clip range is 0.2 on both sides, whatever the settings say", "clip settings that do not reach the loss, verl PR 5798")
    def fixed_clip(name, settings, batch):
        return known.with_settings(name, settings, batch, epsilon=0.2, epsilon_high=0.2) if "epsilon" in settings else None

    @mistake("a count of tokens has a floor of 2, or one is taken off: a step or row with a single token is halved",
             "clamp(min=1) written as clamp(min=2); a mutation that no vector noticed before 2026-11")
    def floor_of_two(name, settings, batch):
        if settings.get("loss_type") not in ("token-mean", "seq-mean-token-mean") or "total_tokens" in batch:
            return None
        right = truth.weights

        def wrong(w, s, part=None, kind=None):
            out = right(w, s, part, kind)
            N = sum(w.L(i) for i in range(w.rows) if out[i])
            if (kind or s["loss_type"]) == "token-mean":
                return [x / 2 if N == 1 else x for x in out]
            return [x / 2 if w.L(i) == 1 else x for i, x in enumerate(out)]
        with known.patched(weights=wrong):
            return truth.loss(name, settings, batch)

    @mistake("nothing is trained: loss and gradient are zero", "a detached tensor; one published test of CS336's train step accepts it (docs/verify-yours.md)")
    def nothing(name, settings, batch):
        return known.scaled(name, settings, batch, 0.0)
