/* SPDX-License-Identifier: MIT
 *
 * foreign.c — what lies in the place of the file that was asked for.
 *
 * People hand over what they have: a pointer of Git LFS whose file was never downloaded, a compressed data set, a pickle. Each of
 * these begins with bytes of its own, so it can be named, with what to do about it, where a parser would only find a syntax
 * error. A row needs a beginning that no file of ours can have: GGUF begins with its name, safetensors with a length whose top
 * byte is zero, JSON with a bracket, a text or white space.
 */
#include <rephrase/base.h>

#include <string.h>

typedef struct foreign {
    const char *begins;
    size_t length;
    const char *what, *advice;
} foreign;

#define BEGINS(text) (text), sizeof(text) - 1
#define LINES_OF_PARQUET                                                                                                   \
    "python3 -c \"import pandas; pandas.read_parquet('IN').to_json('OUT.jsonl', orient='records', lines=True)\""
#define OLD_GGML "a ggml file from before GGUF (2023)", "convert the original model to GGUF or safetensors"
#define PICKLE                                                                                                             \
    "a pickle of PyTorch, which would run code when it is read",                                                           \
        "python3 -c \"from transformers import AutoModelForCausalLM as M; "                                                \
        "M.from_pretrained('IN').save_pretrained('OUT')\" "                                                                \
        "writes safetensors"
#define SAVE_AS_UTF8 "text in UTF-16", "iconv -f UTF-16 -t UTF-8 IN > OUT"

static const foreign table[] = {
    {BEGINS("version https://git-lfs"), "a Git LFS pointer: the file itself was not downloaded", "git lfs pull fetches it"},
    {BEGINS("/annex/objects/"), "a git-annex pointer: the file itself was not downloaded", "git annex get fetches it"},
    {BEGINS("<!DOCTYPE"), "a web page", "download the file itself, not the page that shows it"},
    {BEGINS("<!doctype"), "a web page", "download the file itself, not the page that shows it"},
    {BEGINS("<html"), "a web page", "download the file itself, not the page that shows it"},
    {BEGINS("\x1F\x8B"), "compressed with gzip", "gzip -dc IN > OUT"},
    {BEGINS("\x28\xB5\x2F\xFD"), "compressed with Zstandard", "zstd -dc IN > OUT"},
    {BEGINS("\xFD\x37zXZ"), "compressed with xz", "xz -dc IN > OUT"},
    {BEGINS("BZh"), "compressed with bzip2", "bzip2 -dc IN > OUT"},
    {BEGINS("PAR1"), "a Parquet file", LINES_OF_PARQUET},
    {BEGINS("ARROW1"), "an Arrow file",
     "datasets.Dataset.from_file('IN').to_json('OUT.jsonl') in Python writes JSON lines"},
    {BEGINS("PK\x03\x04"), PICKLE},
    {BEGINS("\x80\x02"), PICKLE},
    {BEGINS("\x80\x03"), PICKLE},
    {BEGINS("\x80\x04"), PICKLE},
    {BEGINS("\x80\x05"), PICKLE},
    {BEGINS("\x89HDF"), "an HDF5 file (TensorFlow)", "transformers can save the model as safetensors"},
    {BEGINS("\x93NUMPY"), "a NumPy array", "safetensors.numpy.save_file writes safetensors"},
    {BEGINS("lmgg"), OLD_GGML},
    {BEGINS("fmgg"), OLD_GGML},
    {BEGINS("tjgg"), OLD_GGML},
    {BEGINS("algg"), "a LoRA adapter of ggml", "merge it into its model first"},
    {BEGINS("\xFF\xFE"), SAVE_AS_UTF8},
    {BEGINS("\xFE\xFF"), SAVE_AS_UTF8},
};

rp_status rp_foreign_check(const char *path, const void *bytes, size_t n) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const foreign *row = &table[i];
        if (n < row->length || memcmp(bytes, row->begins, row->length) != 0) continue;
        return rp_fail(RP_ERR_FORMAT, "%s: is %s; %s", path, row->what, row->advice);
    }
    return RP_OK;
}

size_t rp_byte_order_mark(const void *bytes, size_t n) {
    return n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}
