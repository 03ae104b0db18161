# SPDX-License-Identifier: MIT
"""Finds the polynomial of src/kernels/lanes.h: exp(r) = 1 + r + r² q(r) for |r| <= ln 2/2, q of degree 4.

Lawson's iteration: weighted least squares whose weights grow where the error is large, which converges to the smallest
largest error. Needs numpy and mpmath; prints the coefficients as f32 hexadecimals and the error in units of 2^-24.
"""
import numpy as np
from mpmath import exp, log, mp, mpf

mp.dps = 40
bound, degree = float(log(2) / 2) * 1.0001, 4
r = np.linspace(-bound, bound, 4001)
q = np.array([float((exp(mpf(x)) - 1 - mpf(x)) / mpf(x) ** 2) if abs(x) > 1e-6 else 0.5 + x / 6 for x in r])
relative = r * r / np.exp(r)  # an error of q enters exp(r) with this factor
powers = np.vander(r, degree + 1, increasing=True)
weights = np.ones_like(r)
for _ in range(300):
    root = np.sqrt(weights) * relative
    coefficients = np.linalg.lstsq(powers * root[:, None], q * root, rcond=None)[0]
    error = np.abs((powers @ coefficients - q) * relative)
    weights *= error / error.max() + 1e-12
    weights /= weights.sum()
for power, c in enumerate(coefficients):
    print(f"r^{power}: {float(np.float32(c)).hex()}  ({c:.9g})")
print(f"largest relative error {error.max():.3g} = {error.max() * 2**24:.3f} units in the last place of f32")
