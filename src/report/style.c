/* SPDX-License-Identifier: MIT
 *
 * style.c — the style sheet, light and dark.
 *
 * Colours are variables with one value for each theme. The eight line colours keep a contrast of at least 4.5 to the
 * background, because labels are written in them; no statement rests on colour alone (labels, dashes, numbers say it too).
 * The shades of the matrix are mixed here between two ends.
 */
#include "internal.h"

static const char *const sheet[] = {
    ":root{color-scheme:light dark;--bg:#fff;--fg:#16191d;--dim:#59616b;--line:#d8dde3;--soft:#f3f5f8;--link:#0b5cad;",
    "--warn:#8a4b00;--warnbg:#fff5e5;--up:20,98,190;--down:200,84,10;--rare:120,40,170;",
    "--c0:#0b5cad;--c1:#b93a08;--c2:#137333;--c3:#7b22c4;--c4:#0a6e78;--c5:#b3145a;--c6:#7a5900;--c7:#4a5361}\n",
    "@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e6e9ed;--dim:#a0a9b4;--line:#353c45;--soft:#1d2228;",
    "--link:#79b8ff;--warn:#ffc46b;--warnbg:#2c2314;--up:70,150,255;--down:255,130,50;--rare:190,110,255;",
    "--c0:#74b4ff;--c1:#ff9a66;--c2:#6bd68a;--c3:#cfa4ff;--c4:#4fd3dc;--c5:#ff8fb8;--c6:#e3c052;--c7:#b7c1cd}}\n",
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}",
    "body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,-apple-system,'Segoe "
    "UI',Roboto,sans-serif}\n",
    "main{max-width:1240px;margin:0 auto;padding:16px}h1{font-size:1.6rem;line-height:1.2;margin:.4em 0}",
    "h2{font-size:1.25rem;margin:1.8em 0 .3em}h3{font-size:1rem;margin:1.4em 0 .4em}code,pre{font:.86em/1.45 ui-monospace,",
    "Menlo,Consolas,monospace;overflow-wrap:anywhere}a{color:var(--link)}.about{color:var(--dim);margin:.2em 0 "
    ".8em;max-width:46em}\n",
    "nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:.6em 0}small{font-size:.75rem;color:var(--dim)}\n",
    ".missing{background:var(--warnbg);color:var(--warn);border-radius:6px;padding:8px 12px;overflow-wrap:anywhere}",
    ".missing ul{margin:.4em 0;padding-left:1.2em;font-size:.875rem}\n",
    ".scroll{overflow-x:auto;border:1px solid "
    "var(--line);border-radius:6px}table{border-collapse:collapse;font-size:.875rem;",
    "font-variant-numeric:tabular-nums}thead "
    "th{text-align:right;vertical-align:bottom;font-weight:600;white-space:nowrap}\n",
    ".scroll:has(.heat){width:fit-content;max-width:100%}th,td{padding:5px 10px;border-bottom:1px solid var(--line)}tbody "
    "tr:last-child>*{border-bottom:0}",
    "thead th:first-child,tbody th{position:sticky;left:0;background:var(--bg);text-align:left;font-weight:500;z-index:1}",
    "tbody th{min-width:min(8em,36vw);max-width:44vw;overflow-wrap:break-word}\n",
    ".figures{min-width:100%}.figures td{text-align:right;vertical-align:top;white-space:nowrap}.figures td "
    "small{display:block;",
    "line-height:1.35}.figures tbody th{vertical-align:top}tbody th "
    "small{display:block}.none{color:var(--dim);text-align:right}\n",
    ".iv{display:block;width:88px;height:13px;margin-left:auto}.iv .ci{fill:var(--c0);opacity:.3}.iv "
    ".mean{stroke:var(--c0);stroke-width:2;fill:none}",
    ".iv .span{stroke:var(--fg);fill:none;stroke-width:1}.grid{stroke:var(--line);stroke-width:1;fill:none}\n",
    ".key{display:inline-block;width:14px;height:0;border-top:3px solid var(--c);margin-right:6px;vertical-align:middle}",
    ".key.d1{border-top-style:dashed}.key.d2,.key.d3{border-top-style:dotted}\n",
    ".rows{border:1px solid var(--line);border-radius:6px;margin:1.6em 0 0;padding:6px 12px "
    "10px;display:flex;flex-wrap:wrap;",
    "gap:6px 14px;background:var(--bg)}.rows legend{font-size:.875rem;color:var(--dim)}\n",
    ".chip{display:inline-flex;align-items:center;gap:4px;font-size:.875rem;min-height:28px;cursor:pointer}",
    ".panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:18px 22px}\n",
    ".panel{margin:0;min-width:0}.panel figcaption{line-height:1.25;font-size:.9rem}.panel svg{display:block;width:100%;",
    "max-width:480px;height:auto;overflow:visible}\n",
    ".tick,.tickx{font-size:10px;fill:var(--dim);text-anchor:end}.tickx{text-anchor:middle}.lb{font-size:10.5px;fill:var(--"
    "c);",
    "font-weight:600}.mn{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}.sd{fill:none;stroke:var(--c);",
    "stroke-width:.8;opacity:.45}.pt{fill:var(--c)}\n",
    "path.d1{stroke-dasharray:6 3}path.d2{stroke-dasharray:2 2.5}path.d3{stroke-dasharray:7 2 2 2}\n",
    ".heat td{text-align:center;padding:3px 4px;min-width:38px;border:1px solid var(--bg)}.heat tbody th{padding:3px 10px;",
    "white-space:nowrap}.heat .up{vertical-align:bottom;text-align:center;padding:6px 2px}.heat .up span{writing-mode:",
    "vertical-rl;transform:rotate(180deg);font-weight:500}.heat .tier "
    "th{color:var(--dim);font-weight:600;padding-top:10px}",
    ".heat .tier span{position:sticky;left:10px}\n",
    "details{margin:.8em 0}summary{cursor:pointer}dt{font-weight:600}dd{margin:0 0 .5em "
    "1em}pre.scroll{padding:10px;margin:.5em 0;",
    "overflow-wrap:normal}\n",
    ".controls{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;font-size:.875rem}select,button{font:inherit;",
    "min-height:32px;max-width:70vw}.steps{display:flex;align-items:center;gap:6px;flex:1 1 260px}.steps "
    "input{flex:1;min-width:80px}\n",
    "#g-token{min-height:1.5em;margin:.4em 0;font-size:.875rem;color:var(--dim);overflow-wrap:anywhere}",
    ".card{border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:8px 0;min-width:0}.card h4{margin:0 0 "
    "4px;",
    "font-size:.8rem;color:var(--dim);font-weight:600}.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min("
    "100%,",
    "300px),1fr));gap:0 12px}\n",
    ".text{white-space:pre-wrap;overflow-wrap:anywhere;font:.875rem/1.65 ui-monospace,Menlo,Consolas,monospace;margin:0}",
    ".tok{border-radius:3px;cursor:help}.tok:hover,.tok.on{outline:1px solid var(--fg)}.gone "
    ".text{text-decoration:line-through;",
    "color:var(--dim)}.gone{border-style:dashed}.new{border-color:var(--c0);border-width:2px}\n",
    ".tag{display:inline-block;border:1px solid var(--line);border-radius:10px;padding:0 "
    "8px;margin-right:4px;font-size:.75rem;",
    "background:var(--soft)}.good{border-color:var(--c2);color:var(--c2)}.bad{border-color:var(--c1);color:var(--c1)}\n",
    "@media(min-width:700px){tbody th{white-space:nowrap}}\n",
    "@media(max-width:500px){main{padding:12px}th,td{padding:5px 7px}}\n",
    "@media print{.rows,.controls,nav{display:none}.scroll{overflow:visible}}\n",
};

