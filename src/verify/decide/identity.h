/* SPDX-License-Identifier: MIT
 *
 * identity.h — the rungs of the ladder that show an identity, or refute one, without looking at single points.
 */
#ifndef REPHRASE_VERIFY_IDENTITY_H
#define REPHRASE_VERIFY_IDENTITY_H

#include "decide/equal.h"

/* All rungs but the case distinctions: SAME and DIFFERENT are shown, everything else is UNDECIDED. Canonical trees. */
rp_finding rp_identity_rungs(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed);
/* … and with them. */
rp_finding rp_identity(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed);

/* cases.c: UNDECIDED when there is nothing to distinguish. */
rp_finding rp_compare_by_signs(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed);
rp_finding rp_compare_by_classes(rp_work *work, const rp_node *a, const rp_node *b, uint64_t seed);

/* logarithm.c: a difference that is a sum of logarithms, or (constants only) of angles: SAME or UNDECIDED. */
rp_finding rp_logarithms_vanish(rp_work *work, const rp_node *d, uint64_t seed);
rp_finding rp_angles_vanish(rp_work *work, const rp_node *d);

/* defined.c: an equality of two written expressions, unless one of them is defined nowhere. */
rp_finding rp_checked_for_meaning(rp_work *work, const rp_node *a, const rp_node *b, rp_finding finding);

#endif
