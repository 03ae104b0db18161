/* SPDX-License-Identifier: MIT
 *
 * names.c — lists of names sorted for look-up, so that finding one among n costs log n and a repeated one shows at once.
 */
#include "internal.h"

#include <stdlib.h>

static int compare(rp_str a, rp_str b) {
    const size_t n = a.length < b.length ? a.length : b.length;
    const int order = n ? memcmp(a.data, b.data, n) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_names(const void *a, const void *b) {
    return compare(((const rp_name *)a)->name, ((const rp_name *)b)->name);
}

const rp_name *rp_names_sort(rp_name *names, size_t count) {
    if (count) qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (rp_str_equal(names[i - 1].name, names[i].name)) return &names[i];
    return NULL;
}

const rp_name *rp_names_find(const rp_name *names, size_t count, rp_str name) {
    const rp_name wanted = {name, 0};
    return count ? bsearch(&wanted, names, count, sizeof *names, compare_names) : NULL;
}
