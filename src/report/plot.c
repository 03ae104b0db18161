/* SPDX-License-Identifier: MIT
 *
 * plot.c — a small SVG writer: one panel of curves, and an interval for a cell of a table.
 *
 * A panel is drawn at the size of a phone's column and laid side by side on wider screens, so that its letters have the same size
 * everywhere. Lines are labelled at their right end, where the eye arrives; labels that would touch are pushed apart. Colours
 * are classes (c0..c7) whose values the style sheet chooses for light and dark; line dashes tell rows of one colour apart.
 */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 360, HEIGHT = 214, LEFT = 40, TOP = 10, BOTTOM = 30, LABEL_HEIGHT = 12, LABEL_LETTERS = 14, LETTER = 6 };

typedef struct axes {
    double x0, x1, y0, y1; /* y in the scale's own units: log10 when logarithmic */
    int right;             /* where the curves end and their labels begin */
    bool log_scale;
} axes;

static double to_x(const axes *a, double x) {
    return LEFT + (x - a->x0) / (a->x1 - a->x0) * (a->right - LEFT);
}

static double to_y(const axes *a, double y) {
    const double v = a->log_scale ? log10(y) : y;
    return HEIGHT - BOTTOM - (v - a->y0) / (a->y1 - a->y0) * (HEIGHT - TOP - BOTTOM);
}

static bool drawable(const axes *a, double y) {
    return isfinite(y) && (!a->log_scale || y > 0);
}

