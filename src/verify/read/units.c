/* SPDX-License-Identifier: MIT
 *
 * units.c — units of measurement with exact factors.
 *
 * A unit is a rational factor and powers of nine base units; a product of units multiplies the one and adds the others. So
 * 120 minutes equal 2 hours exactly, 5 cm differ from 5 m, and 10 cm^2 from 10 cm^3. Words that are no units (apples,
 * students) become units of their own kind: 7 apples are not 7 oranges.
 */
#include "read/units.h"

#include <string.h>

enum { M, KG, S, A, K, MOL, CD, ANGLE, USD };

typedef struct row {
    const char *names; /* separated by spaces; exact spelling */
    int64_t num, den;
    int8_t power[RP_DIMENSIONS];
    bool prefixes; /* takes kilo, milli … */
    bool bare;     /* may stand directly behind a number without \text */
} row;

/* Factors are definitions: the inch is 0.0254 m and the pound 0.45359237 kg since 1959, the US gallon 231 cubic
 * inches. check: 3785411784 == 231 * 254^3 */
static const row rows[] = {
    {"m metre metres meter meters", 1, 1, {[M] = 1}, true, false},
    {"cm mm km dm nm", 0, 0, {0}, false, true}, /* spelled for `bare`: the value comes from the prefix rule */
    {"kg mL ml cL dL kW kWh kJ kPa kHz MHz GHz kN", 0, 0, {0}, false, true},
    {"in inch inches", 254, 10000, {[M] = 1}, false, false},
    {"inches inch", 254, 10000, {[M] = 1}, false, true},
    {"ft foot feet", 3048, 10000, {[M] = 1}, false, true},
    {"yd yard yards", 9144, 10000, {[M] = 1}, false, true},
    {"mi mile miles", 1609344, 1000, {[M] = 1}, false, false},
    {"AU", 149597870700, 1, {[M] = 1}, false, false},
    {"g gram grams gramme grammes", 1, 1000, {[KG] = 1}, true, false},
    {"t ton tons tonne tonnes", 1000, 1, {[KG] = 1}, false, false},
    {"lb lbs pound pounds", 45359237, 100000000, {[KG] = 1}, false, true},
    {"oz ounce ounces", 45359237, 1600000000, {[KG] = 1}, false, true},
    {"s sec secs second seconds", 1, 1, {[S] = 1}, true, false},
    {"sec secs", 1, 1, {[S] = 1}, false, true},
    {"min mins minute minutes", 60, 1, {[S] = 1}, false, true},
    {"h hr hrs hour hours", 3600, 1, {[S] = 1}, false, false},
    {"hr hrs", 3600, 1, {[S] = 1}, false, true},
    {"d day days", 86400, 1, {[S] = 1}, false, false},
    {"wk week weeks", 604800, 1, {[S] = 1}, false, false},
    {"ampere amperes amp amps", 1, 1, {[A] = 1}, true, false},
    {"K kelvin kelvins", 1, 1, {[K] = 1}, false, false},
    {"mol mole moles", 1, 1, {[MOL] = 1}, true, true},
    {"cd candela", 1, 1, {[CD] = 1}, false, false},
    {"rad rads radian radians", 1, 1, {[ANGLE] = 1}, false, true},
    {"L l liter liters litre litres", 1, 1000, {[M] = 3}, true, false},
    {"gal gallon gallons", 3785411784, 1000000000000, {[M] = 3}, false, true},
    {"cc", 1, 1000000, {[M] = 3}, false, false},
    {"acre acres", 40468564224, 10000000, {[M] = 2}, false, false},
    {"ha hectare hectares", 10000, 1, {[M] = 2}, false, false},
    {"mph", 1609344, 3600000, {[M] = 1, [S] = -1}, false, true},
    {"kmh kph kmph", 1000, 3600, {[M] = 1, [S] = -1}, false, true},
    {"N newton newtons", 1, 1, {[M] = 1, [KG] = 1, [S] = -2}, true, false},
    {"J joule joules", 1, 1, {[M] = 2, [KG] = 1, [S] = -2}, true, false},
    {"W watt watts", 1, 1, {[M] = 2, [KG] = 1, [S] = -3}, true, false},
    {"Wh", 3600, 1, {[M] = 2, [KG] = 1, [S] = -2}, true, false},
    {"Pa pascal pascals", 1, 1, {[M] = -1, [KG] = 1, [S] = -2}, true, false},
    {"Hz hertz", 1, 1, {[S] = -1}, true, true},
    {"C coulomb coulombs", 1, 1, {[S] = 1, [A] = 1}, true, false},
    {"V volt volts", 1, 1, {[M] = 2, [KG] = 1, [S] = -3, [A] = -1}, true, false},
    {"ohm ohms Omega", 1, 1, {[M] = 2, [KG] = 1, [S] = -3, [A] = -2}, true, false},
    {"USD dollar dollars usd Dollars bucks", 1, 1, {[USD] = 1}, false, true},
    {"cent cents ¢ USc", 1, 100, {[USD] = 1}, false, true},
};

