/* What the next message is read behind: the last words, a while, of so many
 * conversations. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "dialog/recent.h"

#define NOW 1000000
#define SOON (NOW + 5)

static struct recent *recent;

static int
setup(void **state)
{
	(void)state;
	recent = recent_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	recent_free(recent);
	return 0;
}

static void
test_the_last_words_stand_before_the_next(void **state)
{
	(void)state;
	assert_string_equal(recent_before(recent, 7, 1, NOW), "");
	recent_keep(recent, 7, 1, "my pin", NOW);
	assert_string_equal(recent_before(recent, 7, 2, SOON), " my pin");
	recent_keep(recent, 7, 2, "is", SOON);
	assert_string_equal(recent_before(recent, 7, 3, SOON), " my pin is");
	assert_string_equal(recent_before(recent, 8, 3, SOON), "");
}

static void
test_a_message_brought_again_gets_what_it_got(void **state)
{
	(void)state;
	recent_keep(recent, 7, 1, "my pin is", NOW);
	recent_keep(recent, 7, 2, "[pin]", NOW);
	assert_string_equal(recent_before(recent, 7, 2, SOON), " my pin is");
	recent_keep(recent, 7, 2, "[pin]", SOON);
	assert_string_equal(recent_before(recent, 7, 3, SOON),
			    " my pin is [pin]");
	/* Without an id nothing tells that it is the same. */
	recent_keep(recent, 9, 0, "a", NOW);
	recent_keep(recent, 9, 0, "a", NOW);
	assert_string_equal(recent_before(recent, 9, 0, NOW), " a a");
}

static void
test_a_conversation_may_have_two_names(void **state)
{
	(void)state;
	recent_also(recent, 7, 8);
	assert_string_equal(recent_before(recent, 8, 1, NOW), "");
	recent_keep(recent, 7, 1, "my pin is", NOW);
	recent_also(recent, 7, 7);
	recent_also(recent, 7, 8);
	assert_string_equal(recent_before(recent, 8, 2, SOON), " my pin is");
	recent_keep(recent, 8, 2, "[pin]", SOON);
	assert_string_equal(recent_before(recent, 7, 3, SOON),
			    " my pin is [pin]");
}

static void
test_it_is_forgotten_after_a_while(void **state)
{
	(void)state;
	recent_keep(recent, 7, 1, "my pin is", NOW);
	assert_string_equal(recent_before(recent, 7, 2, NOW + RECENT_US - 1),
			    " my pin is");
	assert_string_equal(recent_before(recent, 7, 2, NOW + RECENT_US), "");
	recent_keep(recent, 7, 2, "hello", NOW + RECENT_US);
	assert_string_equal(recent_before(recent, 7, 3, NOW + RECENT_US),
			    " hello");
}

static void
test_only_the_end_is_kept_and_from_a_blank_on(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof text);
	snprintf(text + 500, sizeof text - 500, " my pin is");
	recent_keep(recent, 7, 1, text, NOW);
	assert_string_equal(recent_before(recent, 7, 2, NOW), " my pin is");
	/* One long word says nothing. */
	memset(text, '1', 900);
	text[900] = '\0';
	recent_keep(recent, 7, 2, text, NOW);
	assert_string_equal(recent_before(recent, 7, 3, NOW), "");
	for (int i = 0; i < 100; i++)
		recent_keep(recent, 7, 3 + (uint64_t)i, "a word", NOW);
	size_t len = strlen(recent_before(recent, 7, 0, NOW));
	assert_true(len <= RECENT_TAIL_BYTES && len > RECENT_TAIL_BYTES - 8);
}

static void
test_the_oldest_makes_room(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < RECENT_CONVERSATIONS; i++)
		recent_keep(recent, 100 + i, 1, "words", NOW + (int64_t)i);
	recent_keep(recent, 100, 2, "more", NOW + 5000);
	recent_keep(recent, 1, 1, "new", NOW + 5001);
	assert_string_equal(recent_before(recent, 100, 3, NOW + 5002),
			    " words more");
	assert_string_equal(recent_before(recent, 101, 3, NOW + 5002), "");
	assert_string_equal(recent_before(recent, 102, 3, NOW + 5002),
			    " words");
	assert_string_equal(recent_before(recent, 1, 3, NOW + 5002), " new");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_last_words_stand_before_the_next),
		TEST(test_a_message_brought_again_gets_what_it_got),
		TEST(test_a_conversation_may_have_two_names),
		TEST(test_it_is_forgotten_after_a_while),
		TEST(test_only_the_end_is_kept_and_from_a_blank_on),
		TEST(test_the_oldest_makes_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
