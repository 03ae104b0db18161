/* SPDX-License-Identifier: MIT
 *
 * file.c — reading by mapping or whole, writing so that a reader never sees half a file, lines of any stream.
 */
#include <rephrase/base.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static rp_status fail_errno(const char *path, const char *what) {
    return rp_fail(RP_ERR_IO, "%s: %s: %s", path, what, strerror(errno));
}

rp_status rp_file_map(const char *path, rp_file_view *view) {
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return fail_errno(path, "cannot open");
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)close(descriptor);
        return rp_fail(RP_ERR_IO, "%s: is not a regular file", path);
    }
    rp_file_view mapped = {.size = (size_t)status.st_size};
    if (mapped.size) {
        void *memory = mmap(NULL, mapped.size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (memory == MAP_FAILED) {
            const rp_status failure = fail_errno(path, "cannot map");
            (void)close(descriptor);
            return failure;
        }
        mapped.data = mapped.handle = memory;
    }
    (void)close(descriptor); /* the mapping keeps the file */
    *view = mapped;
    return RP_OK;
}

void rp_file_unmap(rp_file_view *view) {
    if (view->handle) (void)munmap(view->handle, view->size);
    *view = (rp_file_view){0};
}

static rp_status read_stream(rp_arena *arena, FILE *stream, const char *path, size_t limit, rp_str *text) {
    rp_buffer buffer = rp_buffer_in(arena);
    char piece[16384];
    size_t n;
    rp_buffer_append(&buffer, "", 0);
    while ((n = fread(piece, 1, sizeof piece, stream)) > 0) {
        rp_buffer_append(&buffer, piece, n);
        if (limit && buffer.length > limit) return rp_fail(RP_ERR_LIMIT, "%s: is larger than %zu bytes", path, limit);
    }
    if (ferror(stream)) return fail_errno(path, "cannot read");
    RP_TRY(rp_buffer_status(&buffer));
    *text = (rp_str){buffer.data, buffer.length};
    return RP_OK;
}

rp_status rp_file_read(rp_arena *arena, const char *path, size_t limit, rp_str *text) {
    if (strcmp(path, "-") == 0) return read_stream(arena, stdin, "standard input", limit, text);
    if (rp_file_is_directory(path)) return rp_fail(RP_ERR_IO, "%s: is a directory", path);
    FILE *stream = fopen(path, "rb");
    if (!stream) return fail_errno(path, "cannot open");
    const rp_status status = read_stream(arena, stream, path, limit, text);
    (void)fclose(stream);
    return status;
}

bool rp_file_exists(const char *path) {
    struct stat status;
    return stat(path, &status) == 0;
}

bool rp_file_is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

const char *rp_directory_find(rp_arena *arena, const char *path, const char *suffix) {
    DIR *directory = opendir(path);
    const char *first = NULL;
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (rp_has_suffix(entry->d_name, suffix) && (!first || strcmp(entry->d_name, first) < 0))
            first = rp_strdup(arena, entry->d_name);
    if (directory) (void)closedir(directory);
    return first;
}

rp_status rp_make_directories(const char *path) {
    char part[4096];
    const size_t n = strlen(path);
    if (n == 0 || n >= sizeof part) return rp_fail(RP_ERR_ARGUMENT, "a path of %zu bytes is not usable", n);
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0') continue;
        const char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) return fail_errno(part, "cannot make the directory");
        part[i] = kept;
    }
    return rp_file_is_directory(path) ? RP_OK : rp_fail(RP_ERR_IO, "%s: exists and is not a directory", path);
}

char *rp_path_join(rp_arena *arena, const char *directory, const char *name) {
    const size_t n = strlen(directory);
    if (name[0] == '/' || n == 0) return rp_strdup(arena, name);
    return rp_sprintf(arena, "%s%s%s", directory, directory[n - 1] == '/' ? "" : "/", name);
}

