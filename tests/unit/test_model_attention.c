/* Attention: the plain kernels against double loops, each other set against
 * the plain one over all shapes, and that a row has the same bits in whatever
 * company. */
#include "test.h"

#include <math.h>

#include "kernel_fixture.h"

#define POSITIONS 50

/* Keys and values of one head, as the kernels keep them and as they were. */
struct head {
	int width;
	enum kv_type type;
	float *key, *value; /* (POSITIONS, width) */
	void *keys[4], *values[4];
};

/* Room for keys, or values, of one block in any type. */
static size_t
head_bytes(size_t padded)
{
	return KV_SCALES_BYTES + KV_BLOCK * padded * sizeof(float);
}

static void
head_init(struct head *head, const struct kernels *set, enum kv_type type,
	  int width)
{
	struct chance chance = {(uint64_t)width};
	size_t padded = (size_t)round_up(width, STRIP_ROWS);
	size_t size = POSITIONS * (size_t)width;

	*head = (struct head){width,
			      type,
			      normal_floats(&chance, size),
			      normal_floats(&chance, size),
			      {0},
			      {0}};
	for (int b = 0; b < 4; b++) {
		head->keys[b] = aligned_zeros(head_bytes(padded));
		head->values[b] = aligned_zeros(head_bytes(padded));
	}
	for (int t = 0; t < POSITIONS; t++)
		set->keep[type](head->keys[t / KV_BLOCK],
				head->values[t / KV_BLOCK],
				head->key + t * width, head->value + t * width,
				width, t);
}

static void
head_release(struct head *head)
{
	for (int b = 0; b < 4; b++) {
		free(head->keys[b]);
		free(head->values[b]);
	}
	free(head->key);
	free(head->value);
}

static void
naive_attention(const struct head *head, const float *query, int position,
		double *out)
{
	double weights[POSITIONS], sum = 0;

	for (int t = 0; t <= position; t++) {
		double score = 0;
		for (int d = 0; d < head->width; d++)
			score += (double)query[d] *
				 (double)head->key[t * head->width + d];
		weights[t] = exp(score / sqrt(head->width));
		sum += weights[t];
	}
	for (int d = 0; d < head->width; d++) {
		out[d] = 0;
		for (int t = 0; t <= position; t++)
			out[d] += weights[t] / sum *
				  (double)head->value[t * head->width + d];
	}
}

static void
attend(const struct kernels *set, const struct head *head, const float *queries,
       int position, int n, float *out)
{
	size_t padded = (size_t)round_up(head->width, STRIP_ROWS);
	struct attention attention = {
		.width = head->width,
		.keys = (const void *const *)head->keys,
		.values = (const void *const *)head->values,
		.queries = queries,
		.out = out,
		.query_stride = (size_t)head->width,
		.out_stride = (size_t)head->width,
		.position = position,
		.n = n,
		.scores = aligned_zeros(sizeof(float) * ATTENTION_ROWS * 64),
		.sums = aligned_zeros(sizeof(float) * ATTENTION_ROWS * padded),
	};

	set->attend[head->type](&attention);
	free(attention.scores);
	free(attention.sums);
}

/* Against doubles; and against the plain kernels, where whole numbers may
 * differ by one where they are rounded. */
static const double error_of[N_KV_TYPES] = {1e-5, 4e-3, 0.05};
static const double error_of_set[N_KV_TYPES] = {1e-5, 1e-5, 4e-3};

/* Every set keeps the same bytes, so that what one has kept another reads. */
static void
expect_same_kept(const struct head *a, const struct head *b)
{
	size_t padded = (size_t)round_up(a->width, STRIP_ROWS);

	for (int i = 0; i < 4; i++) {
		assert_memory_equal(a->keys[i], b->keys[i], head_bytes(padded));
		assert_memory_equal(a->values[i], b->values[i],
				    head_bytes(padded));
	}
}

static void
expect_plain_attention(const struct head *head, const float *queries,
		       const float *all)
{
	size_t size = POSITIONS * (size_t)head->width;
	float *plain = aligned_zeros(size * sizeof *plain);
	struct head plain_head;

	head_init(&plain_head, &kernels_plain, head->type, head->width);
	attend(&kernels_plain, &plain_head, queries, 0, POSITIONS, plain);
	expect_same_kept(head, &plain_head);
	for (size_t i = 0; i < size; i++)
		assert_true(fabs((double)all[i] - (double)plain[i]) <=
			    error_of_set[head->type]);
	head_release(&plain_head);
	free(plain);
}

static void
expect_attention(const struct kernels *set, enum kv_type type, int width)
{
	struct head head;
	struct chance chance = {3};
	size_t size = POSITIONS * (size_t)width;
	float *queries = normal_floats(&chance, size);
	float *all = aligned_zeros(size * sizeof *all);
	float *some = aligned_zeros(size * sizeof *some);
	double *want = aligned_zeros((size_t)width * sizeof *want);

	head_init(&head, set, type, width);
	attend(set, &head, queries, 0, POSITIONS, all);
	for (int t = 0; t < POSITIONS; t++) {
		naive_attention(&head, queries + t * width, t, want);
		for (int d = 0; d < width; d++)
			assert_true(fabs((double)all[t * width + d] - want[d]) <
				    error_of[type]);
	}
	expect_plain_attention(&head, queries, all);
	/* A chunk that begins anywhere, of any length, has the same bits. */
	for (int first = 0; first < POSITIONS; first++)
		for (int n = 1; first + n <= POSITIONS && n < 10; n++) {
			attend(set, &head, queries + first * width, first, n,
			       some);
			assert_memory_equal(some, all + first * width,
					    (size_t)(n * width) * sizeof *all);
		}
	head_release(&head);
	free(queries);
	free(all);
	free(some);
	free(want);
}

static void
expect_attentions(const struct kernels *set)
{
	static const int widths[] = {1, 5, 16, 24, 64, 100};

	for (enum kv_type type = 0; type < N_KV_TYPES; type++)
		for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
			expect_attention(set, type, widths[i]);
}

static void
test_attention_sees_what_was_before(void **state)
{
	(void)state;
	for_each_set(expect_attentions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attention_sees_what_was_before),
	};

	return cmocka_run_group_tests_name("model_attention", tests, NULL,
					   NULL);
}
