/* SPDX-License-Identifier: MIT
 *
 * Every stored type as numbers: the golden blocks bit for bit, and all 65,536 halves against the definition.
 */
#define SCRATCH "dtype"
#include "files.h"

static void test_blocks_equal_the_golden_values(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("test", 0);
    rp_json_document *document;
    assert_ok(rp_json_load(golden_path(arena, "blocks.json"), &document));
    const rp_json root = rp_json_root(document), groups = rp_json_key(&root, "groups");
    size_t checked = 0;
    for (size_t g = 0; g < rp_json_length(&groups); g++) {
        const rp_json group = rp_json_at(&groups, g), settings = rp_json_key(&group, "settings"),
                      kind = rp_json_key(&settings, "type"), cases = rp_json_key(&group, "cases");
        rp_str name;
        assert_ok(rp_json_get_string(&kind, &name));
        int type = 0;
        while (type < RP_DTYPE_COUNT && !rp_str_is(name, rp_dtype_name((rp_dtype)type))) type++;
        assert_true(type < RP_DTYPE_COUNT);
        for (size_t c = 0; c < rp_json_length(&cases); c++) {
            const rp_json one = rp_json_at(&cases, c), inputs = rp_json_key(&one, "inputs"),
                          hex = rp_json_key(&inputs, "hex"), expected = rp_json_key(&one, "expected"),
                          values = rp_json_key(&expected, "values");
            rp_str digits;
            unsigned char *bytes;
            assert_ok(rp_json_get_string(&hex, &digits));
            const size_t size = from_hex(arena, digits, &bytes), count = rp_json_length(&values);
            assert_int_equal(rp_dtype_bytes((rp_dtype)type, count), size);
            const rp_tensor_view view = {
                .type = (rp_dtype)type, .rank = 1, .shape = {count}, .count = count, .data = bytes, .bytes = size};
            real *out = rp_alloc(arena, real, count);
            rp_tensor_read(&view, 0, count, out);
            for (size_t i = 0; i < count; i++, checked++) {
                const rp_json item = rp_json_at(&values, i);
                double value;
                assert_ok(rp_json_get_double(&item, &value));
                if (out[i] != (real)value)
                    fail_msg("%.*s case %zu value %zu: %.17g, not %.17g", (int)name.length, name.data, c, i, (double)out[i],
                             value);
            }
        }
    }
    assert_true(checked == 5203); /* check: 5203 == 3 * (32 * 6 + 256 * 6) + 11 + 8 */
    rp_json_free(document);
    rp_arena_destroy(arena);
}

/* (-1)^s 2^(e - 15) (1 + m / 1024), without the 1 and with e = 1 when e is 0. */
static void test_halves_follow_their_definition(void **state) {
    (void)state;
    for (uint32_t bits = 0; bits < 65536; bits++) {
        const uint16_t stored = (uint16_t)bits;
        const rp_tensor_view view = {
            .type = RP_F16, .rank = 1, .shape = {1}, .count = 1, .data = (const unsigned char *)&stored, .bytes = 2};
        real got;
        rp_tensor_read(&view, 0, 1, &got);
        const int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
        if (exponent == 31) {
            assert_true(fraction ? isnan(got) : isinf(got));
        } else {
            const double size = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
            assert_true((double)got == (bits >> 15 ? -size : size));
        }
        if (!isnan(got)) assert_int_equal(signbit(got) != 0, bits >> 15);
    }
}

/* Any run of whole blocks can be read by itself. */
static void test_reading_a_part_equals_the_part_of_the_whole(void **state) {
    (void)state;
    unsigned char bytes[4 * 34];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 37 % 120);
    const rp_tensor_view view = {
        .type = RP_Q8_0, .rank = 2, .shape = {2, 64}, .count = 128, .data = bytes, .bytes = sizeof bytes};
    real whole[128], part[64];
    rp_tensor_read(&view, 0, 128, whole);
    rp_tensor_read(&view, 32, 64, part);
    assert_memory_equal(part, whole + 32, sizeof part);
    assert_true(whole[0] != whole[32]);
}

static void test_names_and_sizes(void **state) {
    (void)state;
    assert_string_equal(rp_dtype_name(RP_Q4_K), "Q4_K");
    assert_int_equal(rp_dtype_bytes(RP_F16, 3), 6);
    assert_int_equal(rp_dtype_bytes(RP_Q4_0, 64), 36);
    assert_int_equal(rp_dtype_bytes(RP_Q6_K, 512), 420);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_equal_the_golden_values),
        cmocka_unit_test(test_halves_follow_their_definition),
        cmocka_unit_test(test_reading_a_part_equals_the_part_of_the_whole),
        cmocka_unit_test(test_names_and_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
