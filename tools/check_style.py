#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the rules of docs/conventions.md that a machine can check; prints every breach and exits 1 when there is one.

Sizes of files and functions, SPDX lines, calls that only certain files may make, includes that point up the layers, marks of
unfinished work, and links in the documentation that lead nowhere.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES, LINE_LENGTH = 600, 60, 132
GENERATED = {"src/text/unicode_classes.c"}
LAYERS = {  # layer -> layers whose public headers it may include
    "base": set(), "formats": {"base"}, "kernels": {"base"}, "verify": {"base"}, "text": {"formats"}, "tasks": {"base"},
    "model": {"kernels", "formats"}, "policy": {"base"}, "algorithms": {"policy"},
    "learn": {"algorithms", "policy", "model", "kernels", "verify", "text", "tasks", "formats"},
    "run": {"learn", "kernels"}, "compare": {"run"},
    "report": {"tasks"},
}
HEADER_LAYER = {"real": "base", "json": "base", "options": "base"}
ONLY_IN = {  # call or header -> files that may use it
    r"\b(malloc|calloc|realloc|aligned_alloc)\s*\(": {"src/base/arena.c", "src/base/json.c"},
    r"#include\s*<jansson\.h>": {"src/base/json.c"},
    r"#include\s*<cblas\.h>": {"src/kernels/blas.c"},
    r"#include\s*<ini\.h>": {"src/learn/recipe.c"},
    r"(?<![\w.>])(exp|log|log2|exp2|log1p|expm1|tanh|pow|sin|cos|acos|expf|logf)\s*\(": {"src/report/plot.c", "src/report/rows.c", "src/report/script.c"},
    r"\bexit\s*\(": set(),
    r"\b(strcpy|strcat|sprintf|gets)\s*\(": set(),
}
PRINTS = re.compile(r"\b(printf|puts|putchar|fprintf\s*\(\s*std(out|err))\s*\(?")
UNFINISHED = re.compile(r"TODO|FIXME|XXX|not implemented")
FUNCTION = re.compile(r"^[a-z].*\)\s*\{\s*$")

breaches = []


def breach(path, line, text):
    breaches.append(f"{path}:{line}: {text}")


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and FUNCTION.match(line) and not line.startswith(("static const", "typedef", "struct", "enum")):
            start = number
        elif start is None and line.rstrip().endswith(") {") and line.startswith(" ") and number > 1 and re.match(r"^[a-z].*\($|^[a-z].*,\s*$", lines[number - 2]):
            start = number - 1
        elif start is not None and line.startswith("}"):
            if number - start + 1 > FUNCTION_LINES:
                breach(path, start, f"the function has {number - start + 1} lines (at most {FUNCTION_LINES})")
            start = None


def code_only(text):
    """Comments and strings blanked, line structure kept."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def check_source(path):
    name = path.relative_to(ROOT).as_posix()
    text = path.read_text()
    lines = text.split("\n")
    if "SPDX-License-" + "Identifier: MIT" not in lines[0]:
        breach(name, 1, "has no SPDX line")
    if name not in GENERATED and len(lines) - 1 > FILE_LINES:
        breach(name, 1, f"has {len(lines) - 1} lines (at most {FILE_LINES})")
    for number, line in enumerate(lines, 1):
        if name not in GENERATED and len(line) > LINE_LENGTH:
            breach(name, number, f"has {len(line)} characters (at most {LINE_LENGTH})")
        if line != line.rstrip() or "\t" in line:
            breach(name, number, "trailing space or tab")
        if UNFINISHED.search(line):
            breach(name, number, "a mark of unfinished work")
    if name.endswith(".c") and name not in GENERATED:
        check_functions(name, lines)
    if not name.startswith("src/"):
        return
    code = code_only(text).split("\n")
    layer = name.split("/")[1]
    for number, (line, full) in enumerate(zip(code, lines), 1):
        for pattern, allowed in ONLY_IN.items():
            if re.search(pattern, full if pattern.startswith("#") else line) and name not in allowed:
                breach(name, number, f"only {sorted(allowed) or 'nobody'} may use this: {full.strip()}")
        if layer != "cli" and PRINTS.search(line) and name != "src/base/status.c":
            breach(name, number, "library code does not print")
        header = re.match(r"#include\s*<rephrase/(\w+)\.h>", full)
        if header and layer in LAYERS:
            owner = HEADER_LAYER.get(header.group(1), header.group(1))
            if owner not in LAYERS[layer] | {layer, "base"}:
                breach(name, number, f"the layer {layer} may not include {owner}")


def check_links(path):
    name = path.relative_to(ROOT).as_posix()
    for number, line in enumerate(path.read_text().split("\n"), 1):
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", line):
            if not (path.parent / target).exists():
                breach(name, number, f"the link {target} leads nowhere")


def main():
    for pattern in ("src/**/*.[ch]", "include/**/*.h", "tests/**/*.[ch]", "tools/**/*.c"):
        for path in sorted(ROOT.glob(pattern)):
            check_source(path)
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/**/*.md")]):
        check_links(path)
    for text in breaches:
        print(text)
    print(f"check_style: {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
