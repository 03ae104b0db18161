/* SPDX-License-Identifier: MIT
 *
 * tokenizer_json.c — reading Hugging Face's tokenizer.json.
 *
 * The file describes a pipeline of interchangeable parts. This library knows byte-level BPE: the parts that GPT-2, SmolLM2,
 * Qwen2 and Llama-3 use. Whatever else a file asks for is refused by its name: a tokenizer that is almost right is wrong.
 */
#include "internal.h"

#include <rephrase/json.h>

static rp_status copy_string(rp_arena *arena, rp_str text, rp_str *copy) {
    char *data = rp_strndup(arena, text.data, text.length);
    RP_TRY_ALLOC(data);
    *copy = (rp_str){data, text.length};
    return RP_OK;
}

static rp_status type_of(const rp_json *at, rp_str *type) {
    RP_TRY(rp_json_require_type(at, RP_JSON_OBJECT));
    const rp_json name = rp_json_key(at, "type");
    return rp_json_get_string(&name, type);
}

/* Absent and null count as `missing`. */
static rp_status flag_of(const rp_json *object, const char *key, bool missing, bool *value) {
    const rp_json at = rp_json_key(object, key);
    *value = missing;
    return rp_json_opt_bool(&at, value);
}

static bool is_null(const rp_json *at) {
    const rp_json_type type = rp_json_typeof(at);
    return type == RP_JSON_ABSENT || type == RP_JSON_NULL;
}

/* Fails when the member is there with a value other than null, false, 0 and "". */
static rp_status refuse_feature(const rp_json *object, const char *key) {
    const rp_json at = rp_json_key(object, key);
    rp_str text = {0};
    double number = 0;
    bool flag = false;
    switch (rp_json_typeof(&at)) {
    case RP_JSON_BOOL:
        RP_TRY(rp_json_get_bool(&at, &flag));
        break;
    case RP_JSON_INTEGER:
    case RP_JSON_REAL:
        RP_TRY(rp_json_get_double(&at, &number));
        break;
    case RP_JSON_STRING:
        RP_TRY(rp_json_get_string(&at, &text));
        break;
    case RP_JSON_ARRAY:
    case RP_JSON_OBJECT:
        flag = true;
        break;
    default:
        break;
    }
    if (!flag && number == 0 && text.length == 0) return RP_OK;
    return rp_json_fail(&at, RP_ERR_UNSUPPORTED, "this feature (%s) is not supported", key);
}

/* What a trainer left in the file when it saved its tokenizer: transformers switches both off unless a call asks for them. */
static rp_status pass_over(const rp_json *root, const char *key) {
    const rp_json at = rp_json_key(root, key);
    return is_null(&at) ? RP_OK : rp_json_require_type(&at, RP_JSON_OBJECT);
}

/* ---- Normaliser, splitting, post-processor, decoder ------------------------------------------------------------ */

static rp_status read_normalizer(const rp_json *at, rp_tokenizer *t) {
    if (is_null(at)) return RP_OK;
    rp_str type;
    RP_TRY(type_of(at, &type));
    if (rp_str_is(type, "Sequence")) {
        const rp_json list = rp_json_key(at, "normalizers");
        RP_TRY(rp_json_require_type(&list, RP_JSON_ARRAY));
        for (size_t i = 0; i < rp_json_length(&list); i++) {
            const rp_json item = rp_json_at(&list, i);
            RP_TRY(type_of(&item, &type));
            if (!rp_str_is(type, "NFC"))
                return rp_json_fail(&item, RP_ERR_UNSUPPORTED, "normalizer %.*s is not supported (NFC is)", SHOWN(type));
            t->nfc = true;
        }
        return RP_OK;
    }
    if (!rp_str_is(type, "NFC"))
        return rp_json_fail(at, RP_ERR_UNSUPPORTED, "normalizer %.*s is not supported (NFC is)", SHOWN(type));
    t->nfc = true;
    return RP_OK;
}

static rp_status add_step(const rp_json *at, rp_tokenizer *t, rp_split_kind kind) {
    if (t->splitting.count == MAX_STEPS)
        return rp_json_fail(at, RP_ERR_UNSUPPORTED, "more than %d splitting steps", MAX_STEPS);
    t->splitting.steps[t->splitting.count++] = kind;
    return RP_OK;
}

