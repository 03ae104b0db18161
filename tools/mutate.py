#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mutation testing of src/policy, src/algorithms and src/verify: break one line, build, and see whether a test goes red.

    python tools/mutate.py [--layer losses|verify] [--build build] [--seed 0] [--count 60] [--seconds 0] [FILE...]

The layer `losses` (policy and algorithms) is tested by its programs in double precision, `verify` by its own in single precision,
the golden verdicts first; its files are decide/*, compare/*, algebra/enclose.c, find/extract.c, find/anchor.c and find/step*.c.
With --seconds no new mutation is begun after so long. Use a build directory and a checkout of their own for long runs.

Each mutation changes one place of one file: a sign, a bound, a comparison, min for max, a mask that is dropped, a denominator,
a constant. Comments, settings tables, strings and messages are left alone. The source is put back after every run, also
after an interruption. Survivors are printed with their line: each is a missing test or needs an explanation.
"""
import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES = [
    ("sign", r"(?<=[\w\)\]] )\+(?= [\w\(\*])", "-"), ("sign", r"(?<=[\w\)\]] )-(?= [\w\(\*])", "+"),
    ("unary", r"(?<=[\{\(=,] )-(?=[a-z(])|(?<=[\{\(])-(?=[a-z])", ""), ("times", r"(?<=[\w\)\]] )\*(?= [\w\(])", "/"),
    ("divide", r"(?<=[\w\)\]] )/(?= [\w\(])", "*"), ("less", r"(?<= )<(?= )", ">"), ("more", r"(?<= )>(?= )", "<"),
    ("equal", r"(?<= )>=(?= )", ">"), ("equal", r"(?<= )<=(?= )", "<"), ("min", r"\breal_fmin\b", "real_fmax"),
    ("max", r"\breal_fmax\b", "real_fmin"), ("min", r"\bfmin\b", "fmax"), ("max", r"\bfmax\b", "fmin"),
    ("mask", r"if \(!rp_token_counts\(batch, t\)\) continue;", ""), ("mask", r"if \(rp_token_counts\(batch, t\)\)", "if (true)"),
    ("and", r"(?<= )&&(?= )", "||"), ("or", r"(?<= )\|\|(?= )", "&&"), ("one", r"(?<=[ (])1(?=[ ,;)])", "2"),
    ("zero", r"(?<=[ (])0(?=[,;)])", "1"), ("swap", r"clip\.low\b", "clip.high"), ("swap", r"clip\.high\b", "clip.low"),
    ("constant", r"\.slope\b", ".value"),
]
# The verifier decides more than it computes, so its rules break decisions too.
VERIFY_RULES = [
    ("same", r"(?<= )==(?= )", "!="), ("other", r"(?<= )!=(?= )", "=="), ("not", r"(?<=[ (])!(?=[a-z])", ""),
    ("true", r"(?<=return )true(?=;)", "false"), ("false", r"(?<=return )false(?=;)", "true"),
    ("outcome", r"\bRP_SAME\b(?=,)", "RP_DIFFERENT"), ("outcome", r"\bRP_DIFFERENT\b(?=,)", "RP_SAME"),
    ("certificate", r"\bRP_CERT_NUMERIC\b", "RP_CERT_PROVED"), ("certificate", r"\bRP_CERT_PROBABLE\b", "RP_CERT_PROVED"),
]
LAYERS = {
    "losses": {"files": ("policy/*.c", "algorithms/*.c"), "skip": {"table.c", "batch_json.c"},
               "tests": ("test-policy-*-f64", "test-algorithms-*-f64"), "rules": []},
    "verify": {"files": ("verify/decide/*.c", "verify/compare/*.c", "verify/algebra/enclose.c", "verify/find/extract.c",
                         "verify/find/anchor.c", "verify/find/step*.c"), "skip": set(),
               "tests": ("test-verify-golden-f32", "test-verify-[!g]*-f32", "replay-verify"), "rules": VERIFY_RULES},
}
# Mutations that change nothing: (part of the line, kind, why). They are counted as explained.
EXPLAINED = [
    ("if (share >= 1) return true", "one", "without the shortcut all tokens rank below ceil(n)"),
    ("rp_aggregate_weights(batch, RP_TOKEN_MEAN, 0", "zero", "loss_scale_factor plays no part in a token mean"),
    ("(A >= 0 && r", "equal", "a token with A = 0 has weight times 0"), ("(A <= 0 && r", "equal", "the same"),
    ("(A[i] >= 0 && r", "equal", "the same"), ("(A[i] <= 0 && r", "equal", "the same"),
    ("(bonus ? RP_NEEDS_ENTROPY : 0)", "zero", "bit 0 is set already"), ("(topk ? RP_NEEDS_TOPK : 0)", "zero", "the same"),
    ("(ratio ? RP_NEEDS_OLD : 0)", "zero", "the same"),
    ("pool_add(&all, (double)reward[i], 0)", "zero", "lengths play no part in the deviation of the whole batch"),
    ("if (count[g] <= 0) first[g] = i", "equal", "an all-equal group has R - mean = 0 anyway"),
    ("note_terms(work, c, a->kids[0], 1, false)", "one", "finer residue classes decide the same"),
    ("return f->undefined = true, 0;", "zero", "an undefined residue is not looked at"),
    ("v = n > 1 ? v / (n - 1) : 0", "zero", "v = 1 gives k < 0, so both parameters are 1 again"),
    # the verifier
    ("rp_work_pay(", "one", "the price of a step moves the place where a budget ends, not a verdict within it"),
    ("rp_work_pay(", "times", "the same"), ("rp_work_pay(", "sign", "the same"),
    ("l->end - l->at >= n && memcmp", "sign", "reads beyond the text, which the sanitizer build sees"),
    ("if (at + n + 3 > l->end || memcmp", "sign", "the same"),
    ("size_t words = 0", "zero", "is_dash has looked at the first word"),
]
SKIP = re.compile(r"^\s*(/?\*|//|#|SETTING|\.|\{\.|for \(|\{\"|static const rp_setting|return rp_fail|if \(!.*RP_ERR|return RP_ERR)|RP_TRY_ALLOC"
                  r"|rp_alloc|snprintf|rp_fail|rp_explain|strcmp|rp_loss_metric|_settings_has|typedef|#define|cannot fail")


def places(path, rules):
    found = []
    for number, line in enumerate(path.read_text().split("\n")):
        code = line.split("/*")[0]
        if SKIP.search(line) or '"' in code:
            continue
        for kind, pattern, new in rules:
            for match in re.finditer(pattern, code):
                found.append((path, number, match.start(), match.end(), new, kind))
    return found


def run(command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


def tests(build, layer):
    directories = {"replay-verify": build / "tests" / "fuzz"}
    found = [p for pattern in LAYERS[layer]["tests"]
             for p in sorted(directories.get(pattern, build / "tests").glob(pattern)) if p.is_file()]
    return found or sys.exit(f"mutate: {build} holds no built tests of the layer {layer}")


def verdict(build, layer, patience):
    made = run(["ninja", "-C", str(build)] + [str(p.relative_to(build)) for p in tests(build, layer)])
    if made.returncode:
        return "does not compile"
    env = {**os.environ, "RP_SOURCE_DIR": str(ROOT), "RP_BUILD_DIR": str(build)}
    for program in tests(build, layer):
        command = [program] + ([ROOT / "tests/fuzz/seeds/verify"] if program.name == "replay-verify" else [])
        try:
            if subprocess.run(command, cwd=ROOT, capture_output=True, env=env, timeout=patience).returncode:
                return "noticed"
        except subprocess.TimeoutExpired:
            return "noticed"
    return "SURVIVED"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--layer", choices=LAYERS, default="losses")
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--patience", type=float, default=60, help="seconds after which a test that does not end has noticed")
    parser.add_argument("--build", default="build")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    build = (ROOT / args.build).resolve()
    layer = LAYERS[args.layer]
    files = [pathlib.Path(f).resolve() for f in args.files] or sorted(
        p for pattern in layer["files"] for p in (ROOT / "src").glob(pattern) if p.name not in layer["skip"])
    all_places = [x for f in files for x in places(f, RULES + layer["rules"])]
    chosen = random.Random(args.seed).sample(all_places, min(args.count, len(all_places)))
    counts, started, tried = {}, time.monotonic(), 0
    for path, number, start, end, new, kind in chosen:
        if args.seconds and time.monotonic() - started > args.seconds:
            break
        tried += 1
        text = path.read_text()
        lines = text.split("\n")
        old = lines[number]
        lines[number] = old[:start] + new + old[end:]
        try:
            path.write_text("\n".join(lines))
            result = verdict(build, args.layer, args.patience)
        finally:
            path.write_text(text)
        if result == "SURVIVED" and any(part in old and kind == k for part, k, _ in EXPLAINED):
            result = "explained"
        counts[result] = counts.get(result, 0) + 1
        if result == "SURVIVED":
            print(f"{path.relative_to(ROOT)}:{number + 1} ({kind})\n    {old.strip()}\n    {lines[number].strip()}", flush=True)
    run(["ninja", "-C", str(build)] + [str(p.relative_to(build)) for p in tests(build, args.layer)])
    lived = counts.get("SURVIVED", 0)
    judged = lived + counts.get("noticed", 0)
    print(f"{len(all_places)} places, {tried} tried, {counts.get('does not compile', 0)} do not compile, {counts.get('explained', 0)} change "
          f"nothing, {judged - lived} of {judged} noticed ({100 * (judged - lived) / max(judged, 1):.1f} %)")
    sys.exit(0 if judged and lived <= judged * (0.05 if args.layer == "losses" else 0.1) else 1)


if __name__ == "__main__":
    main()
