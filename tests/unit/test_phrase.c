/* How phrases are written, and what they find. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "conf/yaml.h"
#include "nlu/phrase.h"

#define WORDS_MAX 100

/* Words that phrases may name. */
#define LISTS "words:\n  card: [card, wallet, visa]\n"

static struct yaml_file file;
static struct arena arena;
static struct vocabulary *vocabulary;
static struct phrase_book *book;
static struct err err;

/* A book of the phrases, each its own owner; -1 and err. */
static int
make_book(enum phrase_use use, const char *phrases)
{
	char text[2000];
	size_t owner = 0;

	snprintf(text, sizeof text, LISTS "phrases:\n%s", phrases);
	err = (struct err){0};
	assert_int_equal(yaml_read(&file, "f", text, strlen(text),
				   &yaml_limits_pack, &err),
			 0);
	vocabulary = vocabulary_new("en");
	book = phrase_book_new(&arena, vocabulary, use,
			       yaml_get(file.root, "words"));
	yaml_each (phrase, yaml_get(file.root, "phrases"))
		if (phrase_book_add(book, &file, phrase, owner++, &err) < 0)
			return -1;
	return 0;
}

static void
drop_book(void)
{
	vocabulary_free(vocabulary);
	arena_release(&arena);
	yaml_release(&file);
}

/* Where the phrase is found first in the text. */
static size_t
find(enum phrase_use use, const char *phrase, const char *text)
{
	struct heard words[WORDS_MAX];
	char line[500];
	size_t first[1];

	snprintf(line, sizeof line, "- %s\n", phrase);
	if (make_book(use, line) < 0)
		fail_msg("%s", err.text);
	size_t n = vocabulary_hear(vocabulary, text, strlen(text), words,
				   WORDS_MAX);
	phrase_book_match(book, words, n, first);
	drop_book();
	return first[0];
}

static bool
finds(const char *phrase, const char *text)
{
	return find(PHRASE_FORWARD, phrase, text) != PHRASE_NONE;
}

static void
test_words_follow_one_another(void **state)
{
	(void)state;
	assert_true(finds("lost my card", "Yesterday I lost my card!"));
	assert_false(finds("lost my card", "my card is lost"));
	assert_false(finds("lost my card", "lost my new card"));
	assert_true(finds("lost my card", "lost my lost my card"));
}

static void
test_a_word_stands_for_its_forms(void **state)
{
	(void)state;
	assert_true(finds("block card", "blocking cards"));
	assert_true(finds("=block card", "block cards"));
	assert_false(finds("=block card", "blocking cards"));
}

static void
test_one_of_several_words(void **state)
{
	(void)state;
	assert_true(finds("stole|took my <card>", "he took my wallet"));
	assert_true(finds("stole|took my phone|<card>", "he stole my visa"));
	assert_false(finds("stole|took my <card>", "he took my keys"));
}

static void
test_a_word_may_be_missing(void **state)
{
	(void)state;
	assert_true(finds("lost (my|our) (<card>) card", "lost card"));
	assert_true(finds("lost (my|our) (<card>) card", "lost our visa card"));
	assert_false(finds("lost (my|our) (<card>) card", "lost her card"));
	assert_true(finds("lost card (please)", "lost card"));
}

static void
test_a_gap_takes_up_to_four_words(void **state)
{
	(void)state;
	assert_true(finds("lost ... card", "lost card"));
	assert_true(finds("lost ... card", "lost one two three four card"));
	assert_false(
		finds("lost ... card", "lost one two three four five card"));
	assert_true(finds("lost ... ... card",
			  "lost one two three four five card"));
}

static void
test_a_sentence_has_a_beginning_and_an_end(void **state)
{
	(void)state;
	assert_true(finds("^ agent $", "agent!"));
	assert_true(finds("^ (an) agent (please) $", "an agent please"));
	assert_false(finds("^ agent $", "an agent"));
	assert_false(finds("^ agent $", "agent Smith"));
	assert_true(finds("lost ... $", "lost it"));
}

static void
test_parts_may_come_in_any_order(void **state)
{
	(void)state;
	assert_true(finds("card & stolen", "stolen was my card"));
	assert_true(finds("card & stolen", "my card, it was stolen"));
	assert_false(finds("card & stolen", "my card"));
	assert_true(finds("a|b & c & d e", "c d e b"));
	assert_false(finds("a|b & c & d e", "c d b e"));
}

static void
test_a_book_tells_where_a_phrase_ends_first(void **state)
{
	(void)state;
	assert_int_equal(
		find(PHRASE_FORWARD, "lost card", "a lost card is a lost card"),
		3);
	assert_int_equal(find(PHRASE_FORWARD, "lost & card", "card a lost b"),
			 3);
	assert_int_equal(find(PHRASE_FORWARD, "^ (a) b", "a b"), 2);
	assert_int_equal(find(PHRASE_FORWARD, "b $", "a b"), 2);
}

static void
test_a_book_tells_where_a_phrase_begins_first(void **state)
{
	(void)state;
	assert_int_equal(
		find(PHRASE_BACKWARD, "lost ... card", "no lost and lost card"),
		1);
	assert_int_equal(find(PHRASE_BACKWARD, "lost & card", "a card b lost"),
			 1);
	assert_int_equal(find(PHRASE_BACKWARD, "^ what", "what"), 0);
	assert_int_equal(find(PHRASE_BACKWARD, "card (fee)", "the card fee"),
			 1);
	assert_int_equal(find(PHRASE_BACKWARD, "card", "no such word"),
			 PHRASE_NONE);
}