static rp_status read_split(const rp_json *at, rp_tokenizer *t) {
    const rp_json pattern = rp_json_key(at, "pattern"), regex = rp_json_key(&pattern, "Regex"),
                  behavior = rp_json_key(at, "behavior");
    rp_str text, how;
    RP_TRY(refuse_feature(at, "invert"));
    RP_TRY(rp_json_get_string(&behavior, &how));
    if (!rp_str_is(how, "Isolated"))
        return rp_json_fail(&behavior, RP_ERR_UNSUPPORTED, "behaviour %.*s is not supported (Isolated is)", SHOWN(how));
    RP_TRY(rp_json_get_string(&regex, &text));
    for (int kind = 0; kind < SPLIT_KINDS; kind++) {
        const char *known = rp_split_pattern((rp_split_kind)kind);
        if (known && rp_str_is(text, known)) return add_step(at, t, (rp_split_kind)kind);
    }
    return rp_json_fail(&regex, RP_ERR_UNSUPPORTED, "this pattern is not one of GPT-2's, Qwen2's and Llama-3's: %.*s",
                        SHOWN(text));
}

/* *byte_level: set by the step that turns bytes into the alphabet; it comes last. */
static rp_status read_splitting_step(const rp_json *at, rp_tokenizer *t, bool *byte_level) {
    rp_str type;
    bool flag;
    RP_TRY(type_of(at, &type));
    if (*byte_level) return rp_json_fail(at, RP_ERR_UNSUPPORTED, "a step behind ByteLevel is not supported");
    if (rp_str_is(type, "Digits")) {
        RP_TRY(flag_of(at, "individual_digits", false, &flag));
        return add_step(at, t, flag ? SPLIT_DIGIT : SPLIT_DIGITS);
    }
    if (rp_str_is(type, "Split")) return read_split(at, t);
    if (!rp_str_is(type, "ByteLevel"))
        return rp_json_fail(at, RP_ERR_UNSUPPORTED, "pre-tokenizer %.*s is not supported (ByteLevel, Digits and Split are)",
                            SHOWN(type));
    RP_TRY(flag_of(at, "add_prefix_space", true, &flag));
    if (flag) return rp_json_fail(at, RP_ERR_UNSUPPORTED, "this feature (add_prefix_space) is not supported");
    RP_TRY(flag_of(at, "use_regex", true, &flag));
    *byte_level = true;
    return flag ? add_step(at, t, SPLIT_GPT2) : RP_OK;
}

static rp_status read_splitting(const rp_json *at, rp_tokenizer *t) {
    bool byte_level = false;
    rp_str type;
    if (is_null(at)) return rp_json_fail(at, RP_ERR_UNSUPPORTED, "no pre-tokenizer: only byte-level BPE is supported");
    RP_TRY(type_of(at, &type));
    if (rp_str_is(type, "Sequence")) {
        const rp_json list = rp_json_key(at, "pretokenizers");
        RP_TRY(rp_json_require_type(&list, RP_JSON_ARRAY));
        for (size_t i = 0; i < rp_json_length(&list); i++) {
            const rp_json item = rp_json_at(&list, i);
            RP_TRY(read_splitting_step(&item, t, &byte_level));
        }
    } else {
        RP_TRY(read_splitting_step(at, t, &byte_level));
    }
    if (!byte_level) return rp_json_fail(at, RP_ERR_UNSUPPORTED, "no ByteLevel step: only byte-level BPE is supported");
    return RP_OK;
}

