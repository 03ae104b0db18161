/* SPDX-License-Identifier: MIT
 *
 * kernels.h — the mathematics of a transformer as functions on buffers, in the order of a block; forward, then backward.
 *
 * A kernel is pure: it cannot fail, allocates nothing, reads its inputs and writes its outputs. Shapes are written (rows,
 * columns), row-major; `ld…` is the distance between rows in values where a matrix may be a slice of a wider one. The
 * gradient of the loss with respect to x is dx; gradients are accumulated (+=) unless the text says otherwise, so the caller
 * clears them first. Buffers must not overlap unless the text says they may.
 *
 * Order   Every sum has an order that is fixed by the shapes alone. Kernels run on the calling thread; the model layer
 *         spreads tiles of fixed size over threads, hence results have the same bits for any number of threads. The few
 *         kernels that thread by themselves (reduce, adamw) cut their input in pieces that do not depend on the threads.
 * Speed   Inner loops are written so that compilers turn them into vector code: sums run in 32 lanes that are added as a
 *         binary tree at the end, and exp is a polynomial in f32 (src/kernels/lanes.h). What costs the most, the matrix
 *         product, has three implementations of one definition; the next chapter says which one runs.
 */
#ifndef REPHRASE_KERNELS_H
#define REPHRASE_KERNELS_H

#include <rephrase/base.h>
#include <rephrase/real.h>

/* ---- Matrix products ----------------------------------------------------------------------------------------------
 *
 * Three products carry a transformer: y = x wᵀ (forward), dx = dy w and dw = dyᵀ x (backward). Three implementations:
 *
 *   plain   the loops that define the product; slow, for tests and for reading
 *   tiled   portable C with register tiles over panels of w (panel.c); as fast as the compiler's vector code
 *   blas    OpenBLAS, one thread per call (blas.c, the only file that names it)
 *
 * By default blas is used where it was built in and the core it picked for this CPU has wider vectors than the code of this
 * program was compiled for; otherwise tiled. (An OpenBLAS older than the CPU may fall back to a core of 2005.) The choice
 * depends on machine and build alone, so runs stay repeatable.
 */
typedef enum rp_products { RP_PRODUCTS_PLAIN, RP_PRODUCTS_TILED, RP_PRODUCTS_BLAS } rp_products;

/* rp_product_nt — y (M,N) = x (M,K) · w (N,K)ᵀ          (+= when accumulate)
 *   Order   k ascending in plain and tiled; OpenBLAS's own, the same at every call, in blas
 *   Threads blas: call inside an OpenMP parallel region, or with one thread; rp_products_prepare explains */
void rp_product_nt(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                   bool accumulate);
/* rp_product_nn — y (M,N) = x (M,K) · w (K,N) */
void rp_product_nn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                   bool accumulate);
/* rp_product_tn — y (M,N) = x (K,M)ᵀ · w (K,N) */
void rp_product_tn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                   bool accumulate);

/* Chooses the implementation (once, unless rp_products_use came first) and returns it. Products call it themselves; programs
 * call it to report. A pthread build of OpenBLAS, and any build when this program has no OpenMP, is told to use one thread;
 * the OpenMP build is left alone because it is single-threaded inside a parallel region by itself. */
rp_products rp_products_prepare(void);
/* Sets the implementation, for tests and benchmarks. False when it is not built in. Not while other threads compute. */
bool rp_products_use(rp_products kind);
const char *rp_products_name(rp_products kind); /* "plain loops", "tiled loops", "OpenBLAS" */
/* Facts about the BLAS library for the program's banner: the core it picked ("none" when not built in), whether the
 * environment variable OPENBLAS_CORETYPE forced it, and how its vectors compare with this program's. */
typedef enum rp_width { RP_NARROWER, RP_AS_WIDE, RP_WIDER } rp_width;
typedef struct rp_blas_facts {
    const char *core;
    bool forced;
    rp_width vectors;
} rp_blas_facts;
rp_blas_facts rp_blas_look(void);

/* Panels: w (N,K) repacked so that the product reads it in order: panel p holds columns j = pP … pP+P-1 of wᵀ as (K,P),
 * P = rp_panel_width(), the last one filled up with zeros.
 *   Order   y[m][n] sums k ascending, each step one fused multiply-add where the CPU has it: the same bits for any M, so a
 *           row's result does not depend on the rows it is computed with */
