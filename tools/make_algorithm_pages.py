#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes docs/algorithms/*.md and docs/differences.md from the sources, the golden files and algorithm_texts.py.

    python tools/make_algorithm_pages.py            write
    python tools/make_algorithm_pages.py --check    fail when a page differs from what would be written

The equations are the head of the algorithm's C file, the listing is its loss function, the numbers are golden cases, and the
tables come from librephrase (build it first): nothing on a page can drift from the program.
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from algorithm_texts import TEXTS  # noqa: E402
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from rephrase_oracle import Oracle  # noqa: E402

ROOT = HERE.parent
NEEDS = {"reward": "rewards and groups", "logp_old": "log π_old", "logp_behavior": "the sampler's log μ", "logp_ref": "a reference policy",
         "value": "a value head", "entropy": "token entropies", "topk": "top-K probabilities", "on-policy": "one update per batch",
         "expert": "expert rows", "rephrase": "rephrased rows", "no-rollout": "no rollouts", "whole-step": "all rows of the step at once",
         "prefix": "hybrid rows"}


def number(x):
    return f"{x:.7f}".rstrip("0").rstrip(".") if abs(x) < 1e6 else f"{x:.6g}"


def rows(values):
    return " ".join("[" + ", ".join(number(x + 0.0) for x in r) + "]" for r in values)


def source(name):
    text = (ROOT / "src" / "algorithms" / f"{name}.c").read_text()
    head = text[text.index(" *\n") + 3:text.index(" */")]
    head = "\n".join(re.sub(r"^ \* ?", "", line) for line in head.strip("\n").split("\n"))
    title, _, rest = head.partition("\n\n")
    start = text.index("static rp_status loss(")
    return title.split("—", 1)[1].strip().replace("\n", " "), rest, text[start:text.index("\n}\n", start) + 2]


def cases(name):
    return json.loads((ROOT / "data" / "golden" / "v1" / "algorithms" / f"{name}.json").read_text())["cases"]


def settings_table(row):
    lines = ["| setting | default | values | meaning |", "|---|---|---|---|"]
    for s in row["settings"]:
        default = {True: "true", False: "false"}.get(s["default"], s["default"]) if s["kind"] == "bool" else s["default"]
        values = " · ".join(s["choices"]) if s["kind"] == "choice" else "true · false" if s["kind"] == "bool" else f"{s['low']:g} to {s['high']:g}"
        default = f"{default:g}" if isinstance(default, (int, float)) and not isinstance(default, bool) else default
        peers = [f"{peer}: `{s[key]}`" for peer, key in (("TRL", "trl"), ("verl", "verl")) if key in s]
        lines.append(f"| `{s['name']}` | {default} | {values} | {s['help']}{' (' + ', '.join(peers) + ')' if peers else ''} |")
    return "\n".join(lines)


def conventions_table(row):
    lines = ["| convention | settings | what it reproduces |", "|---|---|---|"]
    for c in row["conventions"]:
        given = ", ".join(f"`{k}={v}`" for k, v in c["settings"].items()) or "the defaults"
        lines.append(f"| {c['name']} | {given} | {c['help']} |")
    return "\n".join(lines)


def example(name):
    case = next(c for c in cases(name) if c["id"] == f"{name}-b0")
    given = ", ".join(f"`{k}={v}`" for k, v in case["inputs"]["settings"].items())
    lines = ["One question, two answers of three and one tokens, rewards 1 and 0; the ratios π/π_old are 1.40, 0.50, 1.04 and 0.70"
             + (" (the second row is marked as the expert's where the method asks for the source)" if "source" in case["inputs"] else "")
             + f". This is the golden case `{case['id']}`{' with ' + given if given else ''}.", "", "| convention | loss | advantages | ∂L/∂log π |",
             "|---|---|---|---|"]
    for convention, e in case["expected"].items():
        lines.append(f"| {convention} | {number(e['loss'])} | {rows(e['advantage'])} | {rows(e['dlogp'])} |")
    return "\n".join(lines)


def differences(name):
    """Golden cases on which the conventions do not agree, as numbers."""
    found = []
    for c in cases(name):
        losses = {k: e["loss"] for k, e in c["expected"].items()}
        if len(losses) > 1 and max(losses.values()) - min(losses.values()) > 1e-9:
            found.append((c, losses))
    return found


