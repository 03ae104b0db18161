# SPDX-License-Identifier: MIT
"""The draw of RED-Drop: which failures of a group are dropped. Both origins are given the same rows; the choice is no formula."""
import math


def philox(seed, purpose, prompt):
    """The program's stream of draws, from the description of Philox4x32-10."""
    block = 0
    while True:
        c, k = [block, 0, prompt, purpose << 24], [seed & 0xFFFFFFFF, seed >> 32]
        for _ in range(10):
            p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
            k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
        yield from c
        block += 1


def kept_rows(w, s):
    kept = [True] * w.rows
    for g in range(w.groups):
        rows = [i for i in range(w.rows) if w.group[i] == g]
        mean = math.fsum(w.R[i] for i in rows) / len(rows)
        bad = [i for i in rows if w.R[i] < mean - 1e-6 * abs(mean)]
        wanted, left, draws = len(rows) - len(bad), len(bad), philox(s["seed"], 8, g)
        if len(bad) <= wanted:
            continue
        for i in bad:
            reject = (2 ** 32 - left) % left
            draw = next(x for x in draws if x >= reject) % left
            kept[i] = draw < wanted
            wanted -= kept[i]
            left -= 1
    return kept