size_t rp_panel_width(void);
size_t rp_panel_number(size_t N);           /* panels for N columns */
size_t rp_panel_values(size_t N, size_t K); /* values they take */
/* Packs panels first … last-1; panels points to panel 0. */
void rp_panel_pack(real *panels, const real *w, size_t ldw, size_t N, size_t K, size_t first, size_t last);
/* y (M, N) = x (M,K) wᵀ, for the columns of panels first … last-1 only   (+= when accumulate) */
void rp_panel_product(real *y, size_t ldy, const real *x, size_t ldx, const real *panels, size_t M, size_t N, size_t K,
                      size_t first, size_t last, bool accumulate);

/* The same with every weight rounded to bfloat16, 16 bits with the exponent of a float: half the memory to read. Products with
 * the rounded weights have the bits that rp_panel_product gives for them. */
typedef uint16_t rp_bf16;
void rp_panel_pack_bf16(rp_bf16 *panels, const real *w, size_t ldw, size_t N, size_t K, size_t first, size_t last);
void rp_panel_product_bf16(real *y, size_t ldy, const real *x, size_t ldx, const rp_bf16 *panels, size_t M, size_t N,
                           size_t K, size_t first, size_t last, bool accumulate);

/* ---- Linear layer -------------------------------------------------------------------------------------------------
 * y = x wᵀ + b;  dx = dy w;  dw += dyᵀ x;  db += Σ_t dy */

/* rp_linear_forward — x (T,in)  w (out,in)  bias (out) or NULL  y (T,out).  panels: w as panels, or NULL */
void rp_linear_forward(real *y, const real *x, const real *w, const real *panels, const real *bias, size_t T, size_t out,
                       size_t in, bool accumulate);
/* rp_linear_backward_input — dx (T,in) = dy (T,out) · w (out,in)      (overwrites dx) */
void rp_linear_backward_input(real *dx, const real *dy, const real *w, size_t T, size_t out, size_t in);
/* rp_linear_backward_weight — rows first … last-1 of dw (out,in) += dyᵀ x, and of dbias (out) or NULL
 *   Order   t as the product sums it: all rows T in one call, so that the result does not depend on a partition */
void rp_linear_backward_weight(real *dw, real *dbias, const real *dy, const real *x, size_t T, size_t out, size_t in,
                               size_t first, size_t last);

/* ---- Embedding ------------------------------------------------------------------------------------------------- */

/* rp_embedding_forward — y[t] = E[id[t]]        E (V,C)  y (T,C) */
void rp_embedding_forward(real *y, const real *E, const int32_t *id, size_t T, size_t C);
/* rp_embedding_backward — dE[id[t]] += dy[t] for the columns first … last-1;  t ascending */
void rp_embedding_backward(real *dE, const real *dy, const int32_t *id, size_t T, size_t C, size_t first, size_t last);

/* ---- RMSNorm --------------------------------------------------------------------------------------------------- */

/* rp_rmsnorm_forward — scale every row to root mean square 1, then by w
 *   Eq      [zhang2019]  y = x r ∘ w,   r = 1/√( (1/C) Σ_i x_i² + ε )
 *   Shape   x,y (T,C)  w (C)  r (T), kept for backward, or NULL
 *   Alias   y may equal x */
void rp_rmsnorm_forward(real *y, size_t ldy, real *r, const real *x, size_t ldx, const real *w, real epsilon, size_t T,
                        size_t C);
/* rp_rmsnorm_backward — through the scale and the root
 *   Eq      dx_i = base_i + r w_i dy_i − x_i r³/C Σ_j w_j dy_j x_j;   y_i = x_i r w_i once more, when y is not NULL
 *   Grad    accumulates when base is dx; base is what flows around the block when it is another buffer
 *   Shape   base has the row distance of dx, y that of dy */
void rp_rmsnorm_backward(real *dx, const real *base, size_t lddx, real *y, const real *dy, size_t lddy, const real *x,
                         size_t ldx, const real *w, const real *r, size_t T, size_t C);
/* rp_rmsnorm_backward_weight — dw_i += Σ_t dy_ti x_ti r_t for the columns first … last-1;  t ascending. ldr: between r's */
void rp_rmsnorm_backward_weight(real *dw, const real *dy, size_t lddy, const real *x, size_t ldx, const real *r, size_t ldr,
                                size_t T, size_t first, size_t last);

/* ---- Rotary positions ---------------------------------------------------------------------------------------------
 *
 * Pair i of a head of size D is (x_i, x_{i+D/2}), the "half rotation" of Hugging Face checkpoints; it turns by the angle
 * position · ω_i with ω_i = θ^(−2i/D). (Meta's own and GGUF llama files pair (x_2i, x_2i+1); loading permutes their rows.)
 */
