#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden verdicts: data/golden/v1/verify/answers.json.

The truth of every case was decided by hand (tools/golden/answers.txt: one gold a line, what equals it, what does not; what is only there to be survived) or comes from
the project's own development cases (--own). What can be computed is computed again here, with SymPy where it
understands the notation: a contradiction stops the generator. The verdict of Math-Verify is recorded beside each case as the
field `peer`; it is no truth, it shows which classes other graders miss. `rule` is the reason this program names for an equality,
looked over by hand when it was recorded: the test holds the program to it.

    python tools/golden/generate_verify.py [--own own.jsonl] [--no-peer] [--binary build/rephrase]

Without --own the cases that came from there are kept as they are in the file. Needs sympy, latex2sympy2_extended, math-verify (0.9.0).
"""
import argparse
import json
import logging
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import sympy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import manifest  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
OUT = manifest.OUT / "verify" / "answers.json"
FLAGS = {
    "Sanity": "if this fails, the harness is broken",
    "Notation": "one value in another notation: a grader of strings says different",
    "NearMiss": "another value so close that floating point or rounding says equal",
    "Trap": "another answer that a careless reading takes for the gold",
    "Extraction": "a response: where the final answer stands decides",
    "Policy": "mathematics does not decide this; the documented default does",
    "Adversarial": "made to crash, to hang or to fill memory: any of the accepted verdicts within 50 ms and 64 MB",
}


# Of the project's own policy cases these are decided otherwise: strict extraction finds no marked answer.
OTHER_DEFAULT = {"2190", "2225", "2551"}


def read_hand(path):
    """Groups: '# name | flag of the equal ones | flag of the others | why', then 'gold' lines with '=' and '!' lines below."""
    groups = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("//"):
            continue
        if line.startswith("# "):
            name, same, other, why = (part.strip() for part in line[2:].split("|", 3))
            groups.append({"name": name, "why": why, "same": same, "other": other, "cases": []})
        elif line.startswith("gold "):
            gold = json.loads(line[5:])
        elif line.startswith("~ "):  # adversarial: a pair of texts or of [[piece, times], …]; every verdict will do
            texts = json.loads(line[2:])
            case = {"accept": ["equal", "different", "unparsed", "budget"], "flags": ["Adversarial"]}
            for field, text in zip(("gold", "response" if line.endswith(" ") else "answer"), texts, strict=True):
                case[field if isinstance(text, str) else field + "_parts"] = text
            groups[-1]["cases"].append(case)
        elif line[:2] in ("= ", "! "):
            text, _, options = line[2:].partition(" ## ")
            field = "response" if groups[-1]["name"].startswith("response") else "answer"
            case = {"gold": gold, field: json.loads(text), "expected": line[0] == "="}
            if options:
                case["options"] = json.loads(options)
            groups[-1]["cases"].append(case)
        else:
            sys.exit(f"{path}:{number}: not understood: {line}")
    return groups


def own_groups(path):
    groups = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["source"] != "own" or case["tier"] not in ("core", "policy", "adversarial"):
            continue
        group = groups.setdefault((case["tier"], case["kind"]), [])
        flag = {"core": None, "policy": "Policy", "adversarial": "Adversarial"}[case["tier"]]
        if flag is None:
            flag = "Extraction" if case["mode"] != "answer" else "Notation" if case["expected"] else "Trap"
        out = {"id": "own-" + case["id"]}
        for name, target in (("gold", "gold"), ("pred", "answer" if case["mode"] == "answer" else "response")):
            key = name if name in case else name + "_parts"
            out[target if name in case else target + "_parts"] = case[key]
        if case["mode"] == "raw":
            out["options"] = {"lenient": True}
        out["flags"] = [flag]
        if "accept" in case:
            out["accept"] = [verdict.lower() for verdict in case["accept"]]
        else:
            out["expected"] = case["expected"] and case["id"] not in OTHER_DEFAULT
        if case.get("note"):
            out["comment"] = case["note"]
        group.append(out)
    return [{"name": f"own {tier} {kind}", "why": f"the project's own {kind.replace('_', ' ')} cases, tier {tier}", "cases": cases}
            for (tier, kind), cases in groups.items()]


def stop(*_):
    raise TimeoutError


def check_by_sympy(case):
    """True, False, or None when SymPy does not read both sides as numbers within two seconds. The parser is latex2sympy2_extended."""
    from latex2sympy2_extended import latex2sympy

    # Not asked: notations that the other parser reads as something else, and numbers it would compute for minutes.
    both = case["gold"] + " ; " + case["answer"]
    letters = re.sub(r"\\[a-zA-Z]+", "", both)
    if re.search(r"\d ?\\? \d|!!|\^\{?\(?\d*\^|\^\{?\d{3}|\d{3}!|[_%,:]|\\text|\\circ|\\lg|\\overline|\\dot|\.\.\.|\d[eE]|\d{15}|\\infty|\\ldots|\]\{-", both):
        return None
    if re.search(r"[a-df-hj-zA-Zπ°½√⅛⁄]", letters):
        return None
    try:
        signal.alarm(2)
        values = [sympy.N(sympy.nsimplify(latex2sympy(text), rational=True), 60) for text in (case["gold"], case["answer"])]
        if not all(isinstance(v, sympy.Expr) and v.is_number for v in values):
            return None
        return bool(abs(values[0] - values[1]) <= abs(values[0]) * sympy.Float("1e-45"))
    except Exception:  # noqa: BLE001 — a parser of another project may raise anything
        return None
    finally:
        signal.alarm(0)


def peer_verdict(case):
    from math_verify import parse, verify
    text = case.get("answer", case.get("response"))
    if text is None or "gold" not in case:
        return None
    gold = case["gold"] if "$" in case["gold"] or "\\boxed" in case["gold"] else "$" + case["gold"] + "$"
    if "answer" in case:
        text = "\\boxed{" + text + "}"
    try:
        return bool(verify(parse(gold), parse(text)))
    except Exception:  # noqa: BLE001
        return False


def record_rules(groups, binary):
    """The reason that the program gives for each equality: no truth either, but a change of it is a change to explain."""
    cases = [case for group in groups for case in group["cases"] if case.get("expected")]
    lines = []
    for case in cases:
        line = {"id": case["id"], "gold": case["gold"], "options": case.get("options", {})}
        line["pred" if "answer" in case else "response"] = case.get("answer", case.get("response"))
        lines.append(json.dumps(line))
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as stream:
        stream.write("\n".join(lines) + "\n")
        stream.flush()
        done = subprocess.run([binary, "verify", "--jsonl", stream.name], capture_output=True, text=True, check=True)
    for case, line in zip(cases, done.stdout.splitlines(), strict=True):
        case["rule"] = json.loads(line)["reason"]


def finish(groups, with_peer):
    counts, problems = {}, []
    for group in groups:
        for case in group["cases"]:
            if "id" not in case:
                slug = group["name"].replace(" ", "-")
                counts[slug] = counts.get(slug, 0) + 1
                case["id"] = f"{slug}-{counts[slug]}"
                case.setdefault("flags", [group["same"] if case.get("expected") else group["other"]])
            if with_peer and "accept" not in case:
                case["peer"] = peer_verdict(case)
        group.pop("same", None)
        group.pop("other", None)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--own", type=pathlib.Path)
    parser.add_argument("--binary", help="record the rules that this program names; else they stay as they are")
    parser.add_argument("--no-peer", action="store_true", help="keep the recorded verdicts of Math-Verify")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    old = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else {"groups": []}
    hand = read_hand(HERE / "answers.txt")
    own = own_groups(options.own) if options.own else [g for g in old["groups"] if g["name"].startswith("own ")]
    contradicted = computed_too = 0
    signal.signal(signal.SIGALRM, stop)
    for group in hand:
        for case in group["cases"]:
            computed = check_by_sympy(case) if "answer" in case and "expected" in case and group.get("other") != "Policy" else None
            computed_too += computed is not None
            if computed is not None and computed != case["expected"]:
                contradicted += 1
                print(f"SymPy contradicts: {case}")
    if contradicted:
        sys.exit(1)
    finish(hand + own, not options.no_peer)
    kept = {case["id"]: case for group in old["groups"] for case in group["cases"]}
    for case in (case for group in hand + own for case in group["cases"]):
        for field, fresh in (("peer", not options.no_peer), ("rule", bool(options.binary))):
            if not fresh and field in kept.get(case["id"], {}):
                case[field] = kept[case["id"]][field]
    if options.binary:
        record_rules(hand + own, options.binary)
    OUT.parent.mkdir(exist_ok=True)
    document = {"schema": "verify", "area": "verify", "subject": "answers", "peer": "math-verify 0.9.0", "notes": FLAGS,
                "groups": hand + own}
    OUT.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    manifest.write()
    print(f"{sum(len(group['cases']) for group in hand + own)} cases in {len(hand + own)} groups; SymPy computed {computed_too} of them too")


if __name__ == "__main__":
    main()