def difference_table(name, found):
    names = list(found[0][1])
    lines = ["| case | why it is there | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    for c, losses in found:
        lines.append(f"| `{c['id']}` | {c['comment']} | " + " | ".join(number(losses[k]) if k in losses else "" for k in names) + " |")
    return "\n".join(lines)


def page(row):
    name = row["name"]
    title, head, code = source(name)
    happens, pitfalls, exercise = TEXTS[name]
    found = differences(name)
    needs = ", ".join(NEEDS[n] for n in row["needs"]) or "nothing but log π"
    parts = [f"# {row['title']} (`{name}`)", f"{row['summary']}\n\n*{title[0].upper() + title[1:]}*", "## Quick facts",
             f"- needs: {needs}\n- equations: {row['equations']} of `{row['citation']}` ([bibliography](../bibliography.md))\n"
             f"- conventions: {', '.join(c['name'] for c in row['conventions'])}\n- code: `src/algorithms/{name}.c`, goldens: "
             f"`data/golden/v1/algorithms/{name}.json`\n- symbols: [notation](../notation.md)",
             "## Equations, source, differences\n\nFrom the head of the file:", "```text\n" + head + "\n```", "## What happens", happens,
             "## The code", "```c\n" + code + "\n```", "## An example by hand", example(name), "Ask the oracle for the same:",
             f"```sh\nrephrase oracle loss --algorithm {name} < batch.json\n```"]
    if found:
        parts += ["## Where the conventions part", "Loss of the same batch under each; a gap means that the case is about one of them.",
                  difference_table(name, found)]
    parts += ["## Settings", settings_table(row), "## Conventions", conventions_table(row), "## Pitfalls", pitfalls, "## Exercises", exercise]
    return "\n\n".join(parts) + "\n"


DIFFERENCES_HEAD = """# Paper, TRL, verl and release on the same numbers

Every number here is a golden case (`data/golden/v1/algorithms`), computed from closed forms and by automatic differentiation, and
reproduced by the C program. `tools/check_peers.py` runs TRL 1.16.0's and verl 0.9.1's own functions on random batches; the largest
difference to the convention of that name was 8e-16 for TRL and 5e-16 for verl (1.4e-9 where verl adds 1e-8 to a length).

The six places where implementations of "the same" method part:

1. **Denominator.** The mean over each answer's tokens, then over answers (GRPO's paper, TRL `grpo`); over all tokens (DAPO, verl's
   default, TRL's default `dapo`); a constant (Dr. GRPO). On the batch B0 with A = ±0.5 the loss is -0.0283 under the first and
   -0.2425 under the second.
2. **Deviation.** The population's (here: what GRPO's paper means is not said), Bessel's + 1e-4 (TRL), Bessel's + 1e-6 (verl).
3. **A group of one.** Advantage 0 (TRL, here), the reward itself (verl grpo, rloo, opo).
4. **Rows without tokens.** Counted in the mean (TRL, here), left out (verl).
5. **The KL term.** Plain k3 (paper), times the live ratio (TRL's default), capped at 10 (verl). Its gradient is that of the other
   direction KL(ref‖π) unless k2's is used.
6. **Far ratios.** Log ratios are held to ±20 with gradient 0 outside in every convention here, as in verl. TRL 1.16 does not hold
   them: a token at +800 gives a finite loss and a NaN gradient for A > 0, and infinity for A < 0. This is the one place where the
   convention `trl` is not followed.

TRL's entropy bonus is a mean over tokens whatever the aggregation of the loss; here it has the loss's own denominators.
"""


def differences_page(table):
    parts = [DIFFERENCES_HEAD.rstrip()]
    for row in table:
        found = differences(row["name"])
        if found:
            parts += [f"## {row['title']} (`{row['name']}`)", difference_table(row["name"], found)]
    return "\n\n".join(parts) + "\n"


def main():
    table = Oracle().ask("list")
    pages = {ROOT / "docs" / "algorithms" / f"{row['name']}.md": page(row) for row in table}
    pages[ROOT / "docs" / "differences.md"] = differences_page(table)
    stale = [p for p, text in pages.items() if not p.exists() or p.read_text() != text]
    if "--check" in sys.argv:
        for p in stale:
            print(f"{p.relative_to(ROOT)} is not what the sources say: run tools/make_algorithm_pages.py")
        sys.exit(1 if stale else 0)
    (ROOT / "docs" / "algorithms").mkdir(parents=True, exist_ok=True)
    for p, text in pages.items():
        p.write_text(text)
    print(f"{len(pages)} pages")


if __name__ == "__main__":
    main()