typedef struct rp_rope {
    double theta;
    double factor; /* linear scaling: ω_i / factor; 1 = none */
    bool llama3;   /* the scaling of Llama 3.1: slow frequencies / factor, fast ones unchanged, a ramp between */
    double low_freq_factor, high_freq_factor, original_context;
    /* YaRN [peng2023]: as llama3, but the ramp runs over the number of the pair, between the pairs that turn beta_fast and
     * beta_slow times within original_context; and both tables are multiplied by `attention`. */
    bool yarn;
    double beta_fast, beta_slow, attention;
    bool whole_bounds; /* YaRN's bounds are widened to whole numbers of pairs, as in transformers and llama.cpp */
} rp_rope;

/* Angle per position of pair i, i < D/2, with the scaling applied. */
double rp_rope_frequency(const rp_rope *rope, size_t i, size_t D);
/* rp_rope_table — cosine, sine (T,D/2) of the angles at positions 0 … T-1, computed in double */
void rp_rope_table(real *cosine, real *sine, const rp_rope *rope, size_t T, size_t D);
/* rp_rope_forward — x[t] is `heads` heads of D values, rotated in place by position[t]
 *   Eq      [su2021]  (x_i, x_{i+D/2}) ← (x_i c − x_{i+D/2} s,  x_{i+D/2} c + x_i s) */
void rp_rope_forward(real *x, size_t ldx, const uint32_t *position, const real *cosine, const real *sine, size_t T,
                     size_t heads, size_t D);
/* rp_rope_backward — the transposed rotation (by minus the angle), in place */
void rp_rope_backward(real *dx, size_t lddx, const uint32_t *position, const real *cosine, const real *sine, size_t T,
                      size_t heads, size_t D);

/* ---- Attention ----------------------------------------------------------------------------------------------------
 *
 * One key/value head of one sequence at a time with the G query heads that share it, 64 queries at a time: the scores of a
 * tile of queries fit a cache, no (T,T) buffer exists.
 *   Shape   q,o (T,GD): head g at column gD   k,v (T,D)   lse (T,G), kept for backward; ld… between rows of each
 */
/* Values of scratch that forward and backward need for sequences of up to T rows and heads of size D. */
size_t rp_attention_scratch(size_t T, size_t D);
/* rp_attention_forward — causal softmax attention
 *   Eq      [vaswani2017, eq. 1]  o_i = Σ_{j≤i} p_ij v_j,   p_ij = exp(q_i·k_j/√D − lse_i),
 *           lse_i = log Σ_{j≤i} exp(q_i·k_j/√D) */
void rp_attention_forward(real *o, size_t ldo, real *lse, size_t ldl, const real *q, size_t ldq, const real *k,
                          const real *v, size_t ldkv, size_t T, size_t G, size_t D, real *scratch);
/* rp_attention_backward — the probabilities are computed again from lse
 *   Eq      δ_i = do_i·o_i;  dp_ij = do_i·v_j;  ds_ij = p_ij (dp_ij − δ_i)
 *   Grad    dq_i += Σ_j ds_ij k_j/√D;  dk_j += Σ_i ds_ij q_i/√D;  dv_j += Σ_i p_ij do_i;  query heads in order */
void rp_attention_backward(real *dq, real *dk, real *dv, size_t lddqkv, const real *dout, size_t lddo, const real *o,
                           size_t ldo, const real *lse, size_t ldl, const real *q, size_t ldq, const real *k, const real *v,
                           size_t ldkv, size_t T, size_t G, size_t D, real *scratch);

/* A key/value cache in pages of RP_PAGE positions. What a page holds of one key/value head is a leaf of 2·RP_PAGE·D values:
 * the keys as (D,RP_PAGE), so that one query meets 32 keys at once, then the values as (RP_PAGE,D). */
enum { RP_PAGE = 32 };
/* Puts k, v (D) of one position into its leaf. slot = position % RP_PAGE */
void rp_page_store(real *leaf, size_t slot, const real *k, const real *v, size_t D);
/* rp_page_attend — o_g = attention of query g to positions 0 … length-1 of the cache, g < G
 *   Shape   q,o (G,D): the query heads that share this key/value head; leaf of page i is pool + page[i]·stride
 *           scratch: G · (length rounded up to RP_PAGE) values
 *   Order   d ascending, then positions ascending; independent of G */
void rp_page_attend(real *o, const real *q, size_t G, const real *pool, const uint32_t *page, size_t stride, size_t length,
                    size_t D, real *scratch);

/* ---- SwiGLU ---------------------------------------------------------------------------------------------------- */

/* rp_swiglu_forward — s = silu(g) ∘ u
 *   Eq      [shazeer2020]  silu(g) = g σ(g),  σ(g) = 1/(1+exp(−g))
 *   Shape   gu (T,2F): a row is gate (F), then up (F)   s (T,F) */
