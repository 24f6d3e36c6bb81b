/* Strings that end a text, against looking for them in the whole text, however
 * it is cut in pieces. */
#include "test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "model/stop.h"

static struct stop_strings strings;

static int
forget_strings(void **state)
{
	(void)state;
	strings = (struct stop_strings){0};
	return 0;
}

static void
add(const char *text)
{
	struct err err = {0};

	if (stop_strings_add(&strings, text, strlen(text), &err))
		fail_msg("%s", err.text);
}

/* Expects what comes out after each piece. */
struct piece {
	const char *in, *out;
};

static void
check_pieces(const struct piece *pieces, const char *at_end, bool is_found)
{
	struct stop stop;
	struct buf out;

	stop_init(&stop, &strings);
	buf_init(&out, 1000);
	for (; pieces->in; pieces++) {
		buf_clear(&out);
		stop_add(&stop, pieces->in, strlen(pieces->in), &out);
		assert_string_equal(buf_str(&out), pieces->out);
	}
	buf_clear(&out);
	stop_end(&stop, &out);
	assert_string_equal(buf_str(&out), at_end);
	assert_int_equal(stop.found >= 0, is_found);
	buf_release(&out);
}

static void
test_a_string_across_borders_is_found(void **state)
{
	(void)state;
	add("\nUser:");
	check_pieces((struct piece[]){{"Hello.", "Hello."},
				      {"\n", ""},
				      {"Us", ""},
				      {"er: I", ""},
				      {" ask", ""},
				      {NULL, NULL}},
		     "", true);
}

static void
test_no_more_is_held_back_than_may_begin_one(void **state)
{
	(void)state;
	add("\nUser:");
	check_pieces((struct piece[]){{"a\nUs", "a"},
				      {"e", ""},
				      {"d\n", "\nUsed"},
				      {"\n", "\n"},
				      {"b\nUse", "\nb"},
				      {NULL, NULL}},
		     "\nUse", false);
}

static void
test_a_string_that_begins_within_itself_is_found(void **state)
{
	(void)state;
	add("aab");
	check_pieces((struct piece[]){{"aaa", "a"}, {"b", ""}, {NULL, NULL}},
		     "", true);
	check_pieces((struct piece[]){{"aabaab", ""}, {NULL, NULL}}, "", true);
	forget_strings(NULL);
	add("abacabad");
	check_pieces((struct piece[]){{"abacabacabad", "abac"}, {NULL, NULL}},
		     "", true);
}

static void
test_the_first_that_is_complete_counts_and_of_several_the_longest(void **state)
{
	(void)state;
	add("bc");
	add("abcd");
	check_pieces((struct piece[]){{"xabcd", "xa"}, {NULL, NULL}}, "", true);
	add("abc");
	check_pieces((struct piece[]){{"xabcd", "x"}, {NULL, NULL}}, "", true);
}

static void
test_without_strings_all_goes_through(void **state)
{
	(void)state;
	check_pieces((struct piece[]){{"ab", "ab"}, {"", ""}, {NULL, NULL}}, "",
		     false);
}

static void
test_characters_stay_whole(void **state)
{
	(void)state;
	/* They begin with the same two bytes. */
	add("\u20AC\u20AC");
	check_pieces((struct piece[]){{"1 \u20AC", "1 "},
				      {"\u20AD\u20AC", "\u20AC\u20AD"},
				      {"\u20AC", ""},
				      {NULL, NULL}},
		     "", true);
}

static void
test_what_is_no_string_is_refused(void **state)
{
	char text[STOP_BYTES_MAX + 1];
	struct err err = {0};

	(void)state;
	memset(text, 'a', sizeof text);
	assert_int_equal(stop_strings_add(&strings, "", 0, &err), -1);
	assert_string_equal(err.text, "a stop string is empty");
	assert_int_equal(stop_strings_add(&strings, "\xE2\x82", 2, &err), -1);
	assert_string_equal(err.text, "a stop string is no UTF-8");
	assert_int_equal(stop_strings_add(&strings, text, sizeof text, &err),
			 -1);
	assert_string_equal(err.text, "a stop string has more than 256 bytes");
	for (int i = 0; i < STOP_STRINGS_MAX; i++)
		assert_int_equal(
			stop_strings_add(&strings, text, STOP_BYTES_MAX, &err),
			0);
	assert_int_equal(stop_strings_add(&strings, "a", 1, &err), -1);
	assert_string_equal(err.text, "there are more than 16 stop strings");
}

