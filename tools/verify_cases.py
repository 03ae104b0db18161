#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Feeds files of verification cases through `rephrase verify --jsonl` and compares the verdicts with the expected ones.

Usage: verify_cases.py [--binary build/rephrase] [--list] [--tier core,policy] FILE...

A case is one JSON object per line: id, gold, pred, expected (true/false), tier, kind, mode. Modes: `answer` gives pred as a
bare answer, `response` as a model's response, `raw` as a response under the option `lenient`. gold_parts/pred_parts
([[text, times], ...]) stand for long strings; `accept` lists the verdicts an adversarial case may get. No dependencies.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

VERDICTS = {"equal": "EQUAL", "different": "DIFFERENT", "unparsed": "UNPARSED", "budget": "BUDGET"}


def text_of(case, name):
    if name in case:
        return case[name]
    return "".join(part * times for part, times in case[name + "_parts"])


def to_line(case):
    line = {"id": case["id"], "gold": text_of(case, "gold")}
    line["pred" if case["mode"] == "answer" else "response"] = text_of(case, "pred")
    if case["mode"] == "raw":
        line["options"] = {"lenient": True}
    return json.dumps(line, ensure_ascii=True)


def run(binary, cases):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as stream:
        stream.writelines(to_line(case) + "\n" for case in cases)
    try:
        done = subprocess.run([binary, "verify", "--jsonl", stream.name], capture_output=True, text=True)
    finally:
        os.unlink(stream.name)
    if done.returncode:
        sys.exit(f"{binary} failed: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def agrees(case, result):
    if "accept" in case:
        return VERDICTS[result["verdict"]] in case["accept"]
    return (result["verdict"] == "equal") == case["expected"]


def short(text, width=100):
    shown = repr(text)
    return shown if len(shown) <= width else shown[: width // 2] + "…" + shown[-width // 2 :]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--binary", default="build/rephrase")
    parser.add_argument("--list", action="store_true", help="print every disagreement")
    parser.add_argument("--tier", help="only these tiers, separated by commas")
    options = parser.parse_args()

    cases = []
    for path in options.files:
        with open(path, encoding="utf-8") as stream:
            cases += [json.loads(line) for line in stream if line.strip()]
    if options.tier:
        cases = [case for case in cases if case["tier"] in options.tier.split(",")]
    results = run(options.binary, cases)
    table = collections.defaultdict(lambda: [0, 0, 0, 0])
    wrong = []
    for case, result in zip(cases, results, strict=True):
        assert case["id"] == result["id"]
        good = agrees(case, result)
        false_positive = not good and result["verdict"] == "equal"
        for key in [(case["tier"], "all"), (case["tier"], case["kind"])]:
            row = table[key]
            row[0] += 1
            row[1] += good
            row[2] += false_positive
            row[3] += not good and not false_positive
        if not good:
            wrong.append((case, result, false_positive))
    print(f"{'tier':12} {'kind':28} {'cases':>6} {'agree':>6} {'FP':>4} {'FN':>4}  share")
    for (tier, kind), (count, good, fp, fn) in sorted(table.items()):
        if kind == "all" or options.list and good < count:
            print(f"{tier:12} {kind:28} {count:6} {good:6} {fp:4} {fn:4}  {good / count:.4f}")
    if options.list:
        for case, result, fp in wrong:
            print(f"{'FP' if fp else 'FN'} {case['id']} {case['tier']}/{case['kind']}/{case['mode']} gold {short(text_of(case, 'gold'))}"
                  f" pred {short(text_of(case, 'pred'), 160)} -> {result['verdict']}/{result['reason']}"
                  f" [{short(result['gold'], 60)} | {short(result['pred'], 60)}]")


if __name__ == "__main__":
    main()
