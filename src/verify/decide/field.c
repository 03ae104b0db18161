/* SPDX-License-Identifier: MIT
 *
 * field.c — arithmetic modulo primes near 2^61, and the images of radicals and roots of unity there.
 *
 * An identity between numbers like i, e^{iπ/12}, sqrt 2 and 5^{1/3} survives in every field that holds images of them, if
 * the images satisfy the relations of the numbers. Roots of unity are powers of one zeta. sqrt 2, …, sqrt 11 are sums of
 * roots of unity (Gauss 1801), so their signs follow from zeta. A root of any other prime b may be chosen freely: b is
 * ramified there and not in the cyclotomic field, so all choices are conjugate over it.
 */
#include "decide/field.h"

/* check: tools/verify_primes.py */
const rp_field_prime rp_field_primes[RP_FIELD_PRIMES] = {
    {2305843009213368241u, 1614264468650844510u}, {2305843009210374481u, 1731691861529923594u},
    {2305843009210041841u, 716235750632350826u},  {2305843009207713361u, 559080123124368915u},
    {2305843009206604561u, 1367129706127466747u}, {2305843009205717521u, 398641083024170934u},
    {2305843009205606641u, 424293400909267512u},  {2305843009202280241u, 245044308421127953u},
    {2305843009200949681u, 444811361438909231u},  {2305843009199397361u, 860064892123595658u},
    {2305843009195738321u, 369512761457819600u},  {2305843009192301041u, 24742380022629038u},
    {2305843009191746641u, 146188696905543349u},  {2305843009189972561u, 573343016420053527u},
    {2305843009187976721u, 1864930172639317987u}, {2305843009187644081u, 667897840493106907u},
    {2305843009187311441u, 1365583817749626885u}, {2305843009187089681u, 801275743761835366u},
    {2305843009186313521u, 396222691052917811u},  {2305843009179438961u, 1984598541520321592u},
    {2305843009177997521u, 678365505717433062u},  {2305843009177664881u, 1664159682990834610u},
    {2305843009176777841u, 306486127683679201u},  {2305843009172453521u, 1409242009756173365u},
    {2305843009170679441u, 2255905139193011765u}, {2305843009169348881u, 610512160251879788u},
    {2305843009167796561u, 91236556962229487u},   {2305843009163804881u, 370022267277564771u},
    {2305843009161143761u, 2118884031729125323u}, {2305843009155710641u, 2278053092197607053u},
    {2305843009155045361u, 1263349113200280489u}, {2305843009154712721u, 259565962951452180u},
    {2305843009152384241u, 825769876748893637u},  {2305843009147505521u, 19223067716899014u},
    {2305843009145842321u, 216837578297581045u},  {2305843009144511761u, 968195558276146298u},
    {2305843009143402961u, 2245830264378943979u}, {2305843009142848561u, 1954518470109748714u},
    {2305843009141850641u, 1298599638774361026u}, {2305843009140741841u, 2157863056922285169u},
    {2305843009139189521u, 2070391589054317449u}, {2305843009137193681u, 425404049005690060u},
    {2305843009136861041u, 714686786455174639u},  {2305843009134089041u, 2195305554176549564u},
    {2305843009133423761u, 2032950474549754238u}, {2305843009132536721u, 483169151373401684u},
    {2305843009131095281u, 2024143956103098593u}, {2305843009125551281u, 2109129493315977722u},
};

const uint64_t rp_field_totients[RP_FIELD_CHAINS][RP_FIELD_LEVELS] = {
    {2305843009213368241u, 2305843009213368240u, 452967345768038400u, 104919386459996160u, 25276814544863232u,
     7439330033270784u, 2254342434324480u, 601157982486528u, 200385994162176u, 66795331387392u, 22265110462464u,
     7421703487488u, 2473901162496u, 824633720832u, 274877906944u, 137438953472u},
    {2305843009210374481u, 2305843009210374480u, 475592984591155200u, 93805571211264000u, 22732590809088000u,
     5566277615616000u, 1484340697497600u, 395824185999360u, 105553116266496u, 35184372088832u, 17592186044416u,
     8796093022208u, 4398046511104u, 2199023255552u, 1099511627776u, 549755813888u},
    {2305843009210041841u, 2305843009210041840u, 461644688130048000u, 117068765803315200u, 25643145190440960u,
     5410421842378752u, 1803473947459584u, 601157982486528u, 200385994162176u, 66795331387392u, 22265110462464u,
     7421703487488u, 2473901162496u, 824633720832u, 274877906944u, 137438953472u},
    {2305843009207713361u, 2305843009207713360u, 478395659142097920u, 111883834600980480u, 29835688320958464u,
     8524471505780736u, 2492068874158080u, 567760316792832u, 178120883699712u, 59373627899904u, 19791209299968u,
     6597069766656u, 2199023255552u, 1099511627776u, 549755813888u, 274877906944u},
};