static rp_status template_token(const rp_json *at, const rp_json *known, rp_tokenizer *t, bool behind) {
    const rp_json id = rp_json_key(at, "id");
    rp_str name;
    RP_TRY(rp_json_get_string(&id, &name));
    char key[256];
    if (name.length >= sizeof key) return rp_json_fail(&id, RP_ERR_LIMIT, "the token's name is too long");
    memcpy(key, name.data, name.length);
    key[name.length] = 0;
    const rp_json entry = rp_json_key(known, key), ids = rp_json_key(&entry, "ids");
    if (rp_json_typeof(&entry) == RP_JSON_ABSENT)
        return rp_json_fail(&id, RP_ERR_FORMAT, "%.*s is not among the special_tokens", SHOWN(name));
    RP_TRY(rp_json_require_type(&ids, RP_JSON_ARRAY));
    for (size_t i = 0; i < rp_json_length(&ids); i++) {
        const rp_json item = rp_json_at(&ids, i);
        int64_t value;
        RP_TRY(rp_json_get_int(&item, 0, INT32_MAX, &value));
        int *count = behind ? &t->suffix_count : &t->prefix_count;
        if (*count == MAX_TEMPLATE)
            return rp_json_fail(at, RP_ERR_UNSUPPORTED, "more than %d tokens in the template", MAX_TEMPLATE);
        (behind ? t->suffix : t->prefix)[(*count)++] = (int32_t)value;
    }
    return RP_OK;
}

/* The template for one text: special tokens around exactly one "A". */
static rp_status read_template(const rp_json *at, rp_tokenizer *t) {
    const rp_json single = rp_json_key(at, "single"), known = rp_json_key(at, "special_tokens");
    RP_TRY(rp_json_require_type(&single, RP_JSON_ARRAY));
    int texts = 0;
    for (size_t i = 0; i < rp_json_length(&single); i++) {
        const rp_json item = rp_json_at(&single, i), token = rp_json_key(&item, "SpecialToken"),
                      text = rp_json_key(&item, "Sequence");
        if (rp_json_typeof(&token) == RP_JSON_OBJECT)
            RP_TRY(template_token(&token, &known, t, texts > 0));
        else if (rp_json_typeof(&text) == RP_JSON_OBJECT)
            texts++;
        else
            return rp_json_fail(&item, RP_ERR_FORMAT, "expected a SpecialToken or a Sequence");
    }
    if (texts != 1) return rp_json_fail(&single, RP_ERR_UNSUPPORTED, "the template has %d texts, one is supported", texts);
    return RP_OK;
}

static rp_status read_post_processor(const rp_json *at, rp_tokenizer *t) {
    if (is_null(at)) return RP_OK;
    rp_str type;
    RP_TRY(type_of(at, &type));
    if (rp_str_is(type, "ByteLevel")) return RP_OK; /* it trims offsets, nothing else */
    if (rp_str_is(type, "TemplateProcessing")) return read_template(at, t);
    if (!rp_str_is(type, "Sequence"))
        return rp_json_fail(at, RP_ERR_UNSUPPORTED,
                            "post-processor %.*s is not supported (ByteLevel and TemplateProcessing are)", SHOWN(type));
    const rp_json list = rp_json_key(at, "processors");
    RP_TRY(rp_json_require_type(&list, RP_JSON_ARRAY));
    for (size_t i = 0; i < rp_json_length(&list); i++) {
        const rp_json item = rp_json_at(&list, i);
        RP_TRY(type_of(&item, &type));
        if (rp_str_is(type, "Sequence"))
            return rp_json_fail(&item, RP_ERR_UNSUPPORTED, "a Sequence in a Sequence is not supported");
        RP_TRY(read_post_processor(&item, t));
    }
    return RP_OK;
}

static rp_status check_decoder(const rp_json *at) {
    rp_str type;
    if (is_null(at)) return rp_json_fail(at, RP_ERR_UNSUPPORTED, "no decoder: ByteLevel is expected");
    RP_TRY(type_of(at, &type));
    if (rp_str_is(type, "ByteLevel")) return RP_OK;
    return rp_json_fail(at, RP_ERR_UNSUPPORTED, "decoder %.*s is not supported (ByteLevel is)", SHOWN(type));
}

/* ---- Vocabulary, merges, added tokens -------------------------------------------------------------------------- */

