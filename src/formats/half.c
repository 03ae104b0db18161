/* SPDX-License-Identifier: MIT
 *
 * half.c — sixteen-bit floats of IEEE.
 */
#include "internal.h"

/* IEEE half: sign 1, exponent 5 (bias 15), fraction 10. Put into a float's fields the exponent is short of the float's bias
 * by 112, check: 112 == 127 - 15, and one exact product with 2^112 corrects normal and subnormal numbers alike. */
float rp_f16_to_float(uint16_t bits) {
    uint32_t word = (uint32_t)(bits & 0x7FFF) << 13;
    float value;
    memcpy(&value, &word, sizeof value);
    value *= 0x1p112f;
    memcpy(&word, &value, sizeof word);
    if ((bits & 0x7C00) == 0x7C00) word = 0x7F800000u | (uint32_t)(bits & 0x3FF) << 13; /* infinity, NaN */
    word |= (uint32_t)(bits & 0x8000) << 16;
    memcpy(&value, &word, sizeof value);
    return value;
}
