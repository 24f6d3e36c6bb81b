/* Reference numbers: the same again, no two alike, errors are found. */
#include "test.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "text/reference.h"

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
test_the_same_turn_has_the_same_reference(void **state)
{
	char a[REFERENCE_SIZE], b[REFERENCE_SIZE];

	(void)state;
	assert_string_equal(case_reference(17, 4, a), case_reference(17, 4, b));
	assert_int_equal(strlen(a), strlen("7KM3Q-X9D2T-H"));
	assert_int_equal(a[5], '-');
	assert_int_equal(a[11], '-');
}

static void
test_no_two_turns_have_the_same(void **state)
{
	enum { CONVERSATIONS = 400, TURNS = 50, N = CONVERSATIONS * TURNS };
	static const int first[] = {0, 65536 - 10, 131072 - 10, INT_MAX - 49};
	enum { ALL = N * (int)(sizeof first / sizeof *first) };
	char(*all)[REFERENCE_SIZE] = calloc(ALL, sizeof *all);

	(void)state;
	assert_non_null(all);
	for (int i = 0; i < ALL; i++)
		case_reference(1 + i % N / TURNS, first[i / N] + i % TURNS,
			       all[i]);
	qsort(all, ALL, sizeof *all, compare);
	for (int i = 1; i < ALL; i++)
		assert_string_not_equal(all[i - 1], all[i]);
	free(all);
}

/* What was told to customers is read for ever. */
static void
test_a_reference_stays_what_it_was(void **state)
{
	char out[REFERENCE_SIZE];

	(void)state;
	assert_string_equal(case_reference(99, 3, out), "4QHCU-T8SCD-M");
	assert_string_equal(case_reference(99, 65535, out), "WTQ5R-WGZWN-H");
	assert_string_equal(case_reference(99, 65536, out),
			    "98SF7-YJSUS-22223-P");
}

static void
expect_read(int turn)
{
	char reference[REFERENCE_SIZE], typed[64], out[REFERENCE_SIZE];
	size_t n = 0;

	case_reference(99, turn, reference);
	assert_string_equal(reference_read(reference, out), reference);
	for (const char *at = reference; *at; at++)
		if (*at != '-') {
			typed[n++] = (char)(*at >= 'A' ? *at + 'a' - 'A' : *at);
			typed[n++] = ' ';
		}
	typed[n] = '\0';
	assert_string_equal(reference_read(typed, out), reference);
}

static void
test_what_somebody_typed_is_read(void **state)
{
	(void)state;
	expect_read(3);
	expect_read(70000);
}

static void
expect_errors_found(int turn)
{
	static const char others[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
	char reference[REFERENCE_SIZE], wrong[REFERENCE_SIZE],
		out[REFERENCE_SIZE];

	case_reference(123456, turn, reference);
	for (size_t i = 0; reference[i]; i++) {
		if (reference[i] == '-')
			continue;
		for (const char *c = others; *c; c++) {
			memcpy(wrong, reference, sizeof wrong);
			wrong[i] = *c;
			assert_int_equal(reference_read(wrong, out) != NULL,
					 *c == reference[i]);
		}
		for (size_t j = i + 1; reference[j]; j++) {
			memcpy(wrong, reference, sizeof wrong);
			wrong[i] = reference[j];
			wrong[j] = reference[i];
			if (wrong[i] != '-' && wrong[i] != wrong[j])
				assert_null(reference_read(wrong, out));
		}
	}
}

static void
test_every_single_error_and_every_swap_is_found(void **state)
{
	(void)state;
	expect_errors_found(7);
	expect_errors_found(INT_MAX);
}

static void
test_what_is_no_reference_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"7KM3Q",
		"7KM3Q-X9D2T-HH",
		"OOOOO-IIIII-L",
		"22222-22222-2x",
		"22222/22222/2",
		"22222-22222-22222-22222-2",
		"\xc3\xa4",
	};
	char out[REFERENCE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_null(reference_read(texts[i], out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_turn_has_the_same_reference),
		cmocka_unit_test(test_no_two_turns_have_the_same),
		cmocka_unit_test(test_a_reference_stays_what_it_was),
		cmocka_unit_test(test_what_somebody_typed_is_read),
		cmocka_unit_test(
			test_every_single_error_and_every_swap_is_found),
		cmocka_unit_test(test_what_is_no_reference_is_refused),
	};
	return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
