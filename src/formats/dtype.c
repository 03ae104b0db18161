/* SPDX-License-Identifier: MIT
 *
 * dtype.c — the types a tensor can be stored in, one row each: how many values share a block, how many bytes a block has,
 * and the function that turns blocks into numbers.
 *
 * Plain types are blocks of one. Quantised types keep a small scale per block of 32 or 256 values (gguf_blocks.c). Bytes
 * are loaded one by one: neither format promises alignment to the element size, and both are little-endian everywhere.
 */
#include "internal.h"

static void read_f32(const unsigned char *at, size_t n, real *out) {
    for (size_t i = 0; i < n; i++) out[i] = (real)load_f32(at + i * sizeof(float));
}

static void read_f64(const unsigned char *at, size_t n, real *out) {
    for (size_t i = 0; i < n; i++) out[i] = (real)load_f64(at + i * sizeof(double));
}

static void read_f16(const unsigned char *at, size_t n, real *out) {
    for (size_t i = 0; i < n; i++) out[i] = (real)rp_f16_to_float(load_u16(at + 2 * i));
}

/* bfloat16 is the upper half of a float. */
static void read_bf16(const unsigned char *at, size_t n, real *out) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t word = (uint32_t)load_u16(at + 2 * i) << 16;
        float value;
        memcpy(&value, &word, sizeof value);
        out[i] = (real)value;
    }
}

/* ggml's numbers are part of the GGUF format. */
const rp_dtype_row rp_dtype_rows[RP_DTYPE_COUNT] = {
    [RP_F32] = {"F32", true, 0, 1, 4, read_f32},
    [RP_F16] = {"F16", true, 1, 1, 2, read_f16},
    [RP_BF16] = {"BF16", true, 30, 1, 2, read_bf16},
    [RP_F64] = {"F64", true, 28, 1, 8, read_f64},
    [RP_Q8_0] = {"Q8_0", false, 8, 32, 34, rp_read_q8_0},
    [RP_Q4_0] = {"Q4_0", false, 2, 32, 18, rp_read_q4_0},
    [RP_Q4_1] = {"Q4_1", false, 3, 32, 20, rp_read_q4_1},
    [RP_Q5_0] = {"Q5_0", false, 6, 32, 22, rp_read_q5_0},
    [RP_Q5_1] = {"Q5_1", false, 7, 32, 24, rp_read_q5_1},
    [RP_Q2_K] = {"Q2_K", false, 10, 256, 84, rp_read_q2_k},
    [RP_Q3_K] = {"Q3_K", false, 11, 256, 110, rp_read_q3_k},
    [RP_Q4_K] = {"Q4_K", false, 12, 256, 144, rp_read_q4_k},
    [RP_Q5_K] = {"Q5_K", false, 13, 256, 176, rp_read_q5_k},
    [RP_Q6_K] = {"Q6_K", false, 14, 256, 210, rp_read_q6_k},
    [RP_IQ4_NL] = {"IQ4_NL", false, 20, 32, 18, rp_read_iq4_nl},
    [RP_IQ4_XS] = {"IQ4_XS", false, 23, 256, 136, rp_read_iq4_xs},
};

const char *rp_ggml_type_name(uint32_t number) {
    static const struct {
        uint32_t number;
        const char *name;
    } others[] = {{9, "Q8_1"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"}, {19, "IQ1_S"},
                  {21, "IQ3_S"}, {22, "IQ2_S"}, {24, "I8"},      {25, "I16"},    {26, "I32"},     {27, "I64"},
                  {29, "IQ1_M"}, {34, "TQ1_0"}, {35, "TQ2_0"},   {39, "MXFP4"},  {40, "NVFP4"}};
    for (int t = 0; t < RP_DTYPE_COUNT; t++)
        if (rp_dtype_rows[t].gguf == number) return rp_dtype_rows[t].name;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].number == number) return others[i].name;
    return NULL;
}

const char *rp_dtype_name(rp_dtype type) {
    RP_REQUIRE(type < RP_DTYPE_COUNT);
    return rp_dtype_rows[type].name;
}

size_t rp_dtype_bytes(rp_dtype type, size_t n) {
    RP_REQUIRE(type < RP_DTYPE_COUNT && n % rp_dtype_rows[type].block == 0);
    return n / rp_dtype_rows[type].block * rp_dtype_rows[type].bytes;
}

void rp_tensor_read(const rp_tensor_view *tensor, size_t first, size_t count, real *out) {
    const rp_dtype_row *row = &rp_dtype_rows[tensor->type];
    RP_REQUIRE(first <= tensor->count && count <= tensor->count - first);
    RP_REQUIRE(first % row->block == 0 && count % row->block == 0);
    row->read(tensor->data + first / row->block * row->bytes, count / row->block, out);
}
