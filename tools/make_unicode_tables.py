#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes src/text/unicode_classes.c: what Hugging Face's `tokenizers` 0.23.3 takes each code point for.

Three Unicode versions meet in that library (Oniguruma's classes, Rust's is_numeric and regex classes, and old normalisation
tables), so the classes are measured from the library itself, code point by code point, and not taken from a data file:

    S  \\s                    L  \\p{L}                N  \\p{N}          M  \\p{M}
    D  is_numeric (Digits)   W  \\w (single_word)
    X  NFC may change it or what stands before it: it has a combining class, or composes with what precedes, or is replaced
    F  NFC may change it together with an X that follows

    python tools/make_unicode_tables.py [--ranges RANGES.json] [--nfc OVERRIDES.json] [--check]

--ranges and --nfc compare the measurement with published ranges ({"s": [[a, b], ...], "L": ..., "N", "M", "D"} and {"ccc0":
ranges of marks without a class, "nocompose": [...]}). --check fails when the committed file differs from the measurement.
Needs: tokenizers==0.23.3.
"""
import argparse
import hashlib
import json
import pathlib
import sys
import unicodedata

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

OUT = pathlib.Path(__file__).resolve().parent.parent / "src" / "text" / "unicode_classes.c"
POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
NAMES = "SLNDMWXF"


def by_regex(pattern):
    """Code points a Split(pattern) removes."""
    split = pre_tokenizers.Split(Regex(pattern), "removed")
    kept = set()
    for at in range(0, len(POINTS), 1 << 14):
        text = "".join(map(chr, POINTS[at:at + (1 << 14)]))
        for piece, _ in split.pre_tokenize_str(text):
            kept.update(map(ord, piece))
    return set(POINTS) - kept


def by_digits():
    """Code points that Digits cuts off from a letter before them."""
    digits = pre_tokenizers.Digits(individual_digits=True)
    found = set()
    for at in range(0, len(POINTS), 1 << 14):
        chunk = POINTS[at:at + (1 << 14)]
        text = "".join("a" + chr(c) for c in chunk)
        found.update(ord(text[b]) for _, (b, _) in digits.pre_tokenize_str(text) if b % 2 == 1)
    return found


def by_single_word():
    """Code points that stop a single_word token beside them."""
    tokenizer = Tokenizer(models.BPE({"<x>": 0}, []))
    tokenizer.add_tokens([AddedToken("<x>", single_word=True, normalized=False)])
    before = {c for c, e in zip(POINTS, tokenizer.encode_batch([chr(c) + "<x>" for c in POINTS])) if not e.ids}
    after = {c for c, e in zip(POINTS, tokenizer.encode_batch(["<x>" + chr(c) for c in POINTS])) if not e.ids}
    assert before == after
    return before


def canonical_decomposition(c):
    parts = unicodedata.decomposition(chr(c))
    return [int(p, 16) for p in parts.split()] if parts and not parts.startswith("<") else []


def by_normalizer():
    nfc = normalizers.NFC().normalize_str
    changed = {c for c in POINTS if nfc(chr(c)) != chr(c)}
    # U+0345 has the highest class of all: a mark with any other class moves before it.
    marks = {c for c in POINTS if c != 0x345 and nfc("a" + "\u0345" + chr(c)) != "a\u0345" + chr(c)} | {0x345}
    assert nfc("a\u0345\u0301") == "\u00e1\u0345"
    marks = {c for c in marks if unicodedata.combining(chr(c))}
    first, second = set(), set()
    pairs = [(c, d) for c in POINTS if len(d := canonical_decomposition(c)) == 2]
    for c, (a, b) in pairs:
        if nfc(chr(a) + chr(b)) == chr(c):
            first.add(a)
            second.add(b)
    decomposed = {c for c in POINTS if canonical_decomposition(c)}
    jamo_l, jamo_v, jamo_t = range(0x1100, 0x1113), range(0x1161, 0x1176), range(0x11A8, 0x11C3)
    active = changed | marks | second | set(jamo_v) | set(jamo_t)
    base = first | decomposed | set(jamo_l) | set(range(0xAC00, 0xD7A4))
    unknown = {c for c in POINTS if unicodedata.combining(chr(c))} - marks
    nocompose = {c for c, (a, b) in pairs if nfc(chr(a) + chr(b)) != chr(c) and
                 unicodedata.normalize("NFC", chr(a) + chr(b)) == chr(c)}
    return active, base, unknown, nocompose


def ranges_of(points):
    out = []
    for c in sorted(points):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def stages(classes):
    """Three stages: 16 code points a leaf, 32 leaves a middle row."""
    leaves, rows, top, middle = {}, {}, [], []
    ids = [leaves.setdefault(bytes(classes[p:p + 16]), len(leaves)) for p in range(0, 0x110000, 16)]
    for at in range(0, len(ids), 32):
        top.append(rows.setdefault(tuple(ids[at:at + 32]), len(rows)))
    for row in rows:
        middle += row
    return top, middle, b"".join(leaves)


def array(kind, name, values):
    lines, line = [], "   "
    for v in values:
        text = f" {v},"
        if len(line) + len(text) > 124:
            lines.append(line)
            line = "   "
        line += text
    return f"const {kind} {name}[{len(values)}] = {{\n" + "\n".join(lines + [line]) + "\n};\n"


def source(sets):
    classes = bytearray(0x110000)
    for bit, name in enumerate(NAMES):
        for c in sets[name]:
            classes[c] |= 1 << bit
    top, middle, leaf = stages(classes)
    digest = hashlib.sha256(json.dumps({n: ranges_of(sets[n]) for n in NAMES}, separators=(",", ":")).encode()).hexdigest()
    counts = "  ".join(f"{n} {len(sets[n]):,}" for n in NAMES)
    return f"""/* SPDX-License-{"Identifier"}: MIT AND LicenseRef-Unicode-Data
 *
 * unicode_classes.c — generated by tools/make_unicode_tables.py from tokenizers {tokenizers.__version__}; not edited by hand.
 *
 * L, N, M, S are Unicode 16's (Oniguruma), D is Unicode 17's (Rust's is_numeric), X and F are Unicode 9's (its NFC tables).
 * Code points per class:
 *   {counts}
 * SHA-256 of the classes' ranges as JSON without spaces:
 *   {digest}
 *
 * Three stages: leaf[16 middle[32 top[c / 512] + c / 16 % 32] + c % 16] has one bit per class, in the order above.
 */
