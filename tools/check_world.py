#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second implementation of the micro-world: does the C program print the problems it should?

Written from docs/world.md and the Philox paper, sharing only the tables of families (texts in src/tasks/families_*.c, which
are data). It has its own Philox4x32-10, its own rp_hash64, its own drawing of slots and random trees, its own solutions in
both styles. For every family it generates problems, compares them byte for byte with `rephrase task --jsonl`, and prints the
digest that tests/tasks/test_world.c expects. It also checks the table of families in docs/world.md, or writes it.

    python3 tools/check_world.py build/rephrase [--write]
"""
import ast
import json
import pathlib
import re
import subprocess
import sys

M64 = (1 << 64) - 1
PURPOSE_TASK = 7
SEED, LIMIT, EACH = 2026, 50, 26
NAMES = ["Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Ida"]
THINGS = ["pens", "cards", "shells", "coins", "stamps", "beads", "marbles", "apples"]
SPLITS = ["train", "validation", "test"]


def hash64(data: bytes, seed: int = 0) -> int:
    h = 0xCBF29CE484222325 ^ seed
    for byte in data:
        h = ((h ^ byte) * 0x100000001B3) & M64
    h = ((h ^ (h >> 33)) * 0xFF51AFD7ED558CCD) & M64
    h = ((h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53) & M64
    return h ^ (h >> 33)


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


class Stream:
    def __init__(self, seed, purpose, step, prompt, sample):
        self.key = (seed & 0xFFFFFFFF, seed >> 32)
        self.counter = [0, step, prompt, purpose << 24 | sample]
        self.block = []

    def u32(self):
        if not self.block:
            self.block = philox(self.counter, self.key)
            self.counter[0] += 1
        return self.block.pop(0)

    def below(self, n):
        while True:
            draw = self.u32()
            if draw >= (1 << 32) % n:
                return draw % n

    def range(self, lo, hi):
        return lo + self.below(hi - lo + 1)


class Invalid(Exception):
    """A value outside 0..limit, or an inexact division: draw again."""


def check(value, limit):
    if not 0 <= value <= limit:
        raise Invalid
    return value


# A tree is an integer or (op, left, right, value).
OPS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def apply(op, a, b, limit):
    if op == "/":
        if b == 0 or a % b:
            raise Invalid
        return check(a // b, limit)
    return check(a + b if op == "+" else a - b if op == "-" else a * b, limit)


def value_of(tree):
    return tree if isinstance(tree, int) else tree[3]


def plan_tree(text, slots, limit):
    def walk(node):
        if isinstance(node, ast.Constant):
            return check(node.value, limit)
        if isinstance(node, ast.Name):
            return check(limit if node.id == "N" else slots[node.id], limit)
        left, right = walk(node.left), walk(node.right)
        op = OPS[type(node.op)]
        return (op, left, right, apply(op, value_of(left), value_of(right), limit))

    return walk(ast.parse(text, mode="eval").body)


def bound(text, slots, limit):
    return eval(text.replace("/", "//"), {"__builtins__": {}}, {**slots, "N": limit})


def random_tree(operations, limit, rng):
    if operations == 0:
        small = limit < 10 or rng.below(10) < 6
        return rng.range(1, min(9, limit)) if small else rng.range(10, limit)
    op = "+-*/"[rng.below(4)]
    leaf = op == "/" and (operations == 1 or rng.below(4) > 0)
    for _ in range(24):
        try:
            in_left = operations - 1 if leaf else rng.below(operations - (op == "/"))
            left = random_tree(in_left, limit, rng)
            right = rng.range(2, 12) if leaf else random_tree(operations - 1 - in_left, limit, rng)
            if op == "/" and value_of(right) == 1:
                raise Invalid
            return (op, left, right, apply(op, value_of(left), value_of(right), limit))
        except Invalid:
            pass
    raise Invalid


def draw_slots(text, limit, rng):
    slots = {}
    for item in text.split():
        if item[0] == "?":
            plan_tree(item[1:], slots, limit)
        elif item[1] == "=":
            slots[item[0]] = value_of(plan_tree(item[2:], slots, limit))
        else:
            lo, hi = (bound(part, slots, limit) for part in item[2:].split(".."))
            if lo < 0 or lo > min(hi, limit):
                raise Invalid
            slots[item[0]] = rng.range(lo, min(hi, limit))
    return slots


STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


def infix(tree, latex):
    if isinstance(tree, int):
        return str(tree)
    op, left, right, _ = tree
    if latex and op == "/":
        return "\\frac{%s}{%s}" % (infix(left, True), infix(right, True))

    def side(child, is_right):
        text = infix(child, latex)
        if isinstance(child, int) or (latex and child[0] == "/"):
            return text
        weak = STRENGTH[child[0]] - STRENGTH[op]
        return "(" + text + ")" if weak < 0 or (is_right and weak == 0) else text

    sign = {"*": "\\cdot"}.get(op, op) if latex else " " + op + " "
    return side(left, False) + sign + side(right, True)


def reduce_once(tree):
    if isinstance(tree, int):
        return tree
    op, left, right, value = tree
    if isinstance(left, int) and isinstance(right, int):
        return value
    return (op, reduce_once(left), reduce_once(right), value)


def expert(tree, chain):
    sides, now = [], tree
    while not isinstance(now, int):
        sides.append(infix(now, True))
        now = reduce_once(now) if chain else value_of(now)
    return "$" + "=".join(sides + ["\\boxed{%d}" % now]) + "$"


def own(tree):
    lines = []

    def walk(node):
        if isinstance(node, int):
            return node
        op, left, right, value = node
        a, b = walk(left), walk(right)
        lines.append("Step %d: %d %s %d = %d" % (len(lines) + 1, a, op, b, value))
        return value

    return "\n".join(lines + ["#### %d" % walk(tree)]) if not isinstance(tree, int) else "#### %d" % tree


def question(template, slots, tree, rng):
    name = rng.below(len(NAMES))
    other = (name + 1 + rng.below(len(NAMES) - 1)) % len(NAMES)
    thing = rng.below(len(THINGS))

    def fill(match):
        key = match.group(1)
        if "|" in key:
            words = key.split("|")
            return words[rng.below(len(words))]
        fixed = {"N": NAMES[name], "M": NAMES[other], "T": THINGS[thing]}
        return fixed[key] if key in fixed else infix(tree, False) if key == "=" else str(slots[key])

    return re.sub(r"\{([^}]*)\}", fill, template)


def split_of(text):
    return {0: "test", 1: "validation"}.get(hash64(text.encode()) % 8, "train")


def read_families(root):
    families = []
    for name in ("families_known.c", "families_new.c"):
        source = (root / "src/tasks" / name).read_text()
        macros = dict(re.findall(r'#define (\w+)\s+"([^"]*)"', source))
        source = re.sub(r"^#define.*$", "", source, flags=re.M)
        for macro, text in macros.items():
            source = re.sub(r"\b%s\b" % macro, '"%s"' % text, source)
        for head, body in re.findall(r'\{\{(\.name = .*?)\},\s*\{(\{".*?)\}\}(?=[,}])', source, re.S):
            texts = re.findall(r'((?:"(?:[^"\\]|\\.)*"\s*)+)[,}]', body + "}")
            flat = ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', t)) for t in texts]
            tier = "general" if "GENERAL" in head else "near" if "NEAR" in head else "hard" if "HARD" in head else None
            tier = tier or re.search(r'\.tier = "(\w+)"', head).group(1)
            families.append((re.search(r'"(\w+)"', head).group(1), tier, [flat[i:i + 3] for i in range(0, len(flat), 3)]))
    return families


def problems(family, split, count):
    name, tier, templates = family
    rng = Stream(SEED, PURPOSE_TASK, 0, hash64(name.encode()) & 0xFFFFFFFF, SPLITS.index(split))
    seen = set()
    while len(seen) < count:
        template, slot_text, plan = templates[rng.below(len(templates))]
        try:
            slots = draw_slots(slot_text, LIMIT, rng)
            if plan[0] == "@":
                tree = None
                while tree is None:
                    try:
                        tree = random_tree(int(plan[1:] or 3), LIMIT, rng)
                    except Invalid:
                        pass
            else:
                tree = plan_tree(plan, slots, LIMIT)
        except Invalid:
            continue
        text = question(template, slots, tree, rng)
        if split_of(text) != split or text in seen:
            continue
        seen.add(text)
        yield {"id": "%s-%016x" % (name, hash64(text.encode())), "question": text, "answer": str(value_of(tree)),
               "solution": expert(tree, True), "own": own(tree), "family": name, "tier": tier}


def page_table(root, families):
    sources = "".join((root / "src/tasks" / name).read_text() for name in ("families_known.c", "families_new.c"))
    asks = dict(re.findall(r'\.name = "(\w+)".*?\.help = "([^"]*)"', sources, re.S))
    rows = ["| family | tier | what it asks | example (train split) | plans |", "|---|---|---|---|---|"]
    for name, tier, templates in families:
        example = next(problems((name, tier, templates), "train", 1))["question"]
        plans = dict.fromkeys("`%s`" % t[2] if t[2][0] != "@" else "random" for t in templates)
        rows.append("| `%s` | %s | %s | %s | %s |" % (name, tier, asks[name], example, ", ".join(plans)))
    return "\n".join(rows) + "\n"


def check_page(root, families, write):
    page = root / "docs/world.md"
    text = page.read_text()
    head, rest = text.split("<!-- families: begin -->\n")
    table, tail = rest.split("<!-- families: end -->")
    expected = page_table(root, families)
    if write:
        page.write_text(head + "<!-- families: begin -->\n" + expected + "<!-- families: end -->" + tail)
    elif table != expected:
        sys.exit("docs/world.md: the table of families is not that of the sources; --write renews it")


def main():
    words = [w for w in sys.argv[1:] if w != "--write"]
    program = words[0] if words else "build/rephrase"
    root = pathlib.Path(__file__).resolve().parent.parent
    families = read_families(root)
    check_page(root, families, "--write" in sys.argv)
    for split in SPLITS:
        command = [program, "task", "--n", str(EACH), "--seed", str(SEED), "--split", split, "--jsonl"]
        printed = [json.loads(line) for line in subprocess.run(command, check=True, capture_output=True).stdout.splitlines()]
        expected = [p for family in families for p in problems(family, split, EACH)]
        digest = 0
        for p in expected:
            for key in ("id", "question", "answer", "solution", "own", "family", "tier"):
                digest = hash64(p[key].encode(), digest)
        for a, b in zip(printed, expected):
            if a != b:
                sys.exit("different:\n  program  %s\n  expected %s" % (a, b))
        if len(printed) != len(expected):
            sys.exit("the program printed %d problems, expected %d" % (len(printed), len(expected)))
        print("%-10s %d problems of %d families equal, digest 0x%016x" % (split, len(expected), len(families), digest))


if __name__ == "__main__":
    main()
