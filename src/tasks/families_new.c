/* SPDX-License-Identifier: MIT
 *
 * The families that pretraining never shows: near (a plan of at most two operations: sampling finds it sooner or later) and
 * hard (three or more). Each is a concept whose plan is not written in the question; every operation of the plan is known.
 * Pure data; see families.h for the notation.
 */
#include "families.h"

#define NEAR .tier = "near", .in_pretraining = false, .in_rl = true
#define HARD .tier = "hard", .in_pretraining = false, .in_rl = true

#define SHAPE "{rectangle|garden|field|room|yard|park|table|lawn}"
#define FOUR  "{cows|goats|pigs|dogs}"
#define TWO   "{hens|ducks|geese|crows}"

const family_row rp_families_new[] = {
    {{.name = "perim", .help = "the perimeter of a rectangle", NEAR},
     {{"Find the perimeter of a {a} by {b} " SHAPE ".", "a:1..N/2 b:1..N/2", "(a+b)*2"}}},

    {{.name = "side", .help = "the other side of a rectangle, from the perimeter", NEAR},
     {{"A " SHAPE " has perimeter {p} and one side {a}. Find the other side.", "a:1..N/2 b:1..N/2 p=(a+b)*2", "p/2-a"}}},

    {{.name = "sumdiff", .help = "two numbers from their total and difference", NEAR},
     {{"Two {numbers|prices|weights} have total {s} and difference {d}. Find the first.", "s:1..N d:1..N ?s-d-1",
       "(s+d)/2"},
      {"Two {numbers|prices|weights} have total {s} and difference {d}. Find the second.", "s:1..N d:1..N ?s-d-1",
       "(s-d)/2"}}},

    {{.name = "chase", .help = "the time to catch up", NEAR},
     {{"A {hare|fox|dog} at speed {a} chases a {hen|cat|crow} at speed {b} over distance {g}. How long?",
       "b:1..N d:2..N q:2..12 a=b+d g=d*q", "g/(a-b)"}}},

    {{.name = "posts", .help = "posts along a line, one at each end", NEAR},
     {{"A {fence|road|wall|path|street|track} of {a} metres has a {post|lamp|tree|flag|sign|bench} every {b} metres. How "
       "many?",
       "b:2..12 q:2..N a=b*q", "a/b+1"}}},

    {{.name = "unit", .help = "a price by way of the price of one", NEAR},
     {{"If {a} {T} cost {b}, what do {c} cost?", "a:2..12 q:2..12 b=a*q c:2..12 ?a-c-1", "b/a*c"},
      {"If {a} {T} cost {b}, what do {c} cost?", "a:2..12 q:2..12 b=a*q c:2..12 ?c-a-1", "b/a*c"}}},

    {{.name = "mean3", .help = "the mean of three numbers", HARD},
     {{"Find the mean of {a}, {b} and {c}.", "a:1..N b:1..N c:1..N", "(a+b+c)/3"}}},

    {{.name = "third", .help = "the third number, from the mean and two of them", HARD},
     {{"The mean of three numbers is {m}. Two are {a} and {b}. Find the third.", "m:1..N/3 a:1..N b:1..N", "m*3-a-b"}}},

    {{.name = "nth", .help = "a term of an even sequence", HARD},
     {{"A sequence starts at {a} with gap {d}. Find term {n}.", "a:1..N d:1..12 n:3..12", "a+(n-1)*d"}}},

    {{.name = "trap", .help = "the area of a trapezoid", HARD},
     {{"A {roof|field|wall} is a trapezoid with bases {a} and {b} and height {h}. Find its area.", "a:1..N b:1..N h:3..N",
       "(a+b)/2*h"}}},

    {{.name = "change", .help = "the change after buying two kinds of things", HARD},
     {{"Find the change from {p} for {a} pens at {b} and {c} books at {d}.", "p:1..N a:2..9 b:1..9 c:2..9 d:1..9",
       "p-(a*b+c*d)"}}},

    {{.name = "legs", .help = "the legs of animals with four and with two", HARD},
     {{"A farm has {a} " FOUR " and {b} " TWO ". How many legs?", "a:1..N/4 b:1..N/2", "a*4+b*2"}}},

    {{.name = "heads", .help = "animals with four legs, from heads and legs", HARD},
     {{"A farm has " FOUR " and " TWO ", {h} heads and {l} legs. How many have four legs?",
       "c:1..N/4 b:1..N/2 h=c+b l=c*4+b*2", "(l-h*2)/2"}}},

    {{.name = "meet", .help = "where two meet that come towards each other", HARD},
     {{"Two {trains|boats|cars} {d} miles apart meet at speeds {a} and {b}. How far does the first go?",
       "a:1..N/2 b:1..N/2 t:2..12 d=(a+b)*t", "d/(a+b)*a"}}},

    {{.name = "pool", .help = "the time to fill what is left, while some leaks", HARD},
     {{"A tank of {c} holds {d}, gains {a} and leaks {b} an hour. When is it full?",
       "d:1..N b:1..N g:2..N q:2..12 a=b+g c=d+g*q", "(c-d)/(a-b)"}}},

    {{.name = "wmean", .help = "the mean price of two kinds of things", HARD},
     {{"Mix {a} bags at {b} with {c} bags at {d}. Find the mean price.", "a:1..9 b:1..N c:1..9 d:1..N",
       "(a*b+c*d)/(a+c)"}}},

    {{.name = "ages", .help = "an age later on, from a difference and a total", HARD},
     {{"{N} is {a} years older than {M}. Together they are {b}. How old is {M} in {c} years?",
       "a:2..N b:1..N c:2..N ?b-a-1", "(b-a)/2+c"}}},

    {{.name = "sale", .help = "the change after a percentage off", HARD},
     {{"A {coat|hat|lamp} costs {a}, now 25% off. Find the change from {p}.", "a:1..N p:1..N", "p-(a-a/4)"},
      {"A {coat|hat|lamp} costs {a}, now 20% off. Find the change from {p}.", "a:1..N p:1..N", "p-(a-a/5)"},
      {"A {coat|hat|lamp} costs {a}, now 10% off. Find the change from {p}.", "a:1..N p:1..N", "p-(a-a/10)"}}},

    {{.name = "fracleft", .help = "what is left after a fraction is given away", HARD},
     {{"{N} gives away {b}/{c} of {a} {T}. How many are left?", "c:2..12 b:1..c-1 q:1..N a=q*c", "a-a/c*b"}}},
};
const size_t rp_families_new_count = sizeof rp_families_new / sizeof rp_families_new[0];
