/* SPDX-License-Identifier: MIT
 *
 * gguf_blocks.c — ggml's quantised blocks, read.
 *
 * A block keeps small integers q and one or two half-precision factors. The simple kinds hold 32 values:
 *     Q8_0   x = d q            q in -128..127, one byte each
 *     Q4_0   x = d (q - 8)      q in 0..15; byte j holds value j in its low and value j + 16 in its high four bits
 *     Q4_1   x = d q + m        the same packing
 *     Q5_0   x = d (q - 16)     the same packing of the low four bits; the fifth bit of value j is bit j of a word of 32
 *     Q5_1   x = d q + m        the same
 *     IQ4_NL x = d c(q)         the packing of Q4_0; c is a table of 16 values, dense around 0
 * The "K" kinds hold 256 values in sub-blocks with small integer scales of their own:
 *     Q2_K   x = d s q - m t    16 sub-blocks of 16; s and t have four bits each, q has two
 *     Q3_K   x = d (s - 32) (q - 4)  16 sub-blocks of 16; s has six bits, q two in one place and its high bit in another
 *     Q4_K   x = d s q - m t    8 sub-blocks of 32; s and t have six bits each, packed into 12 bytes
 *     Q5_K   x = d s q - m t    Q4_K with a fifth bit of q in another place
 *     Q6_K   x = d s (q - 32)   16 sub-blocks of 16; s is a signed byte; q has four low bits in one place, two in another
 *     IQ4_XS x = d (s - 32) c(q)  8 sub-blocks of 32 of IQ4_NL's packing; s has six bits
 *
 * A half has 11 significant bits, so every product here fits a float's 24 exactly (11 + 6 + 7 in IQ4_XS); what rounds is
 * the one addition of m.
 */
#include "internal.h"

enum { SMALL = 32, SUPER = 256 };

void rp_read_q8_0(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 34, out += SMALL) {
        const real d = (real)rp_f16_to_float(load_u16(at));
        for (int j = 0; j < SMALL; j++) out[j] = d * (real)(int8_t)at[2 + j];
    }
}

void rp_read_q4_0(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 18, out += SMALL) {
        const real d = (real)rp_f16_to_float(load_u16(at));
        for (int j = 0; j < SMALL / 2; j++) {
            out[j] = d * (real)((at[2 + j] & 15) - 8);
            out[j + SMALL / 2] = d * (real)((at[2 + j] >> 4) - 8);
        }
    }
}

void rp_read_q4_1(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 20, out += SMALL) {
        const real d = (real)rp_f16_to_float(load_u16(at)), m = (real)rp_f16_to_float(load_u16(at + 2));
        for (int j = 0; j < SMALL / 2; j++) {
            out[j] = d * (real)(at[4 + j] & 15) + m;
            out[j + SMALL / 2] = d * (real)(at[4 + j] >> 4) + m;
        }
    }
}

/* The fifth bits of 32 values, added to the low four. */
static void q5_values(const unsigned char *high_bits, const unsigned char *low, int q[SMALL]) {
    const uint32_t high = load_u32(high_bits);
    for (int j = 0; j < SMALL / 2; j++) {
        q[j] = (low[j] & 15) | (int)(high >> j & 1) << 4;
        q[j + SMALL / 2] = low[j] >> 4 | (int)(high >> (j + SMALL / 2) & 1) << 4;
    }
}

void rp_read_q5_0(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 22, out += SMALL) {
        const real d = (real)rp_f16_to_float(load_u16(at));
        int q[SMALL];
        q5_values(at + 2, at + 6, q);
        for (int j = 0; j < SMALL; j++) out[j] = d * (real)(q[j] - 16);
    }
}

void rp_read_q5_1(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 24, out += SMALL) {
        const real d = (real)rp_f16_to_float(load_u16(at)), m = (real)rp_f16_to_float(load_u16(at + 2));
        int q[SMALL];
        q5_values(at + 4, at + 8, q);
        for (int j = 0; j < SMALL; j++) out[j] = d * (real)q[j] + m;
    }
}

/* The 16 values of the IQ4 kinds, part of the format. */
static const int8_t iq4_values[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

void rp_read_iq4_nl(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 18, out += SMALL) {
        const real d = (real)rp_f16_to_float(load_u16(at));
        for (int j = 0; j < SMALL / 2; j++) {
            out[j] = d * (real)iq4_values[at[2 + j] & 15];
            out[j + SMALL / 2] = d * (real)iq4_values[at[2 + j] >> 4];
        }
    }
}

/* Layout: d, 16 bits with the high two bits of eight s, 4 bytes with their low four, 128 bytes of q. */
void rp_read_iq4_xs(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 136, out += SUPER) {
        const real d = (real)rp_f16_to_float(load_u16(at));
        const int high = load_u16(at + 2);
        for (int sub = 0; sub < 8; sub++) {
            const int s = (at[4 + sub / 2] >> (sub % 2 * 4) & 15) | (high >> (2 * sub) & 3) << 4;
            const unsigned char *q = at + 8 + 16 * sub;
            for (int j = 0; j < 16; j++) {
                out[32 * sub + j] = d * (real)(s - 32) * (real)iq4_values[q[j] & 15];
                out[32 * sub + j + 16] = d * (real)(s - 32) * (real)iq4_values[q[j] >> 4];
            }
        }
    }
}