#include "internal.h"

/* clang-format off */
{array("uint8_t", "rp_class_top", top)}
{array("uint16_t", "rp_class_middle", middle)}
{array("uint8_t", "rp_class_leaf", leaf)}
{array("uint8_t", "rp_class_ascii", classes[:128])}"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ranges")
    parser.add_argument("--nfc")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    active, base, unknown, nocompose = by_normalizer()
    sets = {"S": by_regex(r"\s"), "L": by_regex(r"\p{L}"), "N": by_regex(r"\p{N}"), "M": by_regex(r"\p{M}"), "D": by_digits(),
            "W": by_single_word(), "X": active, "F": base}
    if options.ranges:
        published = json.loads(pathlib.Path(options.ranges).read_text())
        for name, key in (("S", "s"), ("L", "L"), ("N", "N"), ("M", "M"), ("D", "D")):
            assert ranges_of(sets[name]) == published[key], f"{name} differs from {options.ranges}"
        print("classes equal the published ranges")
    if options.nfc:
        published = json.loads(pathlib.Path(options.nfc).read_text())
        without = {c for a, b in published["ccc0"] for c in range(a, b + 1)}
        assert unknown <= without and not without & active, "marks without a class differ"
        print(f"{len(unknown)} of {len(without)} marks without a class and {len(nocompose)} pairs seen with Unicode "
              f"{unicodedata.unidata_version}; published nocompose {published['nocompose']}, here {sorted(nocompose)}")
    text = source(sets)
    if options.check:
        sys.exit(0 if OUT.read_text() == text else "src/text/unicode_classes.c is not what the library gives")
    OUT.write_text(text)
    print(f"{OUT}: {len(text)} bytes")


if __name__ == "__main__":
    main()