void rp_swiglu_forward(real *s, const real *gu, size_t T, size_t F);
/* rp_swiglu_backward — dgu (T,2F) and s (T,F), which is computed once more, are overwritten
 *   Eq      dg = ds u (σ + g σ (1−σ));   du = ds g σ;   s = g σ u */
void rp_swiglu_backward(real *dgu, real *s, const real *ds, const real *gu, size_t T, size_t F);

/* ---- Log-probabilities --------------------------------------------------------------------------------------------
 *
 * With a_j = z_j/τ, m = max_j z_j and S = log Σ_j exp(a_j − m/τ):  log p_j = (z_j − m)/τ − S.
 */
/* What backward needs to know of a row of logits. */
typedef struct rp_logit_row {
    real max, log_sum, entropy;
} rp_logit_row;

/* rp_logprob_forward — log-probability of the target and the entropy
 * Eq      logp_t = log p_target;   H = − Σ_j p_j log p_j = S − (Σ_j e_j (z_j−m)/τ) / (Σ_j e_j),  e_j = exp((z_j−m)/τ)
 *   Shape   z (T,V)  target (T)  logp (T)  row (T), kept for backward
 *   Unit    nats */
void rp_logprob_forward(real *logp, rp_logit_row *row, const real *z, size_t ldz, const int32_t *target, size_t T, size_t V,
                        real temperature);
/* rp_logprob_backward — turns z into dz in place, given dlogp (T) and dentropy (T) or NULL
 *   Eq      dz_j = [ dlogp (1[j = target] − p_j) − dH p_j (log p_j + H) ] / τ */
void rp_logprob_backward(real *z, size_t ldz, const rp_logit_row *row, const int32_t *target, const real *dlogp,
                         const real *dentropy, size_t T, size_t V, real temperature);
/* Index of the largest value, the lowest among equals; n >= 1. NaN counts as smaller than anything. */
size_t rp_argmax(const real *x, size_t n);
/* x_i ← exp((x_i − m) scale), and the sum of them in double. */
double rp_exp_in_place(real *x, size_t n, real m, real scale);
/* The first index whose running sum of p exceeds target (p >= 0); the last one with p > 0 when rounding leaves none.
 *   Order   pieces of 1024 in lanes, then one by one in double within the piece */
size_t rp_pick(const real *p, size_t n, double target);
/* One exponential as the vector loops compute it. In f32: at most 1.5 units in the last place. */
real rp_exp(real x);

/* ---- Sums ------------------------------------------------------------------------------------------------------ */

/* Σ x and Σ x² in double: 256 pieces fixed by n, each in 32 lanes, added in order. Threads share the pieces. */
double rp_sum(const real *x, size_t n);
double rp_sum_squares(const real *x, size_t n);
/* The factor that brings a gradient of this norm down to max_norm: min(1, max_norm/norm); 1 when max_norm is 0 (off). */
double rp_clip_factor(double norm, double max_norm);

/* ---- AdamW ----------------------------------------------------------------------------------------------------- */

typedef enum rp_lr_schedule { RP_LR_CONSTANT, RP_LR_COSINE, RP_LR_LINEAR } rp_lr_schedule;
typedef struct rp_optimizer { /* AdamW's settings, from the recipe to the kernel */
    double learning_rate;     /* in a recipe the peak of the schedule; in a call of the kernel that of the step */
    double beta1, beta2, epsilon;
    double weight_decay;
    double max_grad_norm;             /* of the global gradient; 0 = off */
    rp_lr_schedule lr_scheduler_type; /* after the warm-up, down to min_lr_ratio × learning_rate */
    double min_lr_ratio;
    int64_t warmup_steps, steps;
} rp_optimizer;
/* rp_learning_rate — that of a step, from 0
 *   Eq      step < warmup: peak (step+1)/warmup;  after it peak (r + (1−r) f),  r = min_lr_ratio, f = 1, (1+cos πd)/2 or 1−d,
 *           d = (step−warmup)/(steps−warmup) held to 0..1 */
double rp_learning_rate(const rp_optimizer *optimizer, int64_t step);
/* rp_adamw_update — one step of n parameters that share the decay flag
 *   Eq      [loshchilov2019, alg. 2]  g ← clip·g;  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²
 *           w ← w (1 − η·decay) − η · m̂/(√v̂ + ε),   m̂ = m/(1−β₁ᵗ),  v̂ = v/(1−β₂ᵗ);  η = learning_rate
 *   Shape   w,m,v,g (n)      step t counts from 1
 *   Order   elementwise; threads share pieces of n */
void rp_adamw_update(real *w, real *m, real *v, const real *g, size_t n, const rp_optimizer *optimizer, int64_t step,
                     double clip, bool decay);

#endif
