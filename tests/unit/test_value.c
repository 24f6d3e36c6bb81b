/* Values by type: what each takes, and the words about what it does not. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "conf/value.h"

static struct arena arena;
static struct value value;
static struct err err;

static int
release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
expect_shown(const struct teller_option *option, const char *text,
	     const char *shown)
{
	err = (struct err){0};
	int ret = value_read(&value, option, text, &arena, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(ret, 0);
	assert_string_equal(value.shown, shown);
}

static void
expect_words(const struct teller_option *option, const char *text,
	     const char *words)
{
	struct value before = value;

	assert_int_equal(value_read(&value, option, text, &arena, &err), -1);
	assert_string_equal(err.text, words);
	assert_memory_equal(&before, &value, sizeof value);
}

static void
test_bool_is_true_or_false(void **state)
{
	static const struct teller_option option = {.type = TELLER_BOOL};

	(void)state;
	expect_shown(&option, "true", "true");
	assert_int_equal(value.number, 1);
	expect_shown(&option, "false", "false");
	assert_int_equal(value.number, 0);
	expect_words(&option, "yes", "must be true or false, not 'yes'");
	expect_words(&option, "True", "must be true or false, not 'True'");
	expect_words(&option, "1", "must be true or false, not '1'");
	expect_words(&option, "", "must be true or false, not ''");
}

static void
test_int_is_within_its_limits(void **state)
{
	static const struct teller_option option = {
		.type = TELLER_INT, .min = 1, .max = 64};
	static const struct teller_option free_option = {.type = TELLER_INT};
	static const struct teller_option least = {
		.type = TELLER_INT, .min = 5, .max = INT64_MAX};

	(void)state;
	expect_shown(&option, "1", "1");
	expect_shown(&option, "064", "64");
	assert_int_equal(value.number, 64);
	expect_words(&option, "0", "must be from 1 to 64, not 0");
	expect_words(&option, "65", "must be from 1 to 64, not 65");
	expect_words(&option, "many", "must be a whole number, not 'many'");
	expect_words(&option, "2.5", "must be a whole number, not '2.5'");
	expect_words(&option, "", "must be a whole number, not ''");
	expect_shown(&free_option, "-999999999999999999",
		     "-999999999999999999");
	expect_words(&least, "4", "must be at least 5, not 4");
	expect_words(&option,
		     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
		     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
		     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
		     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
		     "x\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC",
		     "must be a whole number, not "
		     "'\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
		     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
		     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
		     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
		     "x\xC3\xBC'");
}

static void
test_real_is_within_its_limits(void **state)
{
	static const struct teller_option option = {
		.type = TELLER_REAL, .min = 0, .max = 1};

	(void)state;
	expect_shown(&option, "0.60", "0.6");
	assert_true(value.real > 0.59 && value.real < 0.61);
	expect_shown(&option, "1", "1");
	expect_words(&option, "1.01", "must be from 0 to 1, not 1.01");
	expect_words(&option, "-0.5", "must be from 0 to 1, not -0.5");
	expect_words(&option, "0,5",
		     "must be a decimal number, as in 0.25, not '0,5'");
	expect_words(&option, "60%",
		     "must be a decimal number, as in 0.25, not '60%'");
}

static void
test_text_has_so_many_bytes(void **state)
{
	static const struct teller_option option = {
		.type = TELLER_TEXT, .min = 3, .max = 5};
	static const struct teller_option free_option = {.type = TELLER_TEXT};

	(void)state;
	expect_shown(&option, "abc", "abc");
	assert_string_equal(value.text, "abc");
	expect_words(&option, "", "must not be empty");
	expect_words(&option, "ab", "must have at least 3 bytes, not 2");
	expect_words(&option, "abcdef", "may have at most 5 bytes, not 6");
	expect_shown(&free_option, "", "\"\"");
	expect_shown(&free_option, "a \"b\" \\ c", "a \"b\" \\ c");
	expect_shown(&free_option, "a\nb: c\t\"\\", "\"a\\nb: c\\t\\\"\\\\\"");
	assert_string_equal(value.text, "a\nb: c\t\"\\");
	expect_shown(&free_option, "\"a\"", "\"\\\"a\\\"\"");
	expect_shown(&free_option, " a", "\" a\"");
	expect_shown(&free_option, "a ", "\"a \"");
	expect_words(&free_option, "a\xFF",
		     "holds a byte (0xFF) that is not UTF-8, which is not "
		     "allowed");
	expect_words(&free_option, "\x1B[2J",
		     "holds the control character U+001B, which is not "
		     "allowed");
}

static void
test_choice_is_one_of_its_words(void **state)
{
	static const struct teller_option option = {
		.type = TELLER_CHOICE, .choices = "error warn info debug"};
	static const struct teller_option one = {.type = TELLER_CHOICE,
						 .choices = "this"};
	static const struct teller_option none = {.type = TELLER_CHOICE};

	(void)state;
	expect_shown(&option, "error", "error");
	expect_shown(&option, "debug", "debug");
	assert_string_equal(value.text, "debug");
	expect_words(&option, "loud",
		     "must be error, warn, info or debug, not 'loud'");
	expect_words(&option, "warn info",
		     "must be error, warn, info or debug, not 'warn info'");
	expect_words(&option, "err",
		     "must be error, warn, info or debug, not 'err'");
	expect_words(&option, "", "must be error, warn, info or debug, not ''");
	expect_words(&one, "that", "must be this, not 'that'");
	expect_words(&none, "x", "must be , not 'x'");
}

static void
test_duration_needs_its_unit(void **state)
{
	static const struct teller_option option = {
		.type = TELLER_DURATION, .min = 1000, .max = 600000};

	(void)state;
	expect_shown(&option, "180 s", "3 min");
	assert_int_equal(value.number, 180000);
	expect_words(&option, "10",
		     "needs a unit behind the number 10: ms, s, min, h or d, "
		     "as in '10 s'");
	expect_words(&option, "0",
		     "needs a unit behind the number 0: ms, s, min, h or d, as "
		     "in '10 s'");
	expect_words(&option, "soon",
		     "must be a duration, as in 500 ms, 30 s, 5 min, 2 h or "
		     "7 d, not 'soon'");
	expect_words(&option, "1.5 min",
		     "must be a duration, as in 500 ms, 30 s, 5 min, 2 h or "
		     "7 d, not '1.5 min'");
	expect_words(&option, "20 min",
		     "must be from 1 s to 10 min, not 20 min");
	expect_words(&option, "1 ms", "must be from 1 s to 10 min, not 1 ms");
}

static void
test_size_may_have_a_unit(void **state)
{
	static const struct teller_option option = {
		.type = TELLER_SIZE, .min = 1024, .max = 1 << 30};

	(void)state;
	expect_shown(&option, "65536", "64 KiB");
	assert_int_equal(value.number, 65536);
	expect_words(&option, "5 MB",
		     "must be a size, as in 512 (bytes), 64 KiB, 10 MiB or "
		     "1 GiB, not '5 MB'");
	expect_words(&option, "2 GiB",
		     "must be from 1 KiB to 1 GiB, not 2 GiB");
	expect_words(&option, "100", "must be from 1 KiB to 1 GiB, not 100");
}

static void
test_secret_is_a_place_and_never_quoted(void **state)
{
	static const struct teller_option option = {.type = TELLER_SECRET};
	static const struct teller_option optional = {.type = TELLER_SECRET,
						      .fallback = ""};
	static const char *const wrong[] = {
		"xoxb-1234",	  "file:",	  "file:/",
		"file:relative",  "credential:",  "credential:..",
		"credential:a/b", "credential:.", "env:TOKEN",
		"File:/etc/x",
	};

	(void)state;
	expect_shown(&option, "file:/etc/tellerd/slack.token",
		     "file:/etc/tellerd/slack.token");
	expect_shown(&option, "credential:slack", "credential:slack");
	assert_string_equal(value.text, "credential:slack");
	expect_shown(&optional, "", "\"\"");
	expect_words(&option, "",
		     "must say where the secret is, never the secret itself: "
		     "file:/PATH or credential:NAME");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		expect_words(&optional, wrong[i],
			     "must say where the secret is, never the secret "
			     "itself: file:/PATH or credential:NAME");
}

static void
test_list_is_parted_by_commas(void **state)
{
	static const struct teller_option option = {
		.type = TELLER_LIST, .min = 1, .max = 3};
	static const struct teller_option free_option = {.type = TELLER_LIST};

	(void)state;
	expect_shown(&option, "a", "a");
	expect_shown(&option, " a b , c,d ", "a b, c, d");
	assert_int_equal(value.n_items, 3);
	assert_string_equal(value.items[0], "a b");
	assert_string_equal(value.items[2], "d");
	expect_words(&option, "", "needs 1 or more entries, not 0");
	expect_words(&option, "a,b,c,d", "may have at most 3 entries, not 4");
	expect_words(&option, "a,,b", "has an empty entry");
	expect_words(&option, "a,", "has an empty entry");
	expect_words(&option, "a, ", "has an empty entry");
	expect_words(&option, ",", "has an empty entry");
	expect_shown(&free_option, "", "");
	assert_int_equal(value.n_items, 0);
	expect_shown(&free_option, "  ", "");
	expect_shown(&free_option, "1,2,3,4,5", "1, 2, 3, 4, 5");
}

static void
test_entries_with_commas_are_shown_apart(void **state)
{
	static const struct teller_option option = {.type = TELLER_LIST};
	static const char *const items[] = {"a, b", "c", "\"d"};
	static const char *const empty[] = {"a", ""};

	(void)state;
	assert_int_equal(
		value_read_items(&value, &option, items, 3, &arena, &err), 0);
	assert_string_equal(value.shown, "\"a, b\", c, \"\\\"d\"");
	assert_ptr_equal(value.items, items);
	assert_int_equal(
		value_read_items(&value, &option, empty, 2, &arena, &err), -1);
	assert_string_equal(err.text, "has an empty entry");
}

#define DIGEST \
	"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_digests_are_64_hex_digits_and_never_quoted(void **state)
{
	static const struct teller_option option = {.type = TELLER_DIGESTS,
						    .max = 2};
	static const char *const wrong[] = {
		DIGEST ",sesame",
		DIGEST "," DIGEST "0",
		DIGEST ",g123456789abcdef0123456789abcdef"
		       "0123456789abcdef0123456789abcdef",
	};

	(void)state;
	expect_shown(&option, "", "");
	expect_shown(&option, DIGEST, DIGEST);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		expect_words(&option, wrong[i],
			     "must hold SHA-256 digests, 64 hex digits each, "
			     "which entry 2 is not: `printf %s KEY | "
			     "sha256sum` prints that of KEY");
	expect_words(&option, "a,b,c", "may have at most 2 entries, not 3");
}

static void
test_origins_are_as_browsers_write_them(void **state)
{
	static const struct teller_option option = {.type = TELLER_ORIGINS,
						    .max = 2};
	static const char *const good[] = {
		"https://www.example.com", "http://localhost:3000",
		"http://127.0.0.1:8080",   "http://[::1]:1",
		"capacitor://localhost",   "https://xn--bcher-kva.example",
		"http://example:443",
	};
	static const char *const wrong[] = {
		"https://www.example.com/",
		"https://Shop.example",
		"www.example.com",
		"*",
		"null",
		"https://",
		"https://*.example.com",
		"https://a.example:443",
		"http://a.example:80",
		"http://a.example:080",
		"http://a.example:65536",
		"http://a.example:",
		"http://[::1",
		"https://a@b.example",
		"HTTPS://a.example",
		"https://a.example?",
	};
	char words[300];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		expect_shown(&option, good[i], good[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(words, sizeof words,
			 "must hold origins as browsers send them, such as "
			 "https://www.example.com or http://localhost:3000: "
			 "small letters, no path, no '/' at the end; '%s' is "
			 "none",
			 wrong[i]);
		expect_words(&option, wrong[i], words);
	}
	expect_words(&option, "a,b,c", "may have at most 2 entries, not 3");
}

static void
test_what_is_no_type_is_refused(void **state)
{
	static const struct teller_option table = {.type = TELLER_TABLE};
	static const struct teller_option wild = {
		.type = (enum teller_option_type)99};

	(void)state;
	expect_words(&table, "x", "cannot be one value");
	expect_words(&wild, "x", "cannot be one value");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_bool_is_true_or_false, release),
		cmocka_unit_test_teardown(test_int_is_within_its_limits,
					  release),
		cmocka_unit_test_teardown(test_real_is_within_its_limits,
					  release),
		cmocka_unit_test_teardown(test_text_has_so_many_bytes, release),
		cmocka_unit_test_teardown(test_choice_is_one_of_its_words,
					  release),
		cmocka_unit_test_teardown(test_duration_needs_its_unit,
					  release),
		cmocka_unit_test_teardown(test_size_may_have_a_unit, release),
		cmocka_unit_test_teardown(
			test_secret_is_a_place_and_never_quoted, release),
		cmocka_unit_test_teardown(test_list_is_parted_by_commas,
					  release),
		cmocka_unit_test_teardown(
			test_entries_with_commas_are_shown_apart, release),
		cmocka_unit_test_teardown(
			test_digests_are_64_hex_digits_and_never_quoted,
			release),
		cmocka_unit_test_teardown(
			test_origins_are_as_browsers_write_them, release),
		cmocka_unit_test_teardown(test_what_is_no_type_is_refused,
					  release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
