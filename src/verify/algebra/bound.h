/* SPDX-License-Identifier: MIT
 *
 * bound.h — is an algebraic number 0? An enclosure that is narrower than a root-separation bound proves it.
 */
#ifndef REPHRASE_VERIFY_BOUND_H
#define REPHRASE_VERIFY_BOUND_H

#include "algebra/tree.h"

/* False when `a` is not visibly algebraic. Otherwise: a is 0 or |a| >= 2^-bits. */
bool rp_zero_bound(rp_work *work, const rp_node *a, double *bits);

typedef enum rp_zero { RP_ZERO_PROVED, RP_NONZERO_PROVED, RP_ZERO_OPEN } rp_zero;

/* Decides whether a canonical constant is 0, by enclosures down to its zero bound. *bits: the precision that decided. OPEN
 * when it is not visibly algebraic, or when the bound asks for more than the highest precision. */
rp_zero rp_algebraic_zero(rp_work *work, const rp_node *a, int *bits);

#endif
