/* SPDX-License-Identifier: MIT
 *
 * explain.c — a decision told step by step.
 *
 * The story has the order of the work: what was extracted, how each side was read (text, tree, canonical form), then the
 * comparisons, each indented under the one that asked for it. It is cut at 64 KiB: a list of a thousand items is compared in
 * a million steps that nobody reads.
 */
#include "explain.h"

#include <stdarg.h>

enum { STORY_MAX = 64 << 10, LINES_MAX = 60, INDENT_MAX = 12 };

static bool begin_line(rp_work *work, int indent) {
    rp_buffer *out = work->explain;
    if (!out || out->length > STORY_MAX) return false;
    if (indent > INDENT_MAX) indent = INDENT_MAX;
    for (int i = 0; i < indent; i++) rp_buffer_text(out, "  ");
    return true;
}

/* The last line that fits is dots. */
static void end_line(rp_work *work) {
    rp_buffer_char(work->explain, '\n');
    if (work->explain->length > STORY_MAX) rp_buffer_text(work->explain, "(the rest is left out)\n");
}

void rp_explain_step(rp_work *work, const char *format, ...) {
    char line[512];
    if (!begin_line(work, work->explain_depth)) return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rp_buffer_format(work->explain, "- %s", line);
    end_line(work);
}

void rp_explain_trees(rp_work *work, const char *what, const rp_node *a, const rp_node *b) {
    if (!begin_line(work, work->explain_depth)) return;
    rp_buffer_format(work->explain, "- %s: ", what);
    rp_tree_print(work, a, work->explain);
    if (b) {
        rp_buffer_text(work->explain, "  against  ");
        rp_tree_print(work, b, work->explain);
    }
    end_line(work);
}

/* ---- Trees, a node per line --------------------------------------------------------------------------------------- */

static const char *const kind_names[] = {[RP_NUMBER] = "number",
                                         [RP_SYMBOL] = "symbol",
                                         [RP_CONSTANT] = "constant",
                                         [RP_SUM] = "sum",
                                         [RP_PRODUCT] = "product",
                                         [RP_POWER] = "power",
                                         [RP_FUNCTION] = "function",
                                         [RP_APPLY] = "unknown function",
                                         [RP_BIG] = "sum, product, integral or limit",
                                         [RP_PLUSMINUS] = "plus-minus",
                                         [RP_UNDEFINED] = "undefined",
                                         [RP_MATRIX] = "matrix",
                                         [RP_LIST] = "list",
                                         [RP_SET] = "set",
                                         [RP_TUPLE] = "tuple or interval",
                                         [RP_BUILDER] = "set builder",
                                         [RP_RELATION] = "relation",
                                         [RP_SET_OP] = "set operation",
                                         [RP_NAMED_SET] = "named set",
                                         [RP_RATIO] = "ratio",
                                         [RP_QUANTITY] = "quantity",
                                         [RP_BASED] = "number in a base",
                                         [RP_WHERE] = "conditions",
                                         [RP_CASES] = "cases",
                                         [RP_TEXT] = "text",
                                         [RP_DOTS] = "dots"};

static void outline(rp_work *work, const rp_node *a, int indent, int *lines) {
    if (++*lines > LINES_MAX || !begin_line(work, indent)) return;
    rp_buffer_text(work->explain, kind_names[a->kind]);
    if (a->kind == RP_FUNCTION)
        rp_buffer_format(work->explain, " %s", rp_function_name((rp_function)a->op));
    else if (a->kind == RP_QUANTITY || a->kind == RP_APPLY)
        rp_buffer_format(work->explain, " %.*s", (int)a->name.length, a->name.length ? a->name.data : "");
    else if (a->kind == RP_RELATION || (a->count == 0 && a->kind != RP_SET && a->kind != RP_DOTS)) {
        rp_buffer_char(work->explain, ' ');
        rp_tree_print(work, a, work->explain);
    }
    end_line(work);
    for (uint32_t i = 0; i < a->count; i++) outline(work, a->kids[i], indent + 1, lines);
}

void rp_explain_reading(rp_work *work, const char *who, rp_str source, const rp_node *tree, const rp_node *canonical) {
    enum { SHOWN = 300 };
    if (!begin_line(work, 0)) return;
    const bool cut = source.length > SHOWN;
    rp_buffer_format(work->explain, "%s as written: %.*s%s", who, (int)(cut ? SHOWN : source.length), source.data,
                     cut ? "…" : "");
    end_line(work);
    if (!tree) return;
    int lines = 0;
    outline(work, tree, 1, &lines);
    if (lines > LINES_MAX && begin_line(work, 1)) {
        rp_buffer_format(work->explain, "(%d more nodes)", lines - LINES_MAX);
        end_line(work);
    }
    if (!begin_line(work, 0)) return;
    rp_buffer_format(work->explain, "%s %s: ", who, canonical ? "in canonical form" : "as understood");
    rp_tree_print(work, canonical ? canonical : tree, work->explain);
    end_line(work);
}
