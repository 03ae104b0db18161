/* SPDX-License-Identifier: MIT
 *
 * base.h — what every layer stands on: status codes, memory, random numbers, files, text buffers, hashing, logging.
 *
 * Three conventions hold in the whole library (docs/conventions.md is the law, this is the summary):
 *
 *   Errors   What the world can cause returns an rp_status; the sentence for a person is stored by rp_fail and read by
 *            rp_last_error. What only a bug can cause aborts in RP_REQUIRE, in every build. On failure outputs are
 *            untouched. Library code never exits and never prints.
 *   Memory   Only arena.c allocates. Functions that need memory take an arena first; nothing is freed singly; a region is
 *            given back by rewinding to a mark. (Jansson, GMP and MPFR allocate for themselves, each behind one file.)
 *   Text     Strings that come from outside are (pointer, length) pairs of UTF-8 bytes; they may contain NUL.
 */
#ifndef REPHRASE_BASE_H
#define REPHRASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define RP_MUST_CHECK   __attribute__((warn_unused_result))
#define RP_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define RP_NORETURN     __attribute__((noreturn))
#else
#define RP_MUST_CHECK
#define RP_PRINTF(f, a)
#define RP_NORETURN
#endif

/* ---- Status ---------------------------------------------------------------------------------------------------- */

typedef enum rp_status {
    RP_OK = 0,
    RP_ERR_ARGUMENT = -1,    /* a setting, flag or call argument is out of its range, unknown or contradicts another */
    RP_ERR_IO = -2,          /* the operating system refused: no such file, no permission, disk full, broken pipe */
    RP_ERR_FORMAT = -3,      /* the bytes are not what the format promises: truncated, malformed, inconsistent */
    RP_ERR_SHAPE = -4,       /* sizes disagree: a tensor against the model, a batch against its group */
    RP_ERR_UNSUPPORTED = -5, /* well-formed, but a feature this program does not implement; the sentence names it */
    RP_ERR_LIMIT = -6,       /* larger than a stated limit: context length, file size, budget */
    RP_ERR_MEMORY = -7,      /* the arena's limit or the machine's memory is exhausted */
    RP_ERR_NUMERIC = -8,     /* a NaN or infinity where a finite number is required */
    RP_ERR_INTERRUPTED = -9  /* the user asked to stop (SIGINT, SIGTERM); state was saved first */
} rp_status;

/* Name of a status code, e.g. "format". Never NULL. */
const char *rp_status_name(rp_status status);

/* Stores one sentence (at most 1023 bytes, no newline at the end) for rp_last_error and returns `status` unchanged.
 * The buffer is per thread. */
rp_status rp_fail(rp_status status, const char *format, ...) RP_PRINTF(2, 3);
/* Puts "prefix: " before the stored sentence; used by callers that know the file name or the line. Returns `status`. */
rp_status rp_fail_prefix(rp_status status, const char *format, ...) RP_PRINTF(2, 3);
const char *rp_last_error(void);

#define RP_TRY(call)                                                                                                       \
    do {                                                                                                                   \
        const rp_status rp_try_status_ = (call);                                                                           \
        if (rp_try_status_ != RP_OK) return rp_try_status_;                                                                \
    } while (0)