typedef struct prefix {
    const char *name;
    int exponent;
    bool symbol; /* joins symbols (km), else words (kilometre) */
} prefix;

static const prefix prefixes[] = {{"k", 3, true},       {"c", -2, true},    {"m", -3, true},      {"d", -1, true},
                                  {"M", 6, true},       {"G", 9, true},     {"n", -9, true},      {"u", -6, true},
                                  {"h", 2, true},       {"kilo", 3, false}, {"centi", -2, false}, {"milli", -3, false},
                                  {"deci", -1, false},  {"mega", 6, false}, {"giga", 9, false},   {"nano", -9, false},
                                  {"micro", -6, false}, {"hecto", 2, false}};

/* One name of the row equals the word? */
static bool row_has(const row *r, rp_str word) {
    for (const char *at = r->names; *at;) {
        const size_t n = strcspn(at, " ");
        if (n == word.length && memcmp(at, word.data, n) == 0) return true;
        at += n;
        at += *at == ' ';
    }
    return false;
}

static const row *find_row(rp_str word) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].num && row_has(&rows[i], word)) return &rows[i];
    return NULL;
}

static const row *find_prefixed(rp_str word, int *exponent) {
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        const size_t n = strlen(prefixes[i].name);
        if (word.length <= n || memcmp(word.data, prefixes[i].name, n) != 0) continue;
        const rp_str rest = {word.data + n, word.length - n};
        const row *r = find_row(rest);
        if (!r || !r->prefixes || prefixes[i].symbol != (rest.length <= 2)) continue;
        *exponent = prefixes[i].exponent;
        return r;
    }
    return NULL;
}

bool rp_unit_is_known(rp_str word) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].bare && row_has(&rows[i], word)) return true;
    return false;
}

bool rp_unit_is_name(rp_str word) {
    return word.length >= 2 && find_row(word) != NULL;
}

bool rp_unit_is_letter(rp_str letter) {
    return letter.length == 1 && strchr("msghLlNJWK", letter.data[0]) != NULL;
}

rp_unit rp_unit_none(void) {
    return (rp_unit){.factor = {1, 1, NULL}};
}

bool rp_unit_is_none(const rp_unit *unit) {
    for (int i = 0; i < RP_DIMENSIONS; i++)
        if (unit->power[i]) return false;
    return unit->labels == 0 && unit->scale == 0;
}

