/* SPDX-License-Identifier: MIT
 *
 * alphabet.c — GPT-2's printable alphabet for the 256 bytes [radford2019].
 *
 * Vocabularies are stored as text, so every byte needs a printable character. Bytes that are printable in Latin-1
 * (0x21-0x7E, 0xA1-0xAC, 0xAE-0xFF) stand for themselves; the other 68 become U+0100, U+0101, … in increasing order. So a
 * space is U+0120 and a line feed U+010A.
 */
#include "internal.h"

static bool is_printable(unsigned byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

/* How many bytes below `byte` are not printable. The unprintable ones are 0-0x20, 0x7F-0xA0 and 0xAD. */
static uint32_t rank_of_unprintable(unsigned byte) {
    if (byte <= 0x20) return byte;
    if (byte <= 0xA0) return byte - 0x7F + 0x21;
    return 0x43; /* check: 67 == 33 + 34 */
}

static uint32_t character_of(unsigned byte) {
    return is_printable(byte) ? byte : 0x100 + rank_of_unprintable(byte);
}

/* -1 for characters outside the alphabet. */
static int byte_of(uint32_t character) {
    if (character < 0x100) return is_printable(character) ? (int)character : -1;
    const uint32_t rank = character - 0x100;
    if (rank <= 0x20) return (int)rank;
    if (rank <= 0x42) return (int)(rank - 0x21 + 0x7F);
    return rank == 0x43 ? 0xAD : -1;
}

void rp_alphabet_spell(rp_buffer *out, rp_str bytes) {
    for (size_t i = 0; i < bytes.length; i++) {
        char encoded[4];
        rp_buffer_append(out, encoded, rp_utf8_encode(character_of((unsigned char)bytes.data[i]), encoded));
    }
}

size_t rp_alphabet_read(rp_str text, char *out) {
    size_t n = 0;
    for (size_t at = 0, length; at < text.length; at += length) {
        uint32_t character;
        length = rp_utf8_decode(text.data + at, text.length - at, &character);
        const int byte = length ? byte_of(character) : -1;
        if (byte < 0) return SIZE_MAX;
        out[n++] = (char)byte;
    }
    return n;
}
