#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the tables of src/verify/decide/field.c: each pair is a prime that is 1 modulo the cycle, once only by 2, 3, 5, 7 and 11, with a
root of unity of that order; each row of totients begins with one of the primes, and each entry is Euler's phi of the one before it.
Standard library only; exit code 1 and a sentence for the first entry that is another number.

    python tools/verify_primes.py
"""
import math
import pathlib
import random
import re
import sys

CYCLE = 55440
SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src" / "verify" / "decide" / "field.c"


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


def rows_of(text, name):
    table = text.split(name, 1)[1].split("};", 1)[0]
    rows = [[int(x) for x in re.findall(r"(\d+)u", row)] for row in table.split("}")]
    return [row for row in rows if row]


def check_root(p, zeta):
    if not is_prime(p) or p % CYCLE != 1 or math.gcd((p - 1) // CYCLE, 2310) != 1:
        sys.exit(f"{p} is no prime of the form 1 + {CYCLE} k with a k prime to 2310")
    if pow(zeta, CYCLE, p) != 1 or any(pow(zeta, CYCLE // q, p) == 1 for q in (2, 3, 5, 7, 11)):
        sys.exit(f"{zeta} has not the order {CYCLE} modulo {p}")


def main():
    text = SOURCE.read_text(encoding="utf-8")
    primes = rows_of(text, "rp_field_primes[RP_FIELD_PRIMES] = {")
    rows = rows_of(text, "rp_field_totients[RP_FIELD_CHAINS][RP_FIELD_LEVELS] = {")
    for p, zeta in primes:
        check_root(p, zeta)
    if len({p for p, _ in primes}) != len(primes):
        sys.exit("a prime is there twice")
    for row, (p, _) in zip(rows, primes):
        if row[0] != p:
            sys.exit(f"{row[0]} stands where the totients of {p} should begin")
        for above, below in zip(row, row[1:]):
            if phi(above) != below:
                sys.exit(f"phi({above}) is {phi(above)}, not {below}")
    print(f"{len(primes)} primes with roots of unity, {sum(map(len, rows))} totients, all as they should be")


if __name__ == "__main__":
    main()