/* A violated precondition is a bug in the caller: report file and line on standard error and abort. On in every build. */
#define RP_REQUIRE(condition)                                                                                              \
    do {                                                                                                                   \
        if (!(condition)) rp_require_failed(#condition, __FILE__, __LINE__);                                               \
    } while (0)
void rp_require_failed(const char *condition, const char *file, int line) RP_NORETURN;

/* ---- Memory: arenas -----------------------------------------------------------------------------------------------
 *
 * An arena is a list of large chunks. Allocation moves a cursor; a mark remembers the cursor; a rewind gives back all that
 * came after the mark (chunks are kept for reuse). Contract:
 *   - memory is aligned to 64 bytes and NOT zeroed (rp_alloc_zero zeroes);
 *   - a request that would pass `limit` bytes in all, or that the machine refuses, returns NULL with RP_ERR_MEMORY stored:
 *     callers pass it on with RP_TRY_ALLOC;
 *   - an arena belongs to one thread at a time.
 */
typedef struct rp_arena rp_arena;
typedef struct rp_arena_mark {
    void *chunk;
    size_t used;
    size_t total;
} rp_arena_mark;

/* `name` appears in messages and must outlive the arena. limit 0 = no limit of our own. NULL when the machine refuses. */
rp_arena *rp_arena_create(const char *name, size_t limit);
void rp_arena_destroy(rp_arena *arena); /* accepts NULL */
void *rp_alloc_bytes(rp_arena *arena, size_t count, size_t size);
void *rp_alloc_bytes_zero(rp_arena *arena, size_t count, size_t size);
rp_arena_mark rp_arena_get_mark(const rp_arena *arena);
void rp_arena_rewind(rp_arena *arena, rp_arena_mark mark);
/* Like rewind to the very start, but chunks go back to the operating system too. */
void rp_arena_release(rp_arena *arena);
size_t rp_arena_used(const rp_arena *arena);     /* bytes handed out now */
size_t rp_arena_peak(const rp_arena *arena);     /* largest value of used since creation */
size_t rp_arena_reserved(const rp_arena *arena); /* bytes held from the operating system */
size_t rp_arena_refusals(const rp_arena *arena); /* requests that returned NULL since creation */

#define rp_alloc(arena, type, count)      ((type *)rp_alloc_bytes((arena), (count), sizeof(type)))
#define rp_alloc_zero(arena, type, count) ((type *)rp_alloc_bytes_zero((arena), (count), sizeof(type)))
#define RP_TRY_ALLOC(pointer)                                                                                              \
    do {                                                                                                                   \
        if (!(pointer)) return RP_ERR_MEMORY;                                                                              \
    } while (0)

/* Copies n bytes and adds a NUL behind them. NULL when memory is exhausted. */
char *rp_strndup(rp_arena *arena, const char *text, size_t n);
char *rp_strdup(rp_arena *arena, const char *text);
char *rp_sprintf(rp_arena *arena, const char *format, ...) RP_PRINTF(2, 3);

/* ---- Text buffers ---------------------------------------------------------------------------------------------- */

typedef struct rp_str { /* a slice of somebody else's bytes; not NUL-terminated */
    const char *data;
    size_t length;
} rp_str;

rp_str rp_str_of(const char *text); /* of a NUL-terminated string */
bool rp_str_equal(rp_str a, rp_str b);
bool rp_str_is(rp_str a, const char *text);

/* A growing byte buffer in an arena. After memory runs out `failed` stays set and appends do nothing: check once, at the
 * end, with rp_buffer_status. data is always NUL-terminated behind `length` (NULL while empty and never appended). */
typedef struct rp_buffer {
    rp_arena *arena;
    char *data;
    size_t length, capacity;
    bool failed;
} rp_buffer;

rp_buffer rp_buffer_in(rp_arena *arena);
void rp_buffer_append(rp_buffer *buffer, const void *bytes, size_t n);
void rp_buffer_text(rp_buffer *buffer, const char *text);
void rp_buffer_char(rp_buffer *buffer, char c);
void rp_buffer_format(rp_buffer *buffer, const char *format, ...) RP_PRINTF(2, 3);
rp_status rp_buffer_status(const rp_buffer *buffer) RP_MUST_CHECK;

/* ---- UTF-8 ----------------------------------------------------------------------------------------------------- */

/* Length 1..4 of the valid sequence at text[0..n), 0 when it is invalid or cut. *code_point receives the value. Rejects
 * overlong forms, surrogates and values above U+10FFFF. */
size_t rp_utf8_decode(const char *text, size_t n, uint32_t *code_point);
/* Writes 1..4 bytes for a scalar value and returns their number; 0 for surrogates and values above U+10FFFF. */
size_t rp_utf8_encode(uint32_t code_point, char out[4]);
/* Offset of the first invalid byte, or n when all is valid. */
size_t rp_utf8_valid_prefix(const char *text, size_t n);
/* Length of the maximal ill-formed subpart at text[0..n) (1..3), which U+FFFD replaces (Unicode 3.9, WHATWG). */
size_t rp_utf8_bad_length(const char *text, size_t n);
/* Bytes at the end of text that are a cut but so far valid sequence (0..3); streaming output holds them back. */
size_t rp_utf8_incomplete_suffix(const char *text, size_t n);

/* ---- Random numbers -----------------------------------------------------------------------------------------------
 *
 * Philox4x32-10 [salmon2011]: a counter goes through ten rounds keyed by the seed. A stream is named by what it is for, not
 * by when it is drawn: (seed, purpose, step, prompt, sample). So results do not depend on threads or on the batch's order.
 */
typedef enum rp_rng_purpose {
    RP_RNG_INIT = 1,  /* initial weights */
    RP_RNG_DATA,      /* shuffles and the choice of problems */
    RP_RNG_ROLLOUT,   /* sampled answers */
    RP_RNG_REPHRASE,  /* rephrased trajectories */
    RP_RNG_REPLACE,   /* which of several equal rollouts leaves the group */
    RP_RNG_EVAL,      /* sampling in evaluation */
    RP_RNG_TASK,      /* the micro-world's problems */
    RP_RNG_ALGORITHM, /* an algorithm's own draws (RED-Drop, prefix lengths) */
    RP_RNG_TEST
} rp_rng_purpose;

typedef struct rp_rng {
    uint32_t key[2];
    uint32_t counter[4]; /* [0] block index, [1] step, [2] prompt, [3] purpose << 24 | sample */
    uint32_t block[4];
    int left; /* unread words of block */
} rp_rng;

/* sample < 2^24. */
rp_rng rp_rng_stream(uint64_t seed, rp_rng_purpose purpose, uint32_t step, uint32_t prompt, uint32_t sample);
uint32_t rp_rng_u32(rp_rng *rng);
uint64_t rp_rng_u64(rp_rng *rng);
double rp_rng_uniform(rp_rng *rng);             /* [0, 1), 53 bits */
double rp_rng_normal(rp_rng *rng);              /* mean 0, variance 1, Box-Muller; two uniforms per call, none kept */
uint32_t rp_rng_below(rp_rng *rng, uint32_t n); /* uniform on 0..n-1, unbiased; n >= 1 */
int64_t rp_rng_range(rp_rng *rng, int64_t lo, int64_t hi);   /* uniform on lo..hi, both included */
void rp_rng_shuffle(rp_rng *rng, uint32_t *items, size_t n); /* Fisher-Yates */
/* The bare function, for known-answer tests: out = philox(counter, key). */
void rp_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* ---- Files ----------------------------------------------------------------------------------------------------- */

typedef struct rp_file_view { /* a file mapped read-only */
    const unsigned char *data;
    size_t size;
    void *handle; /* private */
} rp_file_view;

rp_status rp_file_map(const char *path, rp_file_view *view) RP_MUST_CHECK;
void rp_file_unmap(rp_file_view *view); /* accepts a zeroed view */
/* Whole file (or standard input for "-") into the arena, NUL-terminated behind. Fails above `limit` bytes (0 = none). */
rp_status rp_file_read(rp_arena *arena, const char *path, size_t limit, rp_str *text) RP_MUST_CHECK;
bool rp_file_exists(const char *path);
bool rp_file_is_directory(const char *path);
/* The alphabetically first name in a directory that ends with `suffix`; NULL when there is none or the directory cannot be
 * read. */
const char *rp_directory_find(rp_arena *arena, const char *path, const char *suffix);
rp_status rp_make_directories(const char *path) RP_MUST_CHECK; /* like mkdir -p */
char *rp_path_join(rp_arena *arena, const char *directory, const char *name);
char *rp_path_directory(rp_arena *arena, const char *path); /* "." when there is none */
/* The file's name without its directories; points into path. */
const char *rp_path_base(const char *path);
bool rp_has_suffix(const char *text, const char *suffix);

/* Atomic writing: bytes go to "path.tmp-<pid>" in the same directory; commit flushes to the disk and renames over path, so
 * a reader sees the old file or the whole new one. abandon (also after any failure) removes the temporary file. */
typedef struct rp_file_writer {
    FILE *stream;
    char *path, *temporary;
    bool failed;
} rp_file_writer;

rp_status rp_writer_open(rp_arena *arena, const char *path, rp_file_writer *writer) RP_MUST_CHECK;
void rp_writer_write(rp_file_writer *writer, const void *bytes, size_t n);
rp_status rp_writer_commit(rp_file_writer *writer) RP_MUST_CHECK;
void rp_writer_abandon(rp_file_writer *writer); /* accepts a committed or zeroed writer */
rp_status rp_file_write(rp_arena *scratch, const char *path, const void *bytes, size_t n) RP_MUST_CHECK;

/* What is in the place of the file that was asked for: a Git LFS pointer, something compressed, Parquet, a pickle, an old
 * ggml file, UTF-16, a web page. RP_ERR_FORMAT with what it is and a line that converts it, by the first bytes; RP_OK for
 * everything else. */
rp_status rp_foreign_check(const char *path, const void *bytes, size_t n) RP_MUST_CHECK;
/* Bytes of UTF-8's byte order mark at the start of a text: 3 or 0. */
size_t rp_byte_order_mark(const void *bytes, size_t n);

/* Lines of a text file or of standard input ("-"): the returned slice excludes "\n" (and a "\r" before it), is valid until
 * the next call and may be empty. *end becomes true when no line is left. A line above 64 MiB is RP_ERR_LIMIT, one for which
 * there is no memory RP_ERR_MEMORY, never the end of the file; the reader then stands at the next line and may go on. A byte
 * order mark at the start is skipped, and a file of another kind is named (rp_foreign_check). */
typedef struct rp_line_reader {
    const char *path;
    FILE *stream;
    rp_arena *arena; /* of `line` */
    rp_buffer line;
    size_t number; /* of the line last read, from 1 */
} rp_line_reader;

rp_status rp_lines_open(const char *path, rp_line_reader *reader) RP_MUST_CHECK;
rp_status rp_lines_next(rp_line_reader *reader, rp_str *line, bool *end) RP_MUST_CHECK;
void rp_lines_close(rp_line_reader *reader);

/* ---- Numbers, names and hashes --------------------------------------------------------------------------------- */

/* 64-bit FNV-1a [fnv], finished with the 64-bit mixer of MurmurHash3 so that every bit is usable. Stable across versions:
 * data splits and cache names depend on it. Chain by passing an earlier result as `seed`; start with 0. */
/* Wilson's 95 % interval of a proportion p of n; n need not be whole (an effective number). n <= 0: all of [0, 1]. */
void rp_wilson(double p, double n, double *low, double *high);
uint64_t rp_hash64(const void *bytes, size_t n, uint64_t seed);
/* Shortest decimal that reads back as the same double; "NaN", "Infinity", "-Infinity" otherwise. Returns the length. */
size_t rp_format_double(double value, char out[32]);
/* Whole-string parses; false when text is empty, has other characters or is out of range. Independent of the locale. */
bool rp_parse_double(const char *text, double *value);
bool rp_parse_int64(const char *text, int64_t *value);
/* The candidate nearest to `name` (Damerau-Levenshtein), or NULL when none is near (distance > 1 + length/3). */
const char *rp_nearest_name(const char *name, const char *const *candidates, size_t count);

/* ---- Time, log, interruption ----------------------------------------------------------------------------------- */

double rp_seconds(void);     /* monotonic clock */
size_t rp_peak_memory(void); /* peak resident set of this process in bytes, 0 where unknown */
/* The processor's own name, or "unknown processor"; for the description of a machine beside its results. */
const char *rp_processor_name(rp_arena *arena);
int rp_thread_count(void); /* threads a parallel region will use; 1 without OpenMP */

typedef enum rp_log_level { RP_LOG_DEBUG, RP_LOG_INFO, RP_LOG_WARNING } rp_log_level;
typedef void rp_log_function(void *context, rp_log_level level, const char *message);
/* The program installs one; before that messages are dropped. Layers kernels, verify, policy and algorithms never log. */
void rp_log_set(rp_log_function *function, void *context);
void rp_log(rp_log_level level, const char *format, ...) RP_PRINTF(2, 3);

/* Set by a signal handler of the program; long loops test it and return RP_ERR_INTERRUPTED after saving. */
void rp_interrupt_request(void);
bool rp_interrupt_requested(void);
/* While held, the wish waits: for work that belongs to what is finished already. */
void rp_interrupt_hold(bool hold);

#endif
