/* Reference numbers: the same again, no two alike, errors are found. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "text/reference.h"

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, REFERENCE_SIZE);
}

static void
test_the_same_turn_has_the_same_reference(void **state)
{
	char a[REFERENCE_SIZE], b[REFERENCE_SIZE];

	(void)state;
	assert_string_equal(case_reference(17, 4, a), case_reference(17, 4, b));
	assert_int_equal(strlen(a), REFERENCE_SIZE - 1);
	assert_int_equal(a[5], '-');
	assert_int_equal(a[11], '-');
}

static void
test_no_two_turns_have_the_same(void **state)
{
	enum { CONVERSATIONS = 400, TURNS = 50, N = CONVERSATIONS * TURNS };
	char(*all)[REFERENCE_SIZE] = calloc(N, sizeof *all);

	(void)state;
	assert_non_null(all);
	for (int i = 0; i < N; i++)
		case_reference(1 + i / TURNS, i % TURNS, all[i]);
	qsort(all, N, sizeof *all, compare);
	for (int i = 1; i < N; i++)
		assert_string_not_equal(all[i - 1], all[i]);
	free(all);
}

static void
test_what_somebody_typed_is_read(void **state)
{
	char reference[REFERENCE_SIZE], typed[64], out[REFERENCE_SIZE];

	(void)state;
	case_reference(99, 3, reference);
	assert_string_equal(reference_read(reference, out), reference);
	size_t n = 0;
	for (const char *at = reference; *at; at++)
		if (*at != '-') {
			typed[n++] = (char)(*at >= 'A' ? *at + 'a' - 'A' : *at);
			typed[n++] = ' ';
		}
	typed[n] = '\0';
	assert_string_equal(reference_read(typed, out), reference);
}

static void
test_every_single_error_and_every_swap_is_found(void **state)
{
	static const char others[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
	char reference[REFERENCE_SIZE], wrong[REFERENCE_SIZE],
		out[REFERENCE_SIZE];

	(void)state;
	case_reference(123456, 7, reference);
	for (size_t i = 0; i < REFERENCE_SIZE - 1; i++) {
		if (reference[i] == '-')
			continue;
		for (const char *c = others; *c; c++) {
			memcpy(wrong, reference, sizeof wrong);
			wrong[i] = *c;
			assert_int_equal(reference_read(wrong, out) != NULL,
					 *c == reference[i]);
		}
		for (size_t j = i + 1; j < REFERENCE_SIZE - 1; j++) {
			memcpy(wrong, reference, sizeof wrong);
			wrong[i] = reference[j];
			wrong[j] = reference[i];
			if (wrong[i] != '-' && wrong[i] != wrong[j])
				assert_null(reference_read(wrong, out));
		}
	}
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
		cmocka_unit_test(test_what_somebody_typed_is_read),
		cmocka_unit_test(
			test_every_single_error_and_every_swap_is_found),
		cmocka_unit_test(test_what_is_no_reference_is_refused),
	};
	return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
