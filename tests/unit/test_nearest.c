/* The nearest known name. */
#include "test.h"

#include <string.h>

#include "conf/yaml.h"

static const char *const names[] = {
	"retrieval", "retrieval.threshold", "max_body", "http", "log", "ab",
};

static const char *
nearest(const char *word)
{
	const char *near =
		conf_nearest(word, names, sizeof names / sizeof names[0]);
	return near ? near : "none";
}

static void
test_a_slip_of_the_finger_finds_its_name(void **state)
{
	(void)state;
	assert_string_equal(nearest("retreival"), "retrieval");
	assert_string_equal(nearest("retreival.treshold"),
			    "retrieval.threshold");
	assert_string_equal(nearest("retrieva"), "retrieval");
	assert_string_equal(nearest("retrievall"), "retrieval");
	assert_string_equal(nearest("htpt"), "http");
	assert_string_equal(nearest("lgo"), "log");
}

static void
test_case_and_dashes_do_not_matter(void **state)
{
	(void)state;
	assert_string_equal(nearest("HTTP"), "http");
	assert_string_equal(nearest("Max-Body"), "max_body");
	assert_string_equal(nearest("AB"), "ab");
}

static void
test_what_is_far_is_not_offered(void **state)
{
	(void)state;
	assert_string_equal(nearest("storage"), "none");
	assert_string_equal(nearest("ax"), "none");
	assert_string_equal(nearest("lxx"), "none");
	assert_string_equal(nearest(""), "none");
	assert_null(conf_nearest("log", names, 0));
}

static void
test_a_long_word_is_near_to_nothing(void **state)
{
	char word[100] = "";
	const char *const known[] = {word};

	(void)state;
	memset(word, 'a', 64);
	assert_ptr_equal(conf_nearest(word, known, 1), word);
	word[64] = 'a';
	assert_null(conf_nearest(word, known, 1));
	assert_null(conf_nearest("a", known, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_slip_of_the_finger_finds_its_name),
		cmocka_unit_test(test_case_and_dashes_do_not_matter),
		cmocka_unit_test(test_what_is_far_is_not_offered),
		cmocka_unit_test(test_a_long_word_is_near_to_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
