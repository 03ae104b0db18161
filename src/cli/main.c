/* SPDX-License-Identifier: MIT */
#include <rephrase/base.h>

int main(void) {
    puts("rephrase 0.1.0");
    return 0;
}