rp_str rp_word_singular(rp_work *work, rp_str word) {
    char *copy = rp_strndup(work->arena, word.data, word.length);
    if (!copy) {
        rp_work_fail(work, RP_REASON_STEPS);
        return word;
    }
    for (size_t i = 0; i < word.length; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z') copy[i] = (char)(copy[i] - 'A' + 'a');
    size_t n = word.length;
    if (n > 3 && copy[n - 1] == 's' && copy[n - 2] != 's' && copy[n - 2] != 'u' && copy[n - 2] != 'i') n--;
    return (rp_str){copy, n};
}

static int compare_text(rp_str a, rp_str b) {
    const int order = memcmp(a.data, b.data, a.length < b.length ? a.length : b.length);
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* Labels stay sorted, so that equal units have equal arrays. */
static bool add_label(rp_unit *unit, rp_str label, int power) {
    int at = 0;
    while (at < unit->labels && compare_text(unit->label[at], label) < 0) at++;
    if (at < unit->labels && rp_str_equal(unit->label[at], label)) {
        unit->label_power[at] = (int8_t)(unit->label_power[at] + power);
        return true;
    }
    if (unit->labels == RP_UNIT_LABELS) return false;
    for (int i = unit->labels; i > at; i--) {
        unit->label[i] = unit->label[i - 1];
        unit->label_power[i] = unit->label_power[i - 1];
    }
    unit->label[at] = label;
    unit->label_power[at] = (int8_t)power;
    unit->labels++;
    return true;
}

/* One label for each currency, whatever it was written as. */
static rp_str without_synonym(rp_str label) {
    static const char *const synonyms[][2] = {{"euro", "eur"},   {"yen", "jpy"},   {"rupee", "inr"},    {"rs", "inr"},
                                              {"rouble", "rub"}, {"ruble", "rub"}, {"sterling", "gbp"}, {"quid", "gbp"}};
    for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++)
        if (rp_str_is(label, synonyms[i][0])) return rp_str_of(synonyms[i][1]);
    return label;
}

bool rp_unit_multiply(rp_work *work, rp_unit *unit, rp_str word, int power) {
    if (power < -9 || power > 9) return false;
    int exponent = 0;
    const row *r = find_row(word);
    if (!r) r = find_prefixed(word, &exponent);
    if (!r) return add_label(unit, without_synonym(rp_word_singular(work, word)), power);
    const rp_q factor = rp_q_mul(work, rp_q_ratio(work, r->num, r->den), rp_q_pow(work, rp_q_int(10), exponent));
    unit->factor = rp_q_mul(work, unit->factor, rp_q_pow(work, factor, power));
    for (int i = 0; i < RP_DIMENSIONS; i++) unit->power[i] = (int8_t)(unit->power[i] + power * r->power[i]);
    return true;
}

bool rp_unit_same_kind(const rp_unit *a, const rp_unit *b) {
    if (memcmp(a->power, b->power, sizeof a->power) != 0 || a->labels != b->labels || a->scale != b->scale) return false;
    for (int i = 0; i < a->labels; i++)
        if (a->label_power[i] != b->label_power[i] || !rp_str_equal(a->label[i], b->label[i])) return false;
    return true;
}

rp_str rp_unit_text(rp_work *work, const rp_unit *unit) {
    static const char *const base[RP_DIMENSIONS] = {"m", "kg", "s", "A", "K", "mol", "cd", "rad", "USD"};
    rp_buffer out = rp_buffer_in(work->arena);
    if (!rp_q_is(unit->factor, 1)) rp_q_print(work, unit->factor, &out);
    for (int i = 0; i < RP_DIMENSIONS; i++) {
        if (unit->power[i] == 0) continue;
        rp_buffer_format(&out, "%s%s", out.length ? " " : "", base[i]);
        if (unit->power[i] != 1) rp_buffer_format(&out, "^%d", unit->power[i]);
    }
    for (int i = 0; i < unit->labels; i++) {
        rp_buffer_format(&out, "%s%.*s", out.length ? " " : "", (int)unit->label[i].length, unit->label[i].data);
        if (unit->label_power[i] != 1) rp_buffer_format(&out, "^%d", unit->label_power[i]);
    }
    if (unit->scale) rp_buffer_format(&out, "%sdeg%c", out.length ? " " : "", unit->scale);
    return (rp_str){out.data ? out.data : "", out.length};
}