static size_t
whole(const char *text)
{
	struct heard words[WORDS_MAX];

	size_t n = vocabulary_hear(vocabulary, text, strlen(text), words,
				   WORDS_MAX);
	return phrase_book_whole(book, words, n);
}

static void
test_a_text_may_be_made_of_phrases(void **state)
{
	(void)state;
	assert_int_equal(make_book(PHRASE_WHOLE, "- thanks (a) (lot)\n"
						 "- bye (bye)\n"
						 "- hello|hi ... there\n"),
			 0);
	assert_int_equal(whole("Thanks!"), 0);
	assert_int_equal(whole("bye"), 1);
	assert_int_equal(whole("bye, thanks a lot"), 0);
	assert_int_equal(whole("hi you there, bye bye bye"), 1);
	assert_int_equal(whole("thanks, card"), PHRASE_NONE);
	assert_int_equal(whole("card, thanks"), PHRASE_NONE);
	assert_int_equal(whole("lot"), PHRASE_NONE);
	assert_int_equal(whole(""), PHRASE_NONE);
	assert_int_equal(whole("bye bye bye bye bye bye bye bye bye bye bye "
			       "bye bye bye bye bye bye bye bye bye bye bye "
			       "bye bye"),
			 1);
	assert_int_equal(whole("bye bye bye bye bye bye bye bye bye bye bye "
			       "bye bye bye bye bye bye bye bye bye bye bye "
			       "bye bye bye"),
			 PHRASE_NONE);
	drop_book();
}

static void
expect_words(enum phrase_use use, const char *phrase, const char *words)
{
	char line[500], expected[600];

	snprintf(line, sizeof line, "- %s\n", phrase);
	snprintf(expected, sizeof expected, "f:4: %s", words);
	assert_int_equal(make_book(use, line), -1);
	assert_string_equal(err.text, expected);
	drop_book();
}

static void
test_what_is_no_phrase_is_refused(void **state)
{
	static const char *const rows[][2] = {
		{"''", "the phrase '' needs no word at all: it would be found "
		       "in everything"},
		{"(my) ... (card)",
		 "the phrase '(my) ... (card)' needs no word at all: it would "
		 "be found in everything"},
		{"^ $", "the phrase '^ $' needs no word at all: it would be "
			"found in everything"},
		{"card & ", "the phrase 'card &' needs no word at all: it "
			    "would be found in everything"},
		{"my <crad>", "the phrase 'my <crad>' uses <crad>, but 'words' "
			      "has no such list"},
		{"my <card", "the phrase 'my <card' has a '<' without its '>'"},
		{"(my card", "the phrase '(my card' has a '(' without its ')'"},
		{"my||card", "the phrase 'my||card' has a '|' or brackets "
			     "without a word"},
		{"() card", "the phrase '() card' has a '|' or brackets "
			    "without a word"},
		{"one-time code",
		 "the phrase 'one-time code': 'one-time' is not one word"},
		{"a = b", "the phrase 'a = b': '' is not one word"},
		{"[a, b]", "a phrase must be a text"},
		{"a ... ... ... ... ... ... ... ... ... ... ... ... ... ... "
		 "... ... b",
		 "the phrase 'a ... ... ... ... ... ... ... ... ... ... ... "
		 "... ... ... ... ... b' is too long: 63 words, a gap "
		 "counting as four"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_words(PHRASE_FORWARD, rows[i][0], rows[i][1]);
}

static void
test_what_says_where_has_no_meaning_in_a_whole(void **state)
{
	static const char *const phrases[] = {"^ hi", "hi $", "hi & bye"};

	(void)state;
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
		char words[200];
		snprintf(words, sizeof words,
			 "the phrase '%s' has '^', '$' or '&', which mean "
			 "nothing here: a text must be made of whole phrases",
			 phrases[i]);
		expect_words(PHRASE_WHOLE, phrases[i], words);
	}
}

static void
test_the_longest_phrase_is_found(void **state)
{
	char phrase[200] = "", text[200] = "";

	(void)state;
	for (int i = 0; i < 63; i++) {
		snprintf(phrase + 2 * i, 3, "%c ", 'a' + i % 26);
		snprintf(text + 2 * i, 3, "%c ", 'a' + i % 26);
	}
	assert_int_equal(find(PHRASE_FORWARD, phrase, text), 63);
	assert_int_equal(find(PHRASE_BACKWARD, phrase, text), 0);
	text[60] = '1';
	assert_int_equal(find(PHRASE_FORWARD, phrase, text), PHRASE_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_follow_one_another),
		cmocka_unit_test(test_a_word_stands_for_its_forms),
		cmocka_unit_test(test_one_of_several_words),
		cmocka_unit_test(test_a_word_may_be_missing),
		cmocka_unit_test(test_a_gap_takes_up_to_four_words),
		cmocka_unit_test(test_a_sentence_has_a_beginning_and_an_end),
		cmocka_unit_test(test_parts_may_come_in_any_order),
		cmocka_unit_test(test_a_book_tells_where_a_phrase_ends_first),
		cmocka_unit_test(test_a_book_tells_where_a_phrase_begins_first),
		cmocka_unit_test(test_a_text_may_be_made_of_phrases),
		cmocka_unit_test(test_what_is_no_phrase_is_refused),
		cmocka_unit_test(
			test_what_says_where_has_no_meaning_in_a_whole),
		cmocka_unit_test(test_the_longest_phrase_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
