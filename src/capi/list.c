/* SPDX-License-Identifier: MIT
 *
 * list.c — the table of algorithms as JSON, for programs that want to know what they may ask.
 */
#include "oracle.h"

static void put_setting(rp_json_writer *out, const rp_setting *setting) {
    static const char *const kinds[] = {"real", "int", "bool", "choice"};
    rp_json_begin_object(out);
    rp_json_put_key(out, "name");
    rp_json_put_text(out, setting->name);
    rp_json_put_key(out, "kind");
    rp_json_put_text(out, kinds[setting->kind]);
    rp_json_put_key(out, "default");
    if (setting->kind == RP_SETTING_CHOICE) {
        rp_json_put_text(out, setting->choices[(size_t)setting->standard]);
        rp_json_put_key(out, "choices");
        rp_json_begin_array(out);
        for (size_t k = 0; setting->choices[k]; k++) rp_json_put_text(out, setting->choices[k]);
        rp_json_end_array(out);
    } else if (setting->kind == RP_SETTING_BOOL) {
        rp_json_put_bool(out, setting->standard > 0);
    } else {
        rp_json_put_double(out, setting->standard);
        rp_json_put_key(out, "low");
        rp_json_put_double(out, setting->lo);
        rp_json_put_key(out, "high");
        rp_json_put_double(out, setting->hi);
    }
    rp_json_put_key(out, "help");
    rp_json_put_text(out, setting->help);
    rp_json_end_object(out);
}

static void put_convention(rp_json_writer *out, const rp_convention *convention) {
    rp_json_begin_object(out);
    rp_json_put_key(out, "name");
    rp_json_put_text(out, convention->name);
    rp_json_put_key(out, "help");
    rp_json_put_text(out, convention->help);
    rp_json_put_key(out, "settings");
    rp_json_begin_object(out);
    for (size_t k = 0; k < RP_MAX_SETTINGS && convention->set[k].setting; k++) {
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
    rp_json_begin_array(out);
    for (const rp_setting *setting = algorithm->settings; setting->name; setting++) put_setting(out, setting);
    rp_json_end_array(out);
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
