/* SPDX-License-Identifier: MIT
 *
 * blas.c — the three matrix products by OpenBLAS; the only file that names it.
 *
 * Threads are ours, not the library's: every call computes a tile on one thread, so that results do not depend on how many
 * there are. The OpenMP build of OpenBLAS is single-threaded inside a parallel region and follows omp_get_max_threads
 * outside of one; the model layer calls products inside only. A pthread build would start threads of its own below each of
 * ours and is told not to; so is any build when this program was compiled without OpenMP.
 */
#include "products.h"

#include <stdlib.h>
#include <string.h>

#ifdef RP_HAVE_OPENBLAS
#include <cblas.h>

#if RP_PRECISION == 32
#define gemm cblas_sgemm
#else
#define gemm cblas_dgemm
#endif

static void blas_nt(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                    bool accumulate) {
    gemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)M, (blasint)N, (blasint)K, 1, x, (blasint)ldx, w, (blasint)ldw,
         accumulate, y, (blasint)ldy);
}

static void blas_nn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                    bool accumulate) {
    gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)M, (blasint)N, (blasint)K, 1, x, (blasint)ldx, w, (blasint)ldw,
         accumulate, y, (blasint)ldy);
}

static void blas_tn(real *y, size_t ldy, const real *x, size_t ldx, const real *w, size_t ldw, size_t M, size_t N, size_t K,
                    bool accumulate) {
    gemm(CblasRowMajor, CblasTrans, CblasNoTrans, (blasint)M, (blasint)N, (blasint)K, 1, x, (blasint)ldx, w, (blasint)ldw,
         accumulate, y, (blasint)ldy);
}

const products rp_blas_products = {"OpenBLAS", blas_nt, blas_nn, blas_tn};

void rp_blas_single_thread(void) {
    const int pthreads = 1; /* openblas_get_parallel: 0 sequential, 1 pthreads, 2 OpenMP */
#ifdef _OPENMP
    if (openblas_get_parallel() == pthreads) openblas_set_num_threads(1);
#else
    (void)pthreads;
    openblas_set_num_threads(1);
#endif
}

/* Width in bytes of the vectors that a core's matrix kernels use; cores not listed (of the x86 family: SSE ones) have 16.
 */
static int core_vector_bytes(const char *core) {
    static const struct {
        const char *name;
        int bytes;
    } cores[] = {{"SkylakeX", 64},    {"Cooperlake", 64}, {"Sapphirerapids", 64}, {"Haswell", 32},     {"Zen", 32},
                 {"Sandybridge", 32}, {"Bulldozer", 32},  {"Piledriver", 32},     {"Steamroller", 32}, {"Excavator", 32}};
    for (size_t i = 0; i < sizeof cores / sizeof *cores; i++)
        if (strcmp(core, cores[i].name) == 0) return cores[i].bytes;
    return 16;
}

#if defined(__AVX512F__)
enum { OUR_VECTOR_BYTES = 64 };
#elif defined(__AVX2__)
enum { OUR_VECTOR_BYTES = 32 };
#else
enum { OUR_VECTOR_BYTES = 16 };
#endif

rp_blas_facts rp_blas_look(void) {
    const char *core = openblas_get_corename();
    const char *forced = getenv("OPENBLAS_CORETYPE");
    const int theirs = core_vector_bytes(core);
    const rp_width vectors = theirs < OUR_VECTOR_BYTES ? RP_NARROWER : theirs == OUR_VECTOR_BYTES ? RP_AS_WIDE : RP_WIDER;
    return (rp_blas_facts){core, forced && *forced, vectors};
}

#else

const products rp_blas_products = {"OpenBLAS", NULL, NULL, NULL};

void rp_blas_single_thread(void) {}

rp_blas_facts rp_blas_look(void) {
    return (rp_blas_facts){"none", false, RP_NARROWER};
}

#endif
