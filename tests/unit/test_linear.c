/* Linear models of several classes, and the features they are made of. */
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/exponential.h"
#include "text/linear.h"
#include "text/ngram.h"

#define N_ROWS 40
#define N_FEATURES 12
#define N_LABELS 5
#define ROW_FEATURES 4

/* Rows of chance, the same in every run. */
struct rows {
	struct linear_row list[N_ROWS];
	uint32_t features[N_ROWS][ROW_FEATURES];
	float values[N_ROWS][ROW_FEATURES];
};

static void
make_rows(struct rows *rows)
{
	uint32_t random = 1;

	for (size_t i = 0; i < N_ROWS; i++) {
		for (size_t k = 0; k < ROW_FEATURES; k++) {
			random = random * 1664525 + 1013904223;
			rows->features[i][k] = (uint32_t)k * 3 + random / 7 % 3;
			rows->values[i][k] =
				(float)(random >> 16) / 65536 - 0.3f;
		}
		rows->list[i] = (struct linear_row){
			.features = rows->features[i],
			.values = rows->values[i],
			.n = ROW_FEATURES,
			.label = random / 64 % N_LABELS,
		};
	}
}

static float
exponential(float x)
{
	return exponentials(quad_of(x))[0];
}

static void
test_exponential_and_logarithm_are_near_the_librarys(void **state)
{
	(void)state;
	for (double x = -86; x < 87; x += 0.37) {
		double e = exp((double)(float)x);
		assert_true(fabs((double)exponential((float)x) - e) < 1e-6 * e);
	}
	for (double x = 1e-30; x < 1e30; x *= 1.7) {
		double l = log((double)(float)x);
		assert_true(fabs((double)logarithm((float)x) - l) <
			    1e-6 * (fabs(l) + 1));
	}
	assert_true(exponential(0) == 1);
	assert_true(exponential(-1000) == 0);
}

/* At the summit the weights are `cost` times the sum over rows of what is
 * missing to the label, along the row. */
static void
check_summit(const struct rows *rows, float cost, float slack)
{
	struct linear model;
	float expected[N_FEATURES][N_LABELS] = {0};

	assert_int_equal(linear_train(&model, rows->list, N_ROWS, N_FEATURES,
				      N_LABELS, cost, 2000),
			 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		float p[N_LABELS];
		linear_scores(&model, &rows->list[i], p);
		linear_softmax(p, N_LABELS, 1);
		for (size_t k = 0; k < ROW_FEATURES; k++)
			for (uint32_t l = 0; l < N_LABELS; l++)
				expected[rows->features[i][k]][l] +=
					cost * rows->values[i][k] *
					((float)(l == rows->list[i].label) -
					 p[l]);
	}
	for (size_t f = 0; f < N_FEATURES; f++)
		for (size_t l = 0; l < N_LABELS; l++)
			assert_true(fabsf(model.weights[f * model.stride + l] -
					  expected[f][l]) < slack);
	linear_release(&model);
}

static void
test_training_ends_where_the_gradient_vanishes(void **state)
{
	struct rows rows;

	(void)state;
	make_rows(&rows);
	check_summit(&rows, 2, 2e-3f);
	/* Steps that are too long would lead away. */
	check_summit(&rows, 50, 5e-2f);
}

static void
test_the_same_rows_give_the_same_bits(void **state)
{
	struct rows rows;
	struct linear first, second;

	(void)state;
	make_rows(&rows);
	assert_int_equal(linear_train(&first, rows.list, N_ROWS, N_FEATURES,
				      N_LABELS, 10, 5),
			 0);
	assert_int_equal(linear_train(&second, rows.list, N_ROWS, N_FEATURES,
				      N_LABELS, 10, 5),
			 0);
	assert_memory_equal(first.weights, second.weights,
			    linear_bytes(&first));
	linear_release(&first);
	linear_release(&second);
}

/* Labels are added up several at a time; those of the last step are fewer. */
static void
test_each_of_many_labels_has_its_score(void **state)
{
	enum { MANY = 37 };
	struct rows rows;
	struct linear model;
	float scores[MANY + 1] = {[MANY] = 5};

	(void)state;
	make_rows(&rows);
	for (uint32_t i = 0; i < N_ROWS; i++)
		rows.list[i].label = i % MANY;
	assert_int_equal(linear_train(&model, rows.list, N_ROWS, N_FEATURES,
				      MANY, 10, 5),
			 0);
	linear_scores(&model, &rows.list[0], scores);
	for (size_t l = 0; l < MANY; l++) {
		float sum = 0;
		for (size_t k = 0; k < ROW_FEATURES; k++)
			sum += rows.values[0][k] *
			       model.weights[rows.features[0][k] *
						     model.stride +
					     l];
		assert_true(sum != 0 && fabsf(scores[l] - sum) < 1e-5f);
	}
	assert_true(scores[MANY] == 5);
	linear_release(&model);
}

