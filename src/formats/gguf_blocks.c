/* SPDX-License-Identifier: MIT
 *
 * gguf_blocks.c — ggml's quantised blocks, read.
 *
 * A block keeps small integers q and one or two half-precision factors. The simple kinds hold 32 values:
 *     Q8_0   x = d q            q in -128..127, one byte each
 *     Q4_0   x = d (q - 8)      q in 0..15; byte j holds value j in its low and value j + 16 in its high four bits
 *     Q4_1   x = d q + m        the same packing
 * The "K" kinds hold 256 values in sub-blocks with small integer scales of their own:
 *     Q4_K   x = d s q - m t    8 sub-blocks of 32; s and t have six bits each, packed into 12 bytes
 *     Q6_K   x = d s (q - 32)   16 sub-blocks of 16; s is a signed byte; q has four low bits in one place, two in another
 *
 * A half has 11 significant bits, so every product here fits a float's 24 exactly; what rounds is the one addition of m.
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
