#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the table of src/verify/decide/modular.c: each row begins with a prime that is 1 modulo 4, and each entry is Euler's phi of the
one before it. Standard library only; exit code 1 and a sentence for the first entry that is another number.

    python tools/verify_primes.py
"""
import math
import pathlib
import random
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src" / "verify" / "decide" / "modular.c"


def is_prime(n):
    if n < 2 or any(n % p == 0 for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return n in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for a in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):  # decides all n below 3.3e24
        x = pow(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def factor(n):
    if n == 1:
        return set()
    if is_prime(n):
        return {n}
    for p in (2, 3, 5, 7):
        if n % p == 0:
            return {p} | factor(n // p)
    dice = random.Random(n)
    while True:  # Pollard's rho
        c, x = dice.randrange(1, n), dice.randrange(n)
        y, d = x, 1
        while d == 1:
            x = (x * x + c) % n
            y = (y * y + c) % n
            y = (y * y + c) % n
            d = math.gcd(x - y, n)
        if d != n:
            return factor(d) | factor(n // d)


def phi(n):
    for p in factor(n):
        n = n // p * (p - 1)
    return n


def main():
    table = SOURCE.read_text(encoding="utf-8").split("totients[PRIMES][LEVELS] = {", 1)[1].split("};", 1)[0]
    rows = [[int(x) for x in re.findall(r"(\d+)u", row)] for row in table.split("}")]
    rows = [row for row in rows if row]
    for row in rows:
        if not is_prime(row[0]) or row[0] % 4 != 1:
            sys.exit(f"{row[0]} is no prime that is 1 modulo 4")
        for above, below in zip(row, row[1:]):
            if phi(above) != below:
                sys.exit(f"phi({above}) is {phi(above)}, not {below}")
    print(f"{len(rows)} primes, {sum(map(len, rows))} entries, all as they should be")


if __name__ == "__main__":
    main()