/* Layout: 16 bytes of scales (s low, t high), 64 bytes of q, d, m. Each half of the block (128 values) is four runs of 32:
 * run r takes bits 2r of 32 bytes. */
void rp_read_q2_k(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 84, out += SUPER) {
        const real d = (real)rp_f16_to_float(load_u16(at + 80)), m = (real)rp_f16_to_float(load_u16(at + 82));
        for (int run = 0; run < 8; run++) {
            const unsigned char *q = at + 16 + 32 * (run / 4);
            for (int j = 0; j < 32; j++) {
                const int scale = at[2 * run + j / 16];
                out[32 * run + j] = d * (real)(scale & 15) * (real)(q[j] >> (2 * (run % 4)) & 3) - m * (real)(scale >> 4);
            }
        }
    }
}

/* The j-th of sixteen six-bit scales in 12 bytes: the low four bits in the halves of bytes 0..7, the high two in bytes
 * 8..11. */
static int q3_k_scale(const unsigned char *packed, int j) {
    return (packed[j % 8] >> (j / 8 * 4) & 15) | (packed[8 + j % 4] >> (j / 4 * 2) & 3) << 4;
}

/* Layout: 32 bytes of high bits, 64 bytes of low ones, 12 bytes of scales, d. Runs as in Q2_K; the high bit of run r of all
 * eight is bit r of the first 32 bytes. */
void rp_read_q3_k(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 110, out += SUPER) {
        const real d = (real)rp_f16_to_float(load_u16(at + 108));
        for (int run = 0; run < 8; run++) {
            const unsigned char *low = at + 32 + 32 * (run / 4);
            for (int j = 0; j < 32; j++) {
                const int s = q3_k_scale(at + 96, 2 * run + j / 16) - 32;
                const int q = (low[j] >> (2 * (run % 4)) & 3) | (at[j] >> run & 1) << 2;
                out[32 * run + j] = d * (real)s * (real)(q - 4);
            }
        }
    }
}

/* The j-th of eight six-bit pairs (s, t) in 12 bytes: the first four pairs take the low six bits of bytes 0..3 (s) and 4..7
 * (t); the last four take their low four bits from bytes 8..11 and their high two from the top of bytes 0..7. */
static void q4_k_scales(const unsigned char *packed, int j, int *s, int *t) {
    if (j < 4) {
        *s = packed[j] & 63;
        *t = packed[j + 4] & 63;
    } else {
        *s = (packed[j + 4] & 15) | (packed[j - 4] >> 6) << 4;
        *t = packed[j + 4] >> 4 | (packed[j] >> 6) << 4;
    }
}

/* Layout: d, m, 12 bytes of scales, 128 bytes of q. Each 32 bytes of q hold two sub-blocks: low halves, then high halves.
 */
void rp_read_q4_k(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 144, out += SUPER) {
        const real d = (real)rp_f16_to_float(load_u16(at)), m = (real)rp_f16_to_float(load_u16(at + 2));
        for (int sub = 0; sub < 8; sub++) {
            const unsigned char *q = at + 16 + sub / 2 * 32;
            const int shift = sub % 2 * 4;
            int s, t;
            q4_k_scales(at + 4, sub, &s, &t);
            for (int j = 0; j < 32; j++) out[32 * sub + j] = d * (real)s * (real)(q[j] >> shift & 15) - m * (real)t;
        }
    }
}

/* Layout: d, m, 12 bytes of scales, 32 bytes of fifth bits, 128 bytes of q as in Q4_K; sub-block k has bit k of the 32
 * bytes. */
void rp_read_q5_k(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 176, out += SUPER) {
        const real d = (real)rp_f16_to_float(load_u16(at)), m = (real)rp_f16_to_float(load_u16(at + 2));
        for (int sub = 0; sub < 8; sub++) {
            const unsigned char *high = at + 16, *low = at + 48 + sub / 2 * 32;
            int s, t;
            q4_k_scales(at + 4, sub, &s, &t);
            for (int j = 0; j < 32; j++) {
                const int q = (low[j] >> (sub % 2 * 4) & 15) | (high[j] >> sub & 1) << 4;
                out[32 * sub + j] = d * (real)s * (real)q - m * (real)t;
            }
        }
    }
}

/* Layout: 128 bytes of low bits, 64 bytes of high bits, 16 signed scales, d. Each half of the block (128 values) is four
 * runs of 32: run r takes its low bits from the low (r < 2) or high half of bytes 32 (r mod 2) + j, its high bits from bits
 * 2r. */
void rp_read_q6_k(const unsigned char *at, size_t n, real *out) {
    for (size_t b = 0; b < n; b++, at += 210, out += SUPER) {
        const real d = (real)rp_f16_to_float(load_u16(at + 208));
        for (int run = 0; run < 8; run++) {
            const int half = run / 4, r = run % 4;
            const unsigned char *low = at + 64 * half + 32 * (r % 2), *high = at + 128 + 32 * half;
            for (int j = 0; j < 32; j++) {
                const real s = (real)(int8_t)at[192 + 2 * run + j / 16];
                const int q = (low[j] >> (r / 2 * 4) & 15) | (high[j] >> (2 * r) & 3) << 4;
                out[32 * run + j] = d * s * (real)(q - 32);
            }
        }
    }
}