uint64_t rp_mod_multiply(uint64_t a, uint64_t b, uint64_t m) {
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)a * b % m);
}

uint64_t rp_mod_add(uint64_t a, uint64_t b, uint64_t m) {
    return (a + b) % m;
}

uint64_t rp_mod_power(uint64_t base, uint64_t exponent, uint64_t m) {
    uint64_t result = 1 % m;
    for (base %= m; exponent; exponent >>= 1) {
        if (exponent & 1) result = rp_mod_multiply(result, base, m);
        base = rp_mod_multiply(base, base, m);
    }
    return result;
}

/* ---- Roots ------------------------------------------------------------------------------------------------------- */

/* p - 1 = degree^s t. With u = 1/degree modulo t, x = a^u is a root but for a factor in the group of order degree^s, which
 * is small (s <= 4): it is found by trying (Adleman, Manders, Miller 1977). */
bool rp_field_root(const rp_field_prime *f, uint64_t a, unsigned degree, uint64_t *x) {
    const uint64_t p = f->p;
    if (a == 0) return *x = 0, true;
    if (rp_mod_power(a, (p - 1) / degree, p) != 1) return false;
    uint64_t t = p - 1, order = 1;
    while (t % degree == 0) t /= degree, order *= degree;
    uint64_t u = 1; /* degree · u = 1 modulo t: one of 1, …, degree makes j t + 1 divisible */
    for (uint64_t j = 1; j <= degree; j++)
        if ((j * t + 1) % degree == 0) u = (j * t + 1) / degree;
    const uint64_t step = rp_mod_power(f->zeta, RP_FIELD_CYCLE / order, p); /* of this order; order divides the cycle */
    uint64_t candidate = rp_mod_power(a, u, p);
    for (uint64_t i = 0; i < order; i++) {
        if (rp_mod_power(candidate, degree, p) == a) return *x = candidate, true;
        candidate = rp_mod_multiply(candidate, step, p);
    }
    return false;
}

/* The Gauss sum Σ (k/b) ζ_b^k is sqrt(b) for b = 1 modulo 4 and i sqrt(b) for b = 3 modulo 4. */
uint64_t rp_field_square_root_of(const rp_field_prime *f, unsigned b) {
    const uint64_t p = f->p;
    if (b == 2) { /* ζ_8 + 1/ζ_8 */
        const uint64_t eighth = rp_mod_power(f->zeta, RP_FIELD_CYCLE / 8, p);
        return rp_mod_add(eighth, rp_mod_power(eighth, 7, p), p);
    }
    const uint64_t root = rp_mod_power(f->zeta, RP_FIELD_CYCLE / b, p);
    uint64_t sum = 0;
    for (unsigned k = 1; k < b; k++) {
        const bool square = rp_mod_power(k, (b - 1) / 2, b) == 1;
        const uint64_t term = rp_mod_power(root, k, p);
        sum = rp_mod_add(sum, square ? term : p - term, p);
    }
    const uint64_t minus_i = rp_mod_power(f->zeta, RP_FIELD_CYCLE / 4 * 3, p);
    return b % 4 == 1 ? sum : rp_mod_multiply(sum, minus_i, p);
}

bool rp_field_radical(const rp_field_prime *f, uint64_t b, uint64_t degree, uint64_t *r) {
    static const unsigned small[] = {2, 3, 5};
    *r = b % f->p;
    const bool known = b == 2 || b == 3 || b == 5 || b == 7 || b == 11;
    if (degree % 2 == 0 && known) {
        *r = rp_field_square_root_of(f, (unsigned)b);
        degree /= 2;
    }
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
        for (; degree % small[i] == 0; degree /= small[i])
            if (!rp_field_root(f, *r, small[i], r)) return false;
    return degree == 1;
}
