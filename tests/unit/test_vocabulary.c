/* Words by number, and slips of the keyboard. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "nlu/vocabulary.h"

static struct vocabulary *vocabulary;

static int
setup(void **state)
{
	(void)state;
	vocabulary = vocabulary_new("en");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	vocabulary_free(vocabulary);
	return 0;
}

static uint32_t
add(const char *word, bool is_exact)
{
	struct err err = {0};
	uint32_t number = 0;

	assert_int_equal(
		vocabulary_add(vocabulary, word, is_exact, &number, &err), 0);
	return number;
}

static struct heard
hear(const char *word)
{
	struct heard heard[4];

	assert_int_equal(
		vocabulary_hear(vocabulary, word, strlen(word), heard, 4), 1);
	return heard[0];
}

static void
learn(const char *text)
{
	vocabulary_learn(vocabulary, text, strlen(text));
}

static void
test_all_forms_of_a_word_share_a_number(void **state)
{
	uint32_t block = add("block", false);

	(void)state;
	assert_int_equal(add("blocked", false), block);
	assert_int_equal(hear("Blocking").stem, block);
	assert_int_equal(hear("blocking").word, 0);
	assert_int_equal(hear("black").stem, 0);
}

static void
test_an_exact_word_has_a_number_of_its_own(void **state)
{
	uint32_t used = add("used", true);

	(void)state;
	assert_int_equal(hear("used").word, used);
	assert_int_equal(hear("use").word, 0);
	assert_int_not_equal(add("used", false), used);
}

static void
test_apostrophes_do_not_count(void **state)
{
	uint32_t didnt = add("didn't", true);
	uint32_t ive = add("i've", false);

	(void)state;
	assert_int_equal(hear("didnt").word, didnt);
	assert_int_equal(hear("didn\xe2\x80\x99t").word, didnt);
	assert_int_equal(hear("ive").stem, ive);
}

static void
test_what_is_not_one_word_is_refused(void **state)
{
	struct err err = {0};
	uint32_t number = 7;

	(void)state;
	assert_int_equal(
		vocabulary_add(vocabulary, "one-time", false, &number, &err),
		-1);
	assert_string_equal(err.text, "'one-time' is not one word");
	assert_int_equal(vocabulary_add(vocabulary, "", false, &number, &err),
			 -1);
	assert_string_equal(err.text, "'' is not one word");
	assert_int_equal(number, 7);
}

static void
test_a_slip_is_read_as_the_word_meant(void **state)
{
	uint32_t stolen = add("stolen", false);
	uint32_t card = add("card", false);
	uint32_t complaint = add("complaint", false);

	(void)state;
	learn("stolen card complaint\ncomplaints");
	assert_int_equal(hear("stollen").stem, stolen); /* doubled */
	assert_int_equal(hear("stoeln").stem, stolen);	/* swapped */
	assert_int_equal(hear("stoln").stem, stolen);	/* left out */
	assert_int_equal(hear("stolan").stem, stolen);	/* another vowel */
	assert_int_equal(hear("crad").stem, card);
	assert_int_equal(hear("complints").stem, complaint);
}

static void
test_what_is_no_slip_stays_what_it_is(void **state)
{
	(void)state;
	add("store", false);
	add("card", false);
	add("lost", false);
	add("stuff5", false);
	learn("store card lost staff stuff5");
	assert_int_equal(hear("score").stem, 0);  /* another letter */
	assert_int_equal(hear("tstore").stem, 0); /* at the beginning */
	assert_int_equal(hear("cart").stem, 0);	  /* too short */
	assert_int_equal(hear("lots").stem, 0);	  /* swapped at the end */
	assert_int_equal(hear("stuf5").stem, 0);  /* a number */
}

static void
test_a_word_of_the_pack_is_spelt_right(void **state)
{
	(void)state;
	add("widow", false);
	learn("widow\n\nthe winddow");
	assert_int_not_equal(hear("wiidow").stem, 0);
	learn("wiidow");
	assert_int_equal(hear("wiidow").stem, 0);
}

static void
test_no_more_words_are_heard_than_asked_for(void **state)
{
	struct heard heard[2];

	(void)state;
	assert_int_equal(vocabulary_hear(vocabulary, "a b c d", 7, heard, 2),
			 2);
	assert_int_equal(vocabulary_hear(vocabulary, "", 0, heard, 2), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_all_forms_of_a_word_share_a_number),
		TEST(test_an_exact_word_has_a_number_of_its_own),
		TEST(test_apostrophes_do_not_count),
		TEST(test_what_is_not_one_word_is_refused),
		TEST(test_a_slip_is_read_as_the_word_meant),
		TEST(test_what_is_no_slip_stays_what_it_is),
		TEST(test_a_word_of_the_pack_is_spelt_right),
		TEST(test_no_more_words_are_heard_than_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