enum { SHADES = 11, COLOURS = 8 };

static void put_shades(const int from[3], const int to[3], int light_text_from, const char *dark, const char *light,
                       rp_buffer *out) {
    for (int k = 0; k < SHADES; k++) {
        int mixed[3];
        for (int c = 0; c < 3; c++) mixed[c] = from[c] + (to[c] - from[c]) * k / (SHADES - 1);
        rp_buffer_format(out, ".h%d{background:rgb(%d,%d,%d);color:%s}", k, mixed[0], mixed[1], mixed[2],
                         k >= light_text_from ? light : dark);
    }
}

void rp_report_style(const rp_report *report, rp_buffer *out) {
    static const int day[2][3] = {{244, 247, 251}, {11, 84, 160}}, night[2][3] = {{30, 36, 43}, {104, 178, 255}};
    for (size_t i = 0; i < sizeof sheet / sizeof *sheet; i++) rp_buffer_text(out, sheet[i]);
    for (int c = 0; c < COLOURS; c++) rp_buffer_format(out, ".c%d{--c:var(--c%d)}", c, c);
    rp_buffer_char(out, '\n');
    put_shades(day[0], day[1], 7, "#16191d", "#fff", out);
    rp_buffer_text(out, "\n@media(prefers-color-scheme:dark){");
    put_shades(night[0], night[1], 6, "#e6e9ed", "#0c0f12", out);
    rp_buffer_text(out, "}\n");
    for (size_t i = 0; i < report->row_count; i++) /* a row whose box is not ticked has no lines */
        rp_buffer_format(out, "body:has(#show-%zu:not(:checked)) .r%zu{display:none}", i, i);
    rp_buffer_char(out, '\n');
}
