/* SPDX-License-Identifier: MIT
 *
 * data/golden/v1/MANIFEST.json holds the SHA-256 of every golden file: each listed file is there with that digest, and no file is
 * there unlisted. A golden number therefore cannot change without a change of the manifest beside it.
 */
#include "check.h"

#include <rephrase/json.h>

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define GOLDEN "data/golden/v1"

/* ---- SHA-256 (FIPS 180-4), for this test alone ------------------------------------------------------------------- */

/* The first 32 bits behind the point of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}

static void compress(uint32_t h[8], const unsigned char block[64]) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
               (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        const uint32_t a = s[0], e = s[4];
        const uint32_t one = s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + K[i] + w[i];
        const uint32_t two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (int i = 0; i < 8; i++) h[i] += s[i];
}

static void sha256(const char *data, size_t n, char hex[65]) {
    /* The same of the square roots of the first 8. */
    uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char end[128] = {0};
    size_t done = 0;
    for (; n - done >= 64; done += 64) compress(h, (const unsigned char *)data + done);
    if (n > done) memcpy(end, data + done, n - done);
    end[n - done] = 0x80;
    const size_t padded = n - done < 56 ? 64 : 128;
    for (size_t i = 0; i < 8; i++) end[padded - 1 - i] = (unsigned char)((uint64_t)n * 8 >> 8 * i);
    for (size_t i = 0; i < padded; i += 64) compress(h, end + i);
    for (int i = 0; i < 8; i++) snprintf(hex + 8 * i, 9, "%08x", h[i]);
}

static void test_the_digest_is_sha_256(void **state) {
    (void)state;
    char hex[65];
    sha256("abc", 3, hex); /* FIPS 180-4's examples */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    sha256("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* ---- The files --------------------------------------------------------------------------------------------------- */

static void check_file(rp_arena *arena, const rp_json *files, const char *name, const char *path) {
    const rp_json entry = rp_json_key(files, name);
    rp_str data, wanted;
    char hex[65];
    if (rp_json_typeof(&entry) == RP_JSON_ABSENT) fail_msg("%s is not listed in MANIFEST.json", name);
    assert_ok(rp_file_read(arena, path, 0, &data));
    assert_ok(rp_json_get_string(&entry, &wanted));
    sha256(data.data, data.length, hex);
    if (!rp_str_is(wanted, hex))
        fail_msg("%s has another digest than MANIFEST.json says; when the change is meant, give its reason under "
                 "\"Golden data\" in CHANGELOG.md and run python3 tools/golden/manifest.py",
                 name);
}

/* Files below a folder, each checked. */
static size_t check_folder(rp_arena *arena, const rp_json *files, const char *folder, const char *prefix) {
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        const char *path = rp_path_join(arena, folder, entry->d_name);
        const char *name = rp_sprintf(arena, "%s%s", prefix, entry->d_name);
        struct stat facts;
        assert_int_equal(stat(path, &facts), 0);
        if (S_ISDIR(facts.st_mode)) {
            count += check_folder(arena, files, path, rp_sprintf(arena, "%s/", name));
        } else if (strcmp(name, "MANIFEST.json") != 0) {
            check_file(arena, files, name, path);
            count++;
        }
    }
    closedir(directory);
    return count;
}

static void test_every_golden_file_is_listed_with_its_digest(void **state) {
    (void)state;
    rp_arena *arena = rp_arena_create("manifest", 0);
    rp_json_document *document;
    assert_ok(rp_json_load(source_path(GOLDEN "/MANIFEST.json"), &document));
    const rp_json root = rp_json_root(document), files = rp_json_key(&root, "files");
    const char *folder = rp_sprintf(arena, "%s", source_path(GOLDEN));
    const size_t found = check_folder(arena, &files, folder, "");
    assert_true(found > 50);
    /* All that were found are listed, so an equal count means that none is listed without being there. */
    assert_int_equal(found, rp_json_length(&files));
    rp_json_free(document);
    rp_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_digest_is_sha_256),
        cmocka_unit_test(test_every_golden_file_is_listed_with_its_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
