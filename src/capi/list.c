/* SPDX-License-Identifier: MIT
 *
 * list.c — the table of algorithms as JSON, for programs that want to know what they may ask.
 */
#include "oracle.h"

static void put_convention(rp_json_writer *out, const rp_convention *convention) {
    rp_json_begin_object(out);
    rp_json_put_key(out, "name");
    rp_json_put_text(out, convention->name);
    rp_json_put_key(out, "help");
    rp_json_put_text(out, convention->help);
    rp_json_put_key(out, "settings");
    rp_json_begin_object(out);
    for (size_t k = 0; convention->set[k].setting; k++) {
        rp_json_put_key(out, convention->set[k].setting);
        rp_json_put_text(out, convention->set[k].value);
    }
    rp_json_end_object(out);
    rp_json_end_object(out);
}

static void put_algorithm(rp_json_writer *out, const rp_algorithm *algorithm) {
    const struct {
        const char *key, *text;
    } lines[] = {{"name", algorithm->name},
                 {"title", algorithm->title},
                 {"summary", algorithm->summary},
                 {"citation", algorithm->citation},
                 {"equations", algorithm->equations}};
    rp_json_begin_object(out);
    for (size_t k = 0; k < sizeof lines / sizeof lines[0]; k++) {
        rp_json_put_key(out, lines[k].key);
        rp_json_put_text(out, lines[k].text);
    }
    const rp_settings settings = rp_settings_defaults(algorithm);
    const unsigned needs = rp_algorithm_needs(algorithm, &settings);
    rp_json_put_key(out, "needs");
    rp_json_begin_array(out);
    for (unsigned bit = 0; rp_needs_name(bit); bit++)
        if (needs & (1u << bit)) rp_json_put_text(out, rp_needs_name(bit));
    rp_json_end_array(out);
    rp_json_put_key(out, "settings");
    rp_options_json(algorithm->settings, out);
    rp_json_put_key(out, "conventions");
    rp_json_begin_array(out);
    for (const rp_convention *c = algorithm->conventions; c->name; c++) put_convention(out, c);
    rp_json_end_array(out);
    rp_json_end_object(out);
}

rp_status oracle_list(const oracle_call *call) {
    rp_json_begin_array(call->out);
    for (size_t k = 0; k < rp_algorithm_count(); k++) put_algorithm(call->out, rp_algorithm_at(k));
    rp_json_end_array(call->out);
    return RP_OK;
}
