/* What a BLAS makes of this machine, to set the generator's figures beside.
 *
 *   bench_blas LIBRARY [THREADS]
 *
 * LIBRARY is a libopenblas.so.0, which is loaded by path, as the generator does
 * not need it.  GFLOP/s of sgemm for the widest matrix of distilgpt2 with 512
 * rows and for a square one, and GB/s of sgemv, the best of several. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

#define REPETITIONS 12

/* The values of enum CBLAS_ORDER and enum CBLAS_TRANSPOSE. */
#define ROW_MAJOR 101
#define NO_TRANS 111

typedef void sgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k,
		      float alpha, const float *a, int lda, const float *b,
		      int ldb, float beta, float *c, int ldc);
typedef void sgemv_fn(int order, int trans, int m, int n, float alpha,
		      const float *a, int lda, const float *x, int x_stride,
		      float beta, float *y, int y_stride);
typedef void set_threads_fn(int n);

struct blas {
	sgemm_fn *sgemm;
	sgemv_fn *sgemv;
	set_threads_fn *set_threads;
};

static void
fail(const char *words)
{
	fprintf(stderr, "bench_blas: %s\n", words);
	exit(1);
}

static void
load(struct blas *blas, const char *path)
{
	void *library = dlopen(path, RTLD_NOW);

	if (!library)
		fail(dlerror());
	*(void **)(void *)&blas->sgemm = dlsym(library, "cblas_sgemm");
	*(void **)(void *)&blas->sgemv = dlsym(library, "cblas_sgemv");
	*(void **)(void *)&blas->set_threads =
		dlsym(library, "openblas_set_num_threads");
	if (!blas->sgemm || !blas->sgemv || !blas->set_threads)
		fail("the library is not OpenBLAS");
}

static float *
make_matrix(int rows, int columns)
{
	size_t n = (size_t)rows * (size_t)columns;
	float *numbers = mem_array(n, sizeof *numbers);

	if (!numbers)
		mem_exhausted();
	for (size_t i = 0; i < n; i++)
		numbers[i] = (float)(i % 13) - 6;
	return numbers;
}

static void
time_sgemm(const struct blas *blas, int m, int n, int k)
{
	float *a = make_matrix(m, k), *b = make_matrix(k, n);
	float *c = make_matrix(m, n);
	double best = 0;

	for (int i = 0; i < REPETITIONS; i++) {
		int64_t start = time_mono_us();
		blas->sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, m, n, k, 1, a, k, b,
			    n, 0, c, n);
		double rate =
			2e-3 * m * n * k / (double)(time_mono_us() - start);
		best = rate > best ? rate : best;
	}
	printf("sgemm (%d, %d) x (%d, %d): %.0f GFLOP/s\n", m, k, k, n, best);
	free(a);
	free(b);
	free(c);
}

static void
time_sgemv(const struct blas *blas, int m, int n)
{
	float *a = make_matrix(m, n), *x = make_matrix(n, 1);
	float *y = make_matrix(m, 1);
	double best = 0;

	for (int i = 0; i < REPETITIONS; i++) {
		int64_t start = time_mono_us();
		blas->sgemv(ROW_MAJOR, NO_TRANS, m, n, 1, a, n, x, 1, 0, y, 1);
		double rate = 4e-3 * m * n / (double)(time_mono_us() - start);
		best = rate > best ? rate : best;
	}
	printf("sgemv (%d, %d): %.1f GB/s\n", m, n, best);
	free(a);
	free(x);
	free(y);
}

int
main(int argc, char **argv)
{
	struct blas blas;

	if (argc < 2)
		fail("which library?");
	load(&blas, argv[1]);
	blas.set_threads(argc > 2 ? (int)strtol(argv[2], NULL, 10) : 2);
	time_sgemm(&blas, 512, 3072, 768);
	time_sgemm(&blas, 2048, 2048, 2048);
	time_sgemv(&blas, 50257, 768);
	return 0;
}