/* 1, 2 or 5 times a power of ten, so that about `parts` steps cover the span. */
static double nice_step(double span, int parts) {
    const double raw = span / parts, power = pow(10, floor(log10(raw))), digit = raw / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

/* ---- Ranges ---------------------------------------------------------------------------------------------------- */

static void take(const axes *a, const rp_point *points, size_t n, double *x1, double *lo, double *hi) {
    for (size_t i = 0; i < n; i++) {
        *x1 = fmax(*x1, points[i].x);
        if (!drawable(a, points[i].y)) continue;
        const double y = a->log_scale ? log10(points[i].y) : points[i].y;
        *lo = fmin(*lo, y);
        *hi = fmax(*hi, y);
    }
}

static axes choose_axes(const rp_panel *p) {
    axes a = {.log_scale = p->log_scale, .x0 = 0, .x1 = 1};
    size_t letters = 0; /* of the longest label, in bytes: close enough */
    for (size_t l = 0; l < p->line_count; l++)
        if (strlen(p->lines[l].label) > letters) letters = strlen(p->lines[l].label);
    a.right = WIDTH - 12 - LETTER * (int)(letters < LABEL_LETTERS ? letters : LABEL_LETTERS);
    double lo = (double)INFINITY, hi = -(double)INFINITY;
    for (size_t l = 0; l < p->line_count; l++) {
        take(&a, p->lines[l].mean, p->lines[l].count, &a.x1, &lo, &hi);
        for (size_t s = 0; s < p->lines[l].seed_count; s++)
            take(&a, p->lines[l].seeds[s], p->lines[l].seed_counts[s], &a.x1, &lo, &hi);
    }
    a.x1 += fmax(p->width - 1, 0) / 2; /* a bin's point is its middle: the axis ends with its last step */
    if (!(lo <= hi)) lo = 0, hi = 1;
    if (p->share) {
        a.y0 = 0, a.y1 = 1;
    } else if (p->log_scale) {
        a.y0 = floor(lo), a.y1 = fmax(ceil(hi), floor(lo) + 1);
    } else {
        if (lo > 0 && (p->from_zero || lo < 0.6 * hi)) lo = 0;
        if (hi < 0 && hi > 0.6 * lo) hi = 0;
        if (hi - lo < 1e-9 * (fabs(hi) + fabs(lo)) || hi == lo) hi = lo + (lo != 0 ? fabs(lo) : 1);
        const double step = nice_step(hi - lo, 4);
        a.y0 = floor(lo / step + 1e-9) * step;
        a.y1 = ceil(hi / step - 1e-9) * step;
    }
    return a;
}

/* ---- Frame ----------------------------------------------------------------------------------------------------- */

static void tick_y(const axes *a, double at, const char *text, rp_buffer *out) {
    const double y = HEIGHT - BOTTOM - (at - a->y0) / (a->y1 - a->y0) * (HEIGHT - TOP - BOTTOM);
    rp_buffer_format(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"tick\" x=\"%d\" y=\"%.1f\">%s</text>",
                     LEFT, y, a->right, LEFT - 5, y + 3.5, text);
}

static void draw_frame(const rp_panel *p, const axes *a, rp_buffer *out) {
    char text[32];
    if (p->share) {
        static const char *const names[] = {"0", ".2", ".4", ".6", ".8", "1"};
        for (int i = 0; i <= 5; i++) tick_y(a, i * 0.2, names[i], out);
    } else if (p->log_scale) {
        const int every = (int)ceil((a->y1 - a->y0) / 5);
        for (int e = (int)a->y0; e <= (int)a->y1; e += every) {
            if (abs(e) <= 3)
                (void)snprintf(text, sizeof text, "%g", pow(10, e));
            else
                (void)snprintf(text, sizeof text, "1e%d", e);
            tick_y(a, e, text, out);
        }
    } else {
        const double step = nice_step(a->y1 - a->y0, 4);
        const bool thousands = fmax(fabs(a->y0), fabs(a->y1)) >= 1e4;
        for (int i = 0; a->y0 + i * step <= a->y1 + 1e-9 * step; i++) {
            const double v = a->y0 + i * step;
            (void)snprintf(text, sizeof text, "%.4g%s",
                           fabs(v) < 1e-12 ? 0
                           : thousands     ? v / 1000
                                           : v,
                           thousands && v != 0 ? "k" : "");
            tick_y(a, v, text, out);
        }
    }
    const double step = nice_step(a->x1 - a->x0, 4);
    for (int i = 0; i * step <= a->x1 * (1 + 1e-9); i++)
        rp_buffer_format(out, "<text class=\"tickx\" x=\"%.1f\" y=\"%d\">%g</text>", to_x(a, i * step),
                         HEIGHT - BOTTOM + 14, i * step);
    rp_buffer_format(out, "<text class=\"tickx\" x=\"%d\" y=\"%d\">step</text>", (LEFT + a->right) / 2, HEIGHT - 3);
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

static void draw_line(const axes *a, const rp_line *l, const char *kind, const rp_point *points, size_t n, rp_buffer *out) {
    enum { FEW = 24 };
    bool begun = false;
    rp_buffer_format(out, "<path class=\"%s r%d c%d d%d\" d=\"", kind, l->row, l->colour % 8, l->colour / 8 % 4);
    for (size_t i = 0; i < n; i++) {
        if (!drawable(a, points[i].y)) continue;
        rp_buffer_format(out, "%c%.1f %.1f", begun ? 'L' : 'M', to_x(a, points[i].x), to_y(a, points[i].y));
        begun = true;
    }
    rp_buffer_text(out, "\"/>");
    if (n > FEW || *kind != 'm') return;
    for (size_t i = 0; i < n; i++)
        if (drawable(a, points[i].y))
            rp_buffer_format(out, "<circle class=\"pt r%d c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/>", l->row, l->colour % 8,
                             to_x(a, points[i].x), to_y(a, points[i].y));
}

typedef struct label {
    const rp_line *line;
    double wanted, y;
} label;

static int by_height(const void *a, const void *b) {
    const label *x = a, *y = b;
    if (x->wanted != y->wanted) return x->wanted < y->wanted ? -1 : 1;
    return x->line->row - y->line->row;
}

/* Downwards until none overlap, then upwards from the bottom if the last one fell out of the panel. */
static void push_apart(label *labels, size_t n) {
    double free = TOP + 4;
    for (size_t i = 0; i < n; i++) {
        if (!labels[i].line->shown) continue;
        labels[i].y = fmax(labels[i].wanted, free);
        free = labels[i].y + LABEL_HEIGHT;
    }
    free = HEIGHT - BOTTOM + 2;
    for (size_t i = n; i-- > 0;) {
        if (!labels[i].line->shown) continue;
        labels[i].y = fmin(labels[i].y, free);
        free = labels[i].y - LABEL_HEIGHT;
    }
}

static void put_short(const char *name, rp_buffer *out) {
    size_t letters = 0, n = 0;
    const size_t length = strlen(name);
    while (n < length && letters < LABEL_LETTERS) {
        uint32_t code;
        const size_t size = rp_utf8_decode(name + n, length - n, &code);
        n += size ? size : 1;
        letters++;
    }
    rp_html(out, (rp_str){name, n});
    if (n < length) rp_buffer_text(out, "…");
}

static void draw_labels(rp_arena *scratch, const rp_panel *p, const axes *a, rp_buffer *out) {
    label *labels = rp_alloc(scratch, label, p->line_count + 1);
    size_t n = 0;
    for (size_t l = 0; labels && l < p->line_count; l++) {
        const rp_line *line = &p->lines[l];
        if (!line->count || !drawable(a, line->mean[line->count - 1].y)) continue;
        const double y = to_y(a, line->mean[line->count - 1].y) + 3.5;
        labels[n++] = (label){line, y, y};
    }
    if (n) qsort(labels, n, sizeof *labels, by_height);
    push_apart(labels, n);
    for (size_t i = 0; i < n; i++) {
        const rp_line *line = labels[i].line;
        rp_buffer_format(out, "<text class=\"lb r%d c%d\" x=\"%d\" y=\"%.1f\" data-y=\"%.1f\">", line->row,
                         line->colour % 8, a->right + 5, labels[i].y, labels[i].wanted);
        put_short(line->label, out);
        rp_buffer_text(out, "<title>");
        rp_html_text(out, line->label);
        rp_buffer_text(out, "</title></text>");
    }
}

void rp_plot_panel(rp_arena *scratch, const rp_panel *panel, rp_buffer *out) {
    const axes a = choose_axes(panel);
    rp_buffer_text(out, "<figure class=\"panel\"><figcaption><b>");
    rp_html_text(out, panel->title);
    rp_buffer_text(out, "</b><br/><small>");
    rp_html_text(out, panel->caption);
    if (panel->width > 1) rp_buffer_format(out, ", bins of %g steps", panel->width);
    rp_buffer_format(out, "</small></figcaption><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
    rp_html_text(out, panel->title);
    rp_buffer_text(out, "\">");
    draw_frame(panel, &a, out);
    for (size_t l = 0; l < panel->line_count; l++)
        for (size_t s = 0; s < panel->lines[l].seed_count && panel->lines[l].seed_count > 1; s++)
            draw_line(&a, &panel->lines[l], "sd", panel->lines[l].seeds[s], panel->lines[l].seed_counts[s], out);
    for (size_t l = 0; l < panel->line_count; l++)
        draw_line(&a, &panel->lines[l], "mn", panel->lines[l].mean, panel->lines[l].count, out);
    draw_labels(scratch, panel, &a, out);
    rp_buffer_text(out, "</svg></figure>\n");
}

/* ---- An interval ----------------------------------------------------------------------------------------------- */

void rp_plot_interval(const rp_spread *s, rp_buffer *out) {
    enum { W = 88, H = 13, PAD = 3 };
    const double scale = W - 2 * PAD, middle = H / 2.0;
    rp_buffer_format(
        out, "<svg class=\"iv\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\"><path class=\"grid\" d=\"M%d %.1fH%d\"/>", W, H,
        PAD, middle, W - PAD);
    if (s->has_interval)
        rp_buffer_format(out, "<rect class=\"ci\" x=\"%.1f\" y=\"2.5\" width=\"%.1f\" height=\"8\" rx=\"2\"/>",
                         PAD + s->low * scale, fmax((s->high - s->low) * scale, 1));
    if (s->max > s->min)
        rp_buffer_format(out, "<path class=\"span\" d=\"M%.1f 3V10M%.1f %.1fH%.1fM%.1f 3V10\"/>", PAD + s->min * scale,
                         PAD + s->min * scale, middle, PAD + s->max * scale, PAD + s->max * scale);
    rp_buffer_format(out, "<path class=\"mean\" d=\"M%.1f 1V12\"/></svg>", PAD + s->mean * scale);
}