/* --- By chance, of two characters and a longer one */

static const char *const letters[] = {"a", "b", "\u00E9"};

static void
random_text(struct buf *text, int n)
{
	buf_clear(text);
	for (int i = 0; i < n; i++)
		buf_adds(text, letters[random() % 3]);
}

/* Where the first string that is complete begins; the length: none is. */
static size_t
slow_find(const char *text, size_t len)
{
	for (size_t end = 1; end <= len; end++)
		for (size_t start = 0; start < end; start++)
			for (int i = 0; i < strings.n; i++)
				if ((size_t)strings.strings[i].len ==
					    end - start &&
				    memcmp(text + start,
					   strings.strings[i].text,
					   end - start) == 0)
					return start;
	return len;
}

/* The longest end of a text that begins a string. */
static size_t
slow_held(const char *text, size_t len)
{
	for (size_t start = 0; start < len; start++)
		for (int i = 0; i < strings.n; i++)
			if (len - start < (size_t)strings.strings[i].len &&
			    memcmp(text + start, strings.strings[i].text,
				   len - start) == 0)
				return len - start;
	return 0;
}

static void
check_cut(const struct buf *text, bool is_whole)
{
	struct stop stop;
	struct buf out;
	size_t at = 0, found = slow_find(text->data, text->len);

	stop_init(&stop, &strings);
	buf_init(&out, 1000);
	while (at < text->len) {
		size_t left = text->len - at;
		size_t n = 1 + (size_t)random() % 5;
		n = n < left ? n : left;
		if (is_whole && n < left)
			n = utf8_cut(text->data + at, left, n + 1);
		bool is_found = stop_add(&stop, text->data + at, n, &out);
		at += n;
		if (is_found)
			break;
		assert_int_equal(out.len, at - slow_held(text->data, at));
		if (is_whole)
			assert_true(utf8_is_valid(buf_str(&out), out.len));
	}
	stop_end(&stop, &out);
	assert_int_equal(stop.found >= 0, found < text->len);
	assert_int_equal(out.len, found);
	assert_memory_equal(buf_str(&out), text->data, found);
	buf_release(&out);
}

static void
test_any_cut_gives_what_the_whole_text_gives(void **state)
{
	struct buf text;

	(void)state;
	srandom(1);
	buf_init(&text, 1000);
	for (int i = 0; i < 20000; i++) {
		forget_strings(NULL);
		for (long n = random() % 4; n > 0; n--) {
			random_text(&text, 1 + (int)(random() % 6));
			add(buf_str(&text));
		}
		random_text(&text, 1 + (int)(random() % 30));
		check_cut(&text, i % 2 == 0);
	}
	buf_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_string_across_borders_is_found,
				       forget_strings),
		cmocka_unit_test_setup(
			test_no_more_is_held_back_than_may_begin_one,
			forget_strings),
		cmocka_unit_test_setup(
			test_a_string_that_begins_within_itself_is_found,
			forget_strings),
		cmocka_unit_test_setup(
			test_the_first_that_is_complete_counts_and_of_several_the_longest,
			forget_strings),
		cmocka_unit_test_setup(test_without_strings_all_goes_through,
				       forget_strings),
		cmocka_unit_test_setup(test_characters_stay_whole,
				       forget_strings),
		cmocka_unit_test_setup(test_what_is_no_string_is_refused,
				       forget_strings),
		cmocka_unit_test_setup(
			test_any_cut_gives_what_the_whole_text_gives,
			forget_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
