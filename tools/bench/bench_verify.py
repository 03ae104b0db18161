#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Verifications per second of bench-verify and, where it is installed, of Math-Verify on the same kinds of input, in one run.

    python tools/bench/bench_verify.py [--build build] [--seconds 10]

Both are measured in processor time on one core: bench-verify by itself, Math-Verify in this process, warm, each for about
--seconds. The cases are the groups "own core" of the golden verdicts; the responses are numbers boxed behind 2 kB of text.
"""
import argparse
import json
import logging
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def numeric_pairs():
    text = "".join(f"Step {i}: we multiply $\\frac{{{i + 3}}}{{7}}$ and keep the rest ({5 * i} left).\n" for i in range(1, 36))
    answers = ["{}", "{}.50", "-{}", "\\frac{{{}}}{{3}}", "{}/7", "+{}.0"]
    return [(answers[i % 6].format(100 + i), f"{text}Therefore the answer is $\\boxed{{{answers[i % 6].format(100 + i)}}}$.", "response")
            for i in range(60)]


def core_pairs():
    groups = json.loads((ROOT / "data/golden/v1/verify/answers.json").read_text(encoding="utf-8"))["groups"]
    cases = [case for group in groups if group["name"].startswith("own core") for case in group["cases"]]
    return [(case["gold"], case.get("answer", case.get("response")), "answer" if "answer" in case else "response") for case in cases
            if "gold" in case]


def measure(pairs, seconds):
    from math_verify import parse, verify

    done, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for gold, text, kind in pairs:
            try:
                verify(parse("$" + gold + "$"), parse("\\boxed{" + text + "}" if kind == "answer" else text))
            except Exception:  # noqa: BLE001 — what another grader cannot read still takes its time
                pass
            done += 1
            if time.process_time() - start >= seconds:
                break
    return done / (time.process_time() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build"))
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    for what in ("numeric", "cases"):
        print(subprocess.run([f"{options.build}/tools/bench/bench-verify", what], cwd=ROOT, check=True, capture_output=True,
                             text=True).stdout.strip(), flush=True)
    try:
        import math_verify  # noqa: F401
    except ImportError:
        sys.exit("Math-Verify is not installed here; `pip install 'math-verify[antlr4_13_2]'` to compare")
    print(f"Math-Verify, numbers in 2 kB responses: {measure(numeric_pairs(), options.seconds):.0f} verifications/s")
    print(f"Math-Verify, core cases: {measure(core_pairs(), options.seconds):.0f} verifications/s")


if __name__ == "__main__":
    main()
