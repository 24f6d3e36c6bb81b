#include "test.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/metric.h"

#define N_THREADS 4
#define N_EACH 20000

static void
assert_renders(const char *expected)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(metric_render(&out), 0);
	if (!strstr(buf_str(&out), expected))
		fail_msg("'%s' is not in\n%s", expected, buf_str(&out));
	buf_release(&out);
}

static void
test_same_name_and_labels_are_the_same_metric(void **state)
{
	char name[] = "same_total", labels[] = "a=\"b\"";
	struct metric *metric = metric_get(METRIC_COUNTER, name, "h", labels);

	(void)state;
	name[0] = labels[0] = 'x';
	assert_ptr_equal(
		metric_get(METRIC_COUNTER, "same_total", "h", "a=\"b\""),
		metric);
	assert_ptr_not_equal(metric_get(METRIC_COUNTER, "same_total", "h", ""),
			     metric);
}

static void
test_counter_never_falls(void **state)
{
	struct metric *metric = metric_get(METRIC_COUNTER, "up_total", "h", "");

	(void)state;
	metric_add(metric, 2.5);
	metric_add(metric, -1);
	metric_add(metric, NAN);
	metric_add(metric, INFINITY);
	assert_float_equal(metric_value(metric), 2.5, 0);
}

static void
test_gauge_rises_and_falls(void **state)
{
	struct metric *metric = metric_get(METRIC_GAUGE, "level", "h", "");

	(void)state;
	metric_set(metric, 10);
	metric_add(metric, -12);
	metric_set(metric, NAN);
	assert_float_equal(metric_value(metric), -2, 0);
}

static void
test_series_are_sorted_under_one_heading(void **state)
{
	(void)state;
	metric_add(metric_get(METRIC_COUNTER, "z_total", "Zs.", "c=\"web\""),
		   1000000);
	metric_add(metric_get(METRIC_COUNTER, "z_total", "Zs.", "c=\"mail\""),
		   0.1);
	metric_set(metric_get(METRIC_GAUGE, "y", "Ys.", ""), 1.0 / 3);
	assert_renders("# HELP y Ys.\n"
		       "# TYPE y gauge\n"
		       "y 0.33333333333333331\n"
		       "# HELP z_total Zs.\n"
		       "# TYPE z_total counter\n"
		       "z_total{c=\"mail\"} 0.1\n"
		       "z_total{c=\"web\"} 1000000\n");
}

static void
test_bucket_holds_all_up_to_its_bound(void **state)
{
	struct metric *metric =
		metric_get(METRIC_HISTOGRAM, "t_seconds", "Time.", "c=\"w\"");

	(void)state;
	metric_observe(metric, 0.001);
	metric_observe(metric, 0.0011);
	metric_observe(metric, 60);
	metric_observe(metric, 61);
	metric_observe(metric, NAN);
	assert_float_equal(metric_value(metric), 4, 0);
	assert_renders("# TYPE t_seconds histogram\n"
		       "t_seconds_bucket{c=\"w\",le=\"0.001\"} 1\n"
		       "t_seconds_bucket{c=\"w\",le=\"0.0025\"} 2\n");
	assert_renders("t_seconds_bucket{c=\"w\",le=\"30\"} 2\n"
		       "t_seconds_bucket{c=\"w\",le=\"60\"} 3\n"
		       "t_seconds_bucket{c=\"w\",le=\"+Inf\"} 4\n"
		       "t_seconds_sum{c=\"w\"} 121.0021\n"
		       "t_seconds_count{c=\"w\"} 4\n");
	metric_get(METRIC_HISTOGRAM, "u_seconds", "h", "");
	assert_renders("u_seconds_bucket{le=\"0.001\"} 0\n");
}

static void *
change_all(void *arg)
{
	struct buf out;

	(void)arg;
	buf_init(&out, 1 << 20);
	for (int i = 0; i < N_EACH; i++) {
		metric_add(metric_get(METRIC_COUNTER, "par_total", "h", ""), 1);
		metric_observe(metric_get(METRIC_HISTOGRAM, "par_s", "h", ""),
			       0.5);
		if (i % 5000 == 0)
			metric_render(&out);
	}
	buf_release(&out);
	return NULL;
}

static void
test_threads_lose_no_change(void **state)
{
	pthread_t threads[N_THREADS];

	(void)state;
	for (int i = 0; i < N_THREADS; i++)
		pthread_create(&threads[i], NULL, change_all, NULL);
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_renders("par_total 80000\n");
	assert_renders("par_s_sum 40000\npar_s_count 80000\n");
}

static void
test_output_that_does_not_fit_is_a_failure(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 10);
	assert_int_equal(metric_render(&out), -1);
	buf_release(&out);
}

static void
test_name_of_another_kind_is_overflow(void **state)
{
	struct metric *gauge = metric_get(METRIC_GAUGE, "kind", "h", "b=\"1\"");
	struct metric *other = metric_get(METRIC_COUNTER, "kind", "h", "");

	(void)state;
	assert_ptr_equal(other,
			 metric_get(METRIC_HISTOGRAM, "kind", "h", "c=\"1\""));
	assert_ptr_equal(other,
			 metric_get(METRIC_COUNTER, "kind", "h", "b=\"1\""));
	assert_ptr_not_equal(other, gauge);
	double before = metric_value(other);
	metric_add(other, 100);
	metric_set(other, 100);
	metric_observe(other, 100);
	assert_float_equal(metric_value(other), before + 3, 0);
}

/* Last, as it leaves room for no other. */
static void
test_series_beyond_the_limit_are_one(void **state)
{
	struct metric *overflow = metric_get(
		METRIC_COUNTER, "teller_metric_overflow_total", "", "");
	struct metric *metric = NULL;
	char labels[32];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(labels, sizeof labels, "n=\"%d\"", i);
		metric = metric_get(METRIC_COUNTER, "many_total", "h", labels);
		metric_add(metric, 1);
	}
	assert_ptr_equal(metric, overflow);
	assert_true(metric_value(overflow) >= 952);
	/* Those that were there before stay what they are. */
	metric = metric_get(METRIC_COUNTER, "many_total", "h", "n=\"0\"");
	assert_float_equal(metric_value(metric), 1, 0);
	assert_renders("# TYPE teller_metric_overflow_total counter\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_name_and_labels_are_the_same_metric),
		cmocka_unit_test(test_counter_never_falls),
		cmocka_unit_test(test_gauge_rises_and_falls),
		cmocka_unit_test(test_series_are_sorted_under_one_heading),
		cmocka_unit_test(test_bucket_holds_all_up_to_its_bound),
		cmocka_unit_test(test_threads_lose_no_change),
		cmocka_unit_test(test_output_that_does_not_fit_is_a_failure),
		cmocka_unit_test(test_name_of_another_kind_is_overflow),
		cmocka_unit_test(test_series_beyond_the_limit_are_one),
	};

	return cmocka_run_group_tests_name("metric", tests, NULL, NULL);
}