static rp_status read_vocabulary(rp_arena *arena, const rp_json *at, rp_token_source *source) {
    RP_TRY(rp_json_require_type(at, RP_JSON_OBJECT));
    const size_t tokens = rp_json_length(at);
    const int64_t most = (int64_t)(2 * tokens + 65536) < INT32_MAX ? (int64_t)(2 * tokens + 65536) : INT32_MAX;
    rp_json_iterator iterator = {0};
    const char *key;
    rp_json value;
    int64_t id, largest = -1;
    while (rp_json_next_member(at, &iterator, &key, &value)) {
        RP_TRY(rp_json_get_int(&value, 0, most, &id));
        if (id > largest) largest = id;
    }
    source->count = (size_t)(largest + 1);
    rp_str *texts = rp_alloc_zero(arena, rp_str, source->count + 1);
    RP_TRY_ALLOC(texts);
    iterator = (rp_json_iterator){0};
    while (rp_json_next_member(at, &iterator, &key, &value)) {
        RP_TRY(rp_json_get_int(&value, 0, most, &id));
        if (texts[id].data)
            return rp_json_fail(&value, RP_ERR_FORMAT, "id %lld is given to two tokens, one is \"%.*s\"", (long long)id,
                                SHOWN(texts[id]));
        RP_TRY(copy_string(arena, rp_str_of(key), &texts[id]));
    }
    source->texts = texts;
    return RP_OK;
}

/* "a b" (up to tokenizers 0.19) or ["a", "b"]. */
static rp_status read_merge_texts(const rp_json *at, rp_str *left, rp_str *right) {
    rp_str both;
    if (rp_json_typeof(at) == RP_JSON_ARRAY) {
        const rp_json first = rp_json_at(at, 0), second = rp_json_at(at, 1);
        if (rp_json_length(at) != 2)
            return rp_json_fail(at, RP_ERR_FORMAT, "a merge joins two tokens, not %zu", rp_json_length(at));
        RP_TRY(rp_json_get_string(&first, left));
        return rp_json_get_string(&second, right);
    }
    RP_TRY(rp_json_get_string(at, &both));
    const rp_status status = rp_split_merge(both, left, right);
    return status == RP_OK ? RP_OK : rp_json_fail(at, status, "%s", rp_last_error());
}

static rp_status read_merges(rp_arena *arena, const rp_json *at, rp_token_source *source) {
    RP_TRY(rp_json_require_type(at, RP_JSON_ARRAY));
    const size_t count = rp_json_length(at);
    rp_merge *merges = rp_alloc(arena, rp_merge, count + 1);
    rp_text_map vocabulary;
    rp_buffer scratch = rp_buffer_in(arena);
    RP_TRY_ALLOC(merges);
    RP_TRY(rp_text_map_init(&vocabulary, arena, source->texts, source->count));
    for (size_t i = 0; i < source->count; i++)
        if (source->texts[i].data) (void)rp_text_map_add(&vocabulary, (int32_t)i);
    for (size_t i = 0; i < count; i++) {
        const rp_json item = rp_json_at(at, i);
        rp_str left, right;
        RP_TRY(read_merge_texts(&item, &left, &right));
        const rp_status status = rp_resolve_merge(&vocabulary, left, right, &scratch, &merges[i]);
        if (status != RP_OK) return rp_fail_prefix(status, "%s: $.model.merges[%zu]", source->source, i);
    }
    source->merges = merges;
    source->merge_count = count;
    return RP_OK;
}

static rp_status read_added(rp_arena *arena, const rp_json *at, rp_token_source *source) {
    if (is_null(at)) return RP_OK;
    RP_TRY(rp_json_require_type(at, RP_JSON_ARRAY));
    source->added_count = rp_json_length(at);
    source->added = rp_alloc_zero(arena, rp_added_token, source->added_count + 1);
    RP_TRY_ALLOC(source->added);
    for (size_t i = 0; i < source->added_count; i++) {
        const rp_json item = rp_json_at(at, i);
        RP_TRY(rp_added_token_read(arena, &item, &source->added[i]));
        const rp_json id = rp_json_key(&item, "id");
        int64_t number;
        RP_TRY(rp_json_get_int(&id, 0, INT32_MAX - 1, &number));
        source->added[i].id = (int32_t)number;
    }
    return RP_OK;
}

/* A character that is not in the vocabulary becomes the unknown token or tokens for its bytes, where the model says so.
 * With all 256 bytes in the vocabulary that never happens; without, only dropping is supported. */
