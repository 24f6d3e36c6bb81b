#include "test.h"

#include "net/rates.h"

#define SECOND_US INT64_C(1000000)
#define BEGIN_US (INT64_C(12345) * SECOND_US)

static struct rates *rates;
static struct rate rate;

static int
set_up(void **state)
{
	(void)state;
	rates = rates_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rates_free(rates);
	return 0;
}

static bool
take(uint64_t key, int per_minute, int64_t at_us)
{
	return rates_take(rates, key, per_minute, BEGIN_US + at_us, &rate);
}

static void
test_a_minutes_requests_may_come_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++) {
		assert_true(take(1, 60, 0));
		assert_int_equal(rate.left, 59 - i);
		assert_int_equal(rate.reset_s, i + 1);
		assert_int_equal(rate.wait_s, 0);
	}
	assert_false(take(1, 60, 0));
	assert_int_equal(rate.left, 0);
	assert_int_equal(rate.wait_s, 1);
	assert_int_equal(rate.reset_s, 60);
}

static void
test_then_they_come_evenly(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++)
		assert_true(take(1, 6, 0));
	assert_false(take(1, 6, 0));
	assert_int_equal(rate.wait_s, 10);
	assert_false(take(1, 6, 10 * SECOND_US - 1));
	assert_int_equal(rate.wait_s, 1);
	/* To be refused costs nothing. */
	assert_true(take(1, 6, 10 * SECOND_US));
	assert_false(take(1, 6, 10 * SECOND_US));
	assert_true(take(1, 6, 3600 * SECOND_US));
	assert_int_equal(rate.left, 5);
}

static void
test_over_a_long_time_no_more_come_than_are_said(void **state)
{
	int n = 0;

	(void)state;
	for (int64_t at_us = 0; at_us < 600 * SECOND_US; at_us += 7001)
		n += take(1, 600, at_us);
	/* Ten minutes, and the bucket that was full at first. */
	assert_in_range(n, 10 * 600 + 590, 11 * 600);
}

static void
test_keys_do_not_share(void **state)
{
	(void)state;
	for (uint64_t key = 1; key <= 4000; key++) {
		assert_true(take(key, 1, 0));
		assert_false(take(key, 1, 0));
	}
}

/* In a table that overflows, who is nearly out of requests is kept: somebody
 * with a million addresses does not get him a new bucket. */
static void
test_the_emptiest_buckets_are_remembered(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(take(7, 100, 0));
	for (uint64_t key = 1000; key < 200000; key++)
		assert_true(take(key * UINT64_C(0x100000001), 100, 0));
	assert_false(take(7, 100, 0));
}

static void
test_the_highest_number_is_counted_too(void **state)
{
	(void)state;
	assert_true(take(1, 1000000, 0));
	assert_int_equal(rate.left, 999999);
	assert_true(take(1, 100000000, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_minutes_requests_may_come_at_once),
		TEST(test_then_they_come_evenly),
		TEST(test_over_a_long_time_no_more_come_than_are_said),
		TEST(test_keys_do_not_share),
		TEST(test_the_emptiest_buckets_are_remembered),
		TEST(test_the_highest_number_is_counted_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
