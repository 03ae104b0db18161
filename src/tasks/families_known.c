/* SPDX-License-Identifier: MIT
 *
 * The families of pretraining: easy and medium (also practised in RL) and general (never in RL). Pure data; see families.h
 * for the notation. Questions state their plan: these families teach a pupil to compute, not to find out what to compute.
 */
#include "families.h"

#define PRACTISED .in_pretraining = true, .in_rl = true
#define GENERAL   .tier = "general", .in_pretraining = true, .in_rl = false

const family_row rp_families_known[] = {
    {{.name = "calc1", .tier = "easy", .help = "one operation", PRACTISED},
     {{"What is {a} + {b}?", "a:1..N b:1..N", "a+b"},
      {"What is {a} - {b}?", "a:1..N b:1..N", "a-b"},
      {"What is {a} * {b}?", "a:2..12 b:2..25", "a*b"},
      {"What is {a} / {b}?", "b:2..12 q:1..25 a=q*b", "a/b"}}},

    {{.name = "word1", .tier = "easy", .help = "one operation in words", PRACTISED},
     {{"{N} has {a} {T} and gets {b} more. How many {T}?", "a:2..N b:1..N", "a+b"},
      {"{N} has {a} {T} and gives away {b}. How many are left?", "a:2..N b:1..N", "a-b"},
      {"{N} has {a} boxes with {b} {T} each. How many {T}?", "a:2..12 b:2..25", "a*b"},
      {"{N} shares {a} {T} among {b} friends. How many each?", "b:2..12 q:1..25 a=q*b", "a/b"}}},

    {{.name = "more1", .tier = "easy", .help = "a comparison, a - b", PRACTISED},
     {{"How many more is {a} than {b}?", "a:1..N b:1..N", "a-b"},
      {"{N} has {a} {T} and {M} has {b}. How many more has {N}?", "a:2..N b:1..N", "a-b"}}},

    {{.name = "price1", .tier = "easy", .help = "a price times or divided by a count", PRACTISED},
     {{"{N} buys {b} {T} at {a} each. What is the price?", "a:2..25 b:2..12", "a*b"},
      {"{b} {T} cost {a}. What does one cost?", "b:2..12 q:1..25 a=q*b", "a/b"}}},

    {{.name = "calc2", .tier = "medium", .share = 2, .help = "a random expression of two operations", PRACTISED},
     {{"What is {=}?", "", "@2"}}},

    {{.name = "calc3", .tier = "medium", .share = 4, .help = "a random expression of three operations", PRACTISED},
     {{"What is {=}?", "", "@"}}},

    {{.name = "word2", .tier = "medium", .share = 2, .help = "two or three operations in words", PRACTISED},
     {{"{N} has {a} {T}, gets {b} more and shares among {c} friends. How many each?", "a:1..N b:1..N c:2..12", "(a+b)/c"},
      {"{N} has {a} boxes with {b} {T} each and gives away {c}. How many are left?", "a:2..12 b:2..25 c:1..N", "a*b-c"},
      {"{N} has {a} {T}, gives away {b} and then {c} more. How many are left?", "a:1..N b:1..N c:1..N", "a-b-c"},
      {"{N} has {a} bags with {b} {T} and {c} boxes with {d} {T}. How many {T}?", "a:2..9 b:2..9 c:2..9 d:2..9",
       "a*b+c*d"}}},

    {{.name = "days2", .tier = "medium", .help = "so much a day for some days, and some more", PRACTISED},
     {{"{N} walks {a} miles a day for {b} days and then {c} more. How many miles?", "a:2..12 b:2..12 c:1..N", "a*b+c"},
      {"{N} reads {a} pages a day. After how many days are {b} pages read, and {c} days later?",
       "a:2..12 q:1..N b=a*q c:1..N", "b/a+c"}}},

    {{.name = "pair2", .tier = "medium", .help = "two amounts, the second told by the first", PRACTISED},
     {{"{N} has {a} {T}. {M} has {b} times as many. How many together?", "a:1..N b:2..9", "a+a*b"},
      {"{N} has {a} {T}. {M} has {b} more. How many together?", "a:1..N b:1..N", "a+(a+b)"},
      {"{N} has {a} {T}. {M} has {b} fewer. How many together?", "a:1..N b:1..N", "a+(a-b)"}}},

    {{.name = "eq1", .help = "an equation of one operation", GENERAL},
     {{"Solve x + {a} = {b}.", "a:1..N b:1..N", "b-a"},
      {"Solve x - {a} = {b}.", "a:1..N b:1..N", "b+a"},
      {"Solve {a} * x = {b}.", "a:2..12 q:1..25 b=a*q", "b/a"},
      {"Solve x / {a} = {b}.", "a:2..12 b:1..25", "b*a"}}},

    {{.name = "eq2", .help = "an equation of two operations", GENERAL},
     {{"Solve {a} * x + {b} = {c}.", "a:2..12 b:1..N c:1..N", "(c-b)/a"},
      {"Solve {a} * x - {b} = {c}.", "a:2..12 b:1..N c:1..N", "(c+b)/a"}}},

    {{.name = "subst", .help = "the value of a formula", GENERAL},
     {{"If x = {a}, what is {b} * x + {c}?", "a:1..25 b:2..12 c:1..N", "b*a+c"},
      {"If x = {a}, what is {b} * x - {c}?", "a:1..25 b:2..12 c:1..N", "b*a-c"}}},

    {{.name = "nextn", .help = "the next number of an even sequence", GENERAL},
     {{"What {follows|comes after|is next in} {a}, {b}, {c}?", "a:1..N d:1..N b=a+d c=b+d", "c+(b-a)"},
      {"What {follows|comes after|is next in} {a}, {b}, {c}?", "a:1..N d:1..N b=a-d c=b-d", "c-(a-b)"}}},

    {{.name = "larger", .help = "the larger of two numbers; no operation", GENERAL},
     {{"Which is larger, {a} or {b}?", "a:0..N b:0..N ?a-b-1", "a"},
      {"Which is larger, {a} or {b}?", "a:0..N b:0..N ?b-a-1", "b"}}},

    {{.name = "least", .help = "the least of three numbers; no operation", GENERAL},
     {{"Which is least, {a}, {b} or {c}?", "a:0..N b:0..N c:0..N ?b-a-1 ?c-a-1", "a"},
      {"Which is least, {a}, {b} or {c}?", "a:0..N b:0..N c:0..N ?a-b-1 ?c-b-1", "b"},
      {"Which is least, {a}, {b} or {c}?", "a:0..N b:0..N c:0..N ?a-c-1 ?b-c-1", "c"}}},

    {{.name = "rem", .share = 2, .help = "the remainder of a division: the quotient must be found", GENERAL},
     {{"What is the remainder of {a} / {b}?", "b:2..9 q:1..N/2 r:0..b-1 a=q*b+r", "a-q*b"},
      {"{a} {T} are packed in boxes of {b}. How many are left over?", "b:2..9 q:1..N/2 r:0..b-1 a=q*b+r", "a-q*b"}}},

    {{.name = "digs", .help = "the sum of the digits of two numbers", GENERAL},
     {{"What is the digit sum of {a}{b} and {c}{d}?", "a:1..9 b:0..9 c:1..9 d:0..9 ?a*10+b ?c*10+d", "(a+b)+(c+d)"}}},

    {{.name = "count", .help = "how many numbers from a to b", GENERAL},
     {{"How many {numbers|pages|rows|seats} from {a} to {b}?", "a:1..N b:1..N", "b-a+1"}}},

    {{.name = "fracof", .help = "a fraction of a number", GENERAL},
     {{"What is {b}/{c} of {a}?", "c:2..12 b:1..c-1 q:1..N a=q*c", "a/c*b"},
      {"{N} eats {b}/{c} of {a} {T}. How many is that?", "c:2..12 b:1..c-1 q:1..N a=q*c", "a/c*b"}}},

    {{.name = "pct", .help = "a percentage of a number, and some more", GENERAL},
     {{"What is 50% of {a}, plus {b}?", "a:1..N b:1..N", "a/2+b"},
      {"What is 25% of {a}, plus {b}?", "a:1..N b:1..N", "a/4+b"},
      {"What is 20% of {a}, plus {b}?", "a:1..N b:1..N", "a/5+b"},
      {"What is 10% of {a}, plus {b}?", "a:1..N b:1..N", "a/10+b"}}},

    {{.name = "fracadd", .help = "the numerator of a sum or difference of like fractions", GENERAL},
     {{"What is the top of {a}/{c} + {b}/{c}?", "c:2..N a:1..N b:1..N", "a+b"},
      {"What is the top of {a}/{c} - {b}/{c}?", "c:2..N a:1..N b:1..N", "a-b"}}},
};
const size_t rp_families_known_count = sizeof rp_families_known / sizeof rp_families_known[0];