static void
test_scores_become_probabilities(void **state)
{
	float scores[3] = {1, 2, 3}, equal[2] = {-500, -500};
	float nine[9] = {-100, 0, 0, -100, 0, 0, 0, -100, 0};

	(void)state;
	linear_softmax(scores, 3, 2);
	assert_true(fabsf(scores[0] + scores[1] + scores[2] - 1) < 1e-6f);
	assert_true(fabsf(scores[2] / scores[1] - expf(2)) < 1e-4f);
	linear_softmax(equal, 2, 1);
	assert_true(equal[0] == 0.5f);
	linear_softmax(nine, 9, 1);
	assert_true(nine[0] == 0 && nine[7] == 0);
	assert_true(fabsf(nine[1] - 1.0f / 6) < 1e-6f && nine[1] == nine[8]);
}

/* Scores (0, 1), right three times of four: the odds are 3, the scale ln 3. */
static void
test_the_scale_makes_probabilities_true(void **state)
{
	const float scores[] = {0, 1, 0, 1, 0, 1, 0, 1};
	const uint32_t labels[] = {1, 1, 0, 1};
	const uint32_t always[] = {1, 1, 1, 1};

	(void)state;
	assert_true(fabsf(linear_fit_scale(scores, labels, 4, 2) - logf(3)) <
		    1e-3f);
	assert_true(linear_fit_scale(scores, always, 4, 2) > 9.9f);
	assert_true(linear_fit_scale(scores, labels, 0, 2) == 1);
}

static void
test_a_word_has_runs_of_its_bytes(void **state)
{
	struct ngrams ngrams = {0};

	(void)state;
	/* <a ab b> <ab ab> <ab> */
	assert_int_equal(ngrams_add_runs(&ngrams, "ab"), 0);
	ngrams_join(&ngrams, 0);
	assert_int_equal(ngrams.n, 6);
	ngrams_clear(&ngrams);
	/* <a aa a> <aa aaa(2) aa> ...: equal ones are counted. */
	assert_int_equal(ngrams_add_runs(&ngrams, "aaa"), 0);
	size_t added = ngrams.n;
	ngrams_join(&ngrams, 0);
	assert_int_equal(ngrams.n, added - 1);
	float most = 0;
	for (size_t i = 0; i < ngrams.n; i++)
		most = ngrams.list[i].count > most ? ngrams.list[i].count
						   : most;
	assert_true(most == 2);
	ngrams_release(&ngrams);
}

static void
test_kinds_of_features_are_told_apart(void **state)
{
	struct ngrams ngrams = {0};

	(void)state;
	ngrams_add_word(&ngrams, "lost card", NULL);
	ngrams_add_word(&ngrams, "lost", "card");
	ngrams_add_word(&ngrams, "card", "lost");
	ngrams_add_word(&ngrams, "lostcard", NULL);
	ngrams_add_word(&ngrams, "lost", NULL);
	ngrams_add_word(&ngrams, "lost", "");
	ngrams_join(&ngrams, 0);
	assert_int_equal(ngrams.n, 6);
	/* What stands before `first` is left as it is. */
	ngrams_add_word(&ngrams, "lost", NULL);
	ngrams_join(&ngrams, 6);
	assert_int_equal(ngrams.n, 7);
	ngrams_release(&ngrams);
}

static void
test_long_words_have_a_bound(void **state)
{
	struct ngrams ngrams = {0};
	char word[10000];

	(void)state;
	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	assert_int_equal(ngrams_add_runs(&ngrams, word), 0);
	assert_true(ngrams.n <= (NGRAM_BYTES_MAX - NGRAM_BYTES_MIN + 1) *
					(NGRAM_WORD_MAX + 2));
	assert_int_equal(ngrams_add_runs(&ngrams, ""), 0);
	ngrams_join(&ngrams, ngrams.n);
	ngrams_release(&ngrams);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_exponential_and_logarithm_are_near_the_librarys),
		cmocka_unit_test(
			test_training_ends_where_the_gradient_vanishes),
		cmocka_unit_test(test_the_same_rows_give_the_same_bits),
		cmocka_unit_test(test_each_of_many_labels_has_its_score),
		cmocka_unit_test(test_scores_become_probabilities),
		cmocka_unit_test(test_the_scale_makes_probabilities_true),
		cmocka_unit_test(test_a_word_has_runs_of_its_bytes),
		cmocka_unit_test(test_kinds_of_features_are_told_apart),
		cmocka_unit_test(test_long_words_have_a_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