static rp_status check_unknown(const rp_json *model, const rp_token_source *source) {
    bool seen[256] = {false};
    size_t bytes = 0;
    for (size_t i = 0; i < source->count; i++) {
        char byte[16];
        if (!source->texts[i].data || source->texts[i].length > 2 || rp_alphabet_read(source->texts[i], byte) != 1)
            continue;
        bytes += !seen[(unsigned char)byte[0]];
        seen[(unsigned char)byte[0]] = true;
    }
    if (bytes == 256) return RP_OK;
    RP_TRY(refuse_feature(model, "unk_token"));
    return refuse_feature(model, "byte_fallback");
}

static rp_status read_model(rp_arena *arena, const rp_json *at, rp_token_source *source) {
    RP_TRY(rp_json_require_type(at, RP_JSON_OBJECT));
    const rp_json type = rp_json_key(at, "type"), vocab = rp_json_key(at, "vocab"), merges = rp_json_key(at, "merges");
    rp_str name = rp_str_of("BPE"); /* old files leave the type out */
    RP_TRY(rp_json_opt_string(&type, &name));
    if (!rp_str_is(name, "BPE"))
        return rp_json_fail(&type, RP_ERR_UNSUPPORTED, "model %.*s is not supported (BPE is)", SHOWN(name));
    static const char *const refused[] = {"dropout", "continuing_subword_prefix", "end_of_word_suffix"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) RP_TRY(refuse_feature(at, refused[i]));
    RP_TRY(flag_of(at, "ignore_merges", false, &source->settings.ignore_merges));
    RP_TRY(read_vocabulary(arena, &vocab, source));
    RP_TRY(check_unknown(at, source));
    return read_merges(arena, &merges, source);
}

static rp_status read_document(rp_arena *arena, const rp_json *root, rp_token_source *source) {
    RP_TRY(rp_json_require_type(root, RP_JSON_OBJECT));
    RP_TRY(pass_over(root, "truncation"));
    RP_TRY(pass_over(root, "padding"));
    const rp_json model = rp_json_key(root, "model"), added = rp_json_key(root, "added_tokens"),
                  normalizer = rp_json_key(root, "normalizer"), splitting = rp_json_key(root, "pre_tokenizer"),
                  after = rp_json_key(root, "post_processor"), decoder = rp_json_key(root, "decoder");
    rp_tokenizer *settings = &source->settings;
    RP_TRY(read_normalizer(&normalizer, settings));
    RP_TRY(read_splitting(&splitting, settings));
    RP_TRY(read_post_processor(&after, settings));
    RP_TRY(check_decoder(&decoder));
    RP_TRY(read_model(arena, &model, source));
    return read_added(arena, &added, source);
}

static rp_status check_template(const rp_tokenizer *t, const char *path) {
    for (int i = 0; i < t->prefix_count + t->suffix_count; i++) {
        const int32_t id = i < t->prefix_count ? t->prefix[i] : t->suffix[i - t->prefix_count];
        if ((size_t)id >= t->size || !(t->flags[id] & TOKEN_KNOWN))
            return rp_fail(RP_ERR_FORMAT, "%s: the post-processor's id %d is not in the vocabulary", path, id);
    }
    return RP_OK;
}

rp_status rp_tokenizer_read_json(rp_arena *arena, const char *path, rp_tokenizer **tokenizer) {
    rp_token_source source = {.source = path, .settings = {.bos = -1, .eos = -1}};
    rp_json_document *document;
    rp_tokenizer *built = NULL;
    RP_TRY(rp_json_load(path, &document));
    const rp_json root = rp_json_root(document);
    rp_status status = read_document(arena, &root, &source);
    rp_json_free(document);
    if (status == RP_OK) status = rp_tokenizer_read_more_tokens(arena, path, &source);
    if (status == RP_OK) status = rp_tokenizer_build(arena, &source, &built);
    if (status == RP_OK) status = check_template(built, path);
    if (status == RP_OK) status = rp_tokenizer_read_config(arena, path, built);
    if (status == RP_OK) *tokenizer = built;
    return status;
}
