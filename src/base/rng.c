/* SPDX-License-Identifier: MIT
 *
 * rng.c — counter-based random numbers: Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011), section 3.3.
 *
 * The n-th block of a stream is a function of (key, counter) alone. There is no state to share between threads and none to
 * save beyond the counter: resume restores a stream by naming it.
 */
#include <rephrase/base.h>
#include <rephrase/real.h>

#include <math.h>

void rp_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    /* Multipliers and key increments of the paper's table; the increments are the golden ratio and sqrt(3)-1 in 0.32 bits. */
    const uint32_t m0 = 0xD2511F53u, m1 = 0xCD9E8D57u, w0 = 0x9E3779B9u, w1 = 0xBB67AE85u;
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)m0 * c0, p1 = (uint64_t)m1 * c2;
        const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c0 = n0;
        c1 = (uint32_t)p1;
        c2 = n2;
        c3 = (uint32_t)p0;
        k0 += w0;
        k1 += w1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

rp_rng rp_rng_stream(uint64_t seed, rp_rng_purpose purpose, uint32_t step, uint32_t prompt, uint32_t sample) {
    RP_REQUIRE(sample < (1u << 24));
    return (rp_rng){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                    .counter = {0, step, prompt, (uint32_t)purpose << 24 | sample}};
}

uint32_t rp_rng_u32(rp_rng *rng) {
    if (rng->left == 0) {
        rp_philox4x32(rng->counter, rng->key, rng->block);
        rng->counter[0]++;
        rng->left = 4;
    }
    return rng->block[4 - rng->left--];
}

uint64_t rp_rng_u64(rp_rng *rng) {
    const uint64_t low = rp_rng_u32(rng);
    return low | (uint64_t)rp_rng_u32(rng) << 32;
}

double rp_rng_uniform(rp_rng *rng) {
    return (double)(rp_rng_u64(rng) >> 11) * 0x1.0p-53; /* 53 bits: every value is exact */
}

double rp_rng_normal(rp_rng *rng) {
    const double two_pi = 6.283185307179586;    /* check: 6.283185307179586 == 2*pi */
    const double u = 1.0 - rp_rng_uniform(rng); /* (0, 1]: the logarithm is finite */
    const double v = rp_rng_uniform(rng);
    return sqrt(-2.0 * double_log(u)) * double_cos(two_pi * v);
}

uint32_t rp_rng_below(rp_rng *rng, uint32_t n) {
    RP_REQUIRE(n >= 1);
    /* Values below 2^32 mod n would make the low residues likelier: draw again. */
    const uint32_t reject = (0u - n) % n;
    uint32_t draw;
    do draw = rp_rng_u32(rng);
    while (draw < reject);
    return draw % n;
}

int64_t rp_rng_range(rp_rng *rng, int64_t lo, int64_t hi) {
    RP_REQUIRE(lo <= hi && (uint64_t)hi - (uint64_t)lo < UINT32_MAX);
    return lo + (int64_t)rp_rng_below(rng, (uint32_t)((uint64_t)hi - (uint64_t)lo) + 1u);
}

void rp_rng_shuffle(rp_rng *rng, uint32_t *items, size_t n) {
    RP_REQUIRE(n <= UINT32_MAX);
    for (size_t i = n; i > 1; i--) {
        const uint32_t j = rp_rng_below(rng, (uint32_t)i);
        const uint32_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}