char *rp_path_directory(rp_arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return rp_strdup(arena, ".");
    return rp_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *rp_path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool rp_has_suffix(const char *text, const char *suffix) {
    const size_t n = strlen(text), m = strlen(suffix);
    return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

/* ---- Atomic writing -------------------------------------------------------------------------------------------- */

rp_status rp_writer_open(rp_arena *arena, const char *path, rp_file_writer *writer) {
    rp_file_writer opened = {0};
    opened.path = rp_strdup(arena, path);
    RP_TRY_ALLOC(opened.path);
    opened.temporary = rp_sprintf(arena, "%s.tmp-%ld", path, (long)getpid());
    RP_TRY_ALLOC(opened.temporary);
    if (rp_file_is_directory(path)) return rp_fail(RP_ERR_IO, "%s: is a directory", path);
    opened.stream = fopen(opened.temporary, "wb");
    if (!opened.stream) return fail_errno(path, "cannot write");
    *writer = opened;
    return RP_OK;
}

void rp_writer_write(rp_file_writer *writer, const void *bytes, size_t n) {
    if (n && fwrite(bytes, 1, n, writer->stream) != n) writer->failed = true;
}

void rp_writer_abandon(rp_file_writer *writer) {
    if (writer->stream) {
        (void)fclose(writer->stream);
        (void)unlink(writer->temporary);
    }
    writer->stream = NULL;
}

/* A rename is durable only when the directory that holds the name has reached the disk too. */
static void sync_directory_of(const char *path) {
    char directory[4096];
    const char *slash = strrchr(path, '/');
    const size_t n = slash ? (size_t)(slash - path) : 0;
    if (n >= sizeof directory) return;
    memcpy(directory, path, n);
    directory[n] = '\0';
    const int descriptor = open(n ? directory : slash ? "/" : ".", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    (void)fsync(descriptor); /* not every file system can; the data itself is already safe */
    (void)close(descriptor);
}

rp_status rp_writer_commit(rp_file_writer *writer) {
    bool ok = !writer->failed && fflush(writer->stream) == 0 && fsync(fileno(writer->stream)) == 0;
    const int reason = errno;
    if (fclose(writer->stream) != 0) ok = false;
    writer->stream = NULL;
    if (ok && rename(writer->temporary, writer->path) == 0) {
        sync_directory_of(writer->path);
        return RP_OK;
    }
    if (!ok) errno = reason;
    const rp_status failure = fail_errno(writer->path, "cannot write");
    (void)unlink(writer->temporary);
    return failure;
}

rp_status rp_file_write(rp_arena *scratch, const char *path, const void *bytes, size_t n) {
    rp_file_writer writer;
    RP_TRY(rp_writer_open(scratch, path, &writer));
    rp_writer_write(&writer, bytes, n);
    return rp_writer_commit(&writer);
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

enum { LONGEST_LINE = 64 * 1024 * 1024, KEPT_LINE = 4 * 1024 * 1024 };

rp_status rp_lines_open(const char *path, rp_line_reader *reader) {
    const bool standard = strcmp(path, "-") == 0;
    rp_line_reader opened = {.path = standard ? "standard input" : path};
    if (!standard && rp_file_is_directory(path)) return rp_fail(RP_ERR_IO, "%s: is a directory", path);
    opened.arena = rp_arena_create("lines", 0);
    RP_TRY_ALLOC(opened.arena);
    opened.stream = standard ? stdin : fopen(path, "rb");
    if (!opened.stream) {
        const rp_status failure = fail_errno(path, "cannot open");
        rp_arena_destroy(opened.arena);
        return failure;
    }
    opened.line = rp_buffer_in(opened.arena);
    *reader = opened;
    return RP_OK;
}

/* The bytes up to the next newline or the end go into reader->line; too many of them are counted and dropped, so that the
 * reader stands at the next line whatever happens. getline would ask for the memory of the longest line of a hostile file,
 * and where it is refused that looks like the end of the file. */
static size_t take_line(rp_line_reader *reader, int *last) {
    if (rp_arena_reserved(reader->arena) > KEPT_LINE) { /* one long line does not hold its memory for ever */
        rp_arena_release(reader->arena);
        reader->line = rp_buffer_in(reader->arena);
    }
    reader->line.length = 0;
    reader->line.failed = false;
    char piece[4096];
    size_t total = 0, n = 0;
    for (*last = '\0'; *last != '\n' && *last != EOF;) {
        *last = getc_unlocked(reader->stream);
        if (*last != EOF && *last != '\n') piece[n++] = (char)*last;
        if (n < sizeof piece && *last != '\n' && *last != EOF) continue;
        total += n;
        if (total <= LONGEST_LINE) rp_buffer_append(&reader->line, piece, n);
        n = 0;
    }
    return total;
}

rp_status rp_lines_next(rp_line_reader *reader, rp_str *line, bool *end) {
    int last;
    const size_t n = take_line(reader, &last);
    if (last == EOF && ferror(reader->stream)) return fail_errno(reader->path, "cannot read");
    *end = last == EOF && n == 0;
    if (*end) return RP_OK;
    reader->number++;
    if (n > LONGEST_LINE)
        return rp_fail(RP_ERR_LIMIT, "%s:%zu: the line is longer than 64 MiB", reader->path, reader->number);
    if (reader->line.failed)
        return rp_fail(RP_ERR_MEMORY, "%s:%zu: no memory for a line of %zu bytes", reader->path, reader->number, n);
    size_t length = reader->line.length;
    if (length && reader->line.data[length - 1] == '\r') length--;
    const char *text = length ? reader->line.data : "";
    const size_t mark = reader->number == 1 ? rp_byte_order_mark(text, length) : 0;
    if (reader->number == 1) RP_TRY(rp_foreign_check(reader->path, text, length));
    *line = (rp_str){text + mark, length - mark};
    return RP_OK;
}

void rp_lines_close(rp_line_reader *reader) {
    if (reader->stream && reader->stream != stdin) (void)fclose(reader->stream);
    rp_arena_destroy(reader->arena);
    *reader = (rp_line_reader){0};
}
