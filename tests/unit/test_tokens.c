/* Words, stems and stop words. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "text/tokens.h"

/* The words, or terms, parted by blanks, stop words in brackets. */
static const char *
split(const char *text, const char *language, bool are_terms)
{
	static char joined[1000];
	struct tokens tokens;
	size_t len = 0;

	tokens_init(&tokens);
	assert_int_equal(tokens_split(&tokens, text, strlen(text), language),
			 0);
	joined[0] = '\0';
	for (size_t i = 0; i < tokens.n; i++) {
		const char *word = are_terms ? token_term(&tokens, i)
					     : token_word(&tokens, i);
		len += (size_t)snprintf(joined + len, sizeof joined - len,
					tokens.list[i].is_stop ? "%s(%s)"
							       : "%s%s",
					i ? " " : "", word);
	}
	tokens_release(&tokens);
	return joined;
}

static void
test_a_text_is_split_into_words(void **state)
{
	(void)state;
	assert_string_equal(split("Hello,World! 3.5% x.y", "", false),
			    "hello world 3.5 x y");
	assert_string_equal(split("don't 'quoted' o'clock'", "", false),
			    "don't quoted o'clock");
	assert_string_equal(split("1,000.50 1.2.3. v2", "", false),
			    "1 000.50 1.2.3 v2");
	assert_string_equal(split(" ,.!? ", "en", false), "");
	assert_string_equal(split("caf\u00E9 Gr\u00FC\u00DFe", "", false),
			    "caf\u00E9 gr\u00FCsse");
}

static void
test_a_mark_is_the_word_it_begins_with(void **state)
{
	(void)state;
	assert_string_equal(
		split("my[card ok ...1111] and [iban bad ...3000] [pin].", "",
		      false),
		"my card and iban pin");
	assert_string_equal(split("[card holder] [pins]", "", false),
			    "card holder pins");
}

static void
test_words_are_stemmed_as_the_language_asks(void **state)
{
	(void)state;
	assert_string_equal(split("blocked cards don't", "en", true),
			    "block card dont");
	assert_string_equal(split("blocked cards", "en-GB", true),
			    "block card");
	assert_string_equal(split("gesperrte Karten", "de", true),
			    "gesperrt kart");
	assert_string_equal(split("blocked cards don't", "xx", true),
			    "blocked cards dont");
	assert_string_equal(split("blocked cards", NULL, true),
			    "blocked cards");
}

static void
test_french_elisions_are_words_of_their_own(void **state)
{
	(void)state;
	assert_string_equal(split("l\u2019argent n'est pas d'ici", "fr", false),
			    "(l) argent n (est) pas (d) ici");
}

static void
test_function_words_are_stops(void **state)
{
	(void)state;
	assert_string_equal(split("the card is not lost", "en", false),
			    "(the) card (is) not lost");
	assert_true(text_is_stop_word("der", "de"));
	assert_true(text_is_stop_word("la", "fr-CA"));
	assert_true(text_is_stop_word("los", "es"));
	assert_false(text_is_stop_word("the", "de"));
	assert_false(text_is_stop_word("the", "xx"));
	assert_false(text_is_stop_word("the", NULL));
}

static void
test_negations_and_question_words_are_no_stops(void **state)
{
	static const char *const words[][2] = {
		{"not", "en"},	       {"no", "en"},
		{"without", "en"},     {"never", "en"},
		{"don't", "en"},       {"cannot", "en"},
		{"how", "en"},	       {"where", "en"},
		{"what", "en"},	       {"why", "en"},
		{"when", "en"},	       {"who", "en"},
		{"which", "en"},       {"nicht", "de"},
		{"kein", "de"},	       {"keine", "de"},
		{"ohne", "de"},	       {"nie", "de"},
		{"wie", "de"},	       {"wo", "de"},
		{"was", "de"},	       {"warum", "de"},
		{"wann", "de"},	       {"welche", "de"},
		{"pas", "fr"},	       {"ne", "fr"},
		{"sans", "fr"},	       {"jamais", "fr"},
		{"comment", "fr"},     {"o\u00F9", "fr"},
		{"quand", "fr"},       {"pourquoi", "fr"},
		{"quel", "fr"},	       {"no", "es"},
		{"sin", "es"},	       {"nunca", "es"},
		{"c\u00F3mo", "es"},   {"d\u00F3nde", "es"},
		{"cu\u00E1ndo", "es"}, {"qu\u00E9", "es"},
		{"ni", "es"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		assert_false(text_is_stop_word(words[i][0], words[i][1]));
}

static void
test_words_with_digits_are_numbers(void **state)
{
	struct tokens tokens;

	(void)state;
	tokens_init(&tokens);
	assert_int_equal(tokens_split(&tokens, "a b2 30", 7, "en"), 0);
	assert_int_equal(tokens.n, 3);
	assert_false(tokens.list[0].is_number);
	assert_true(tokens.list[1].is_number);
	assert_true(tokens.list[2].is_number);
	tokens_release(&tokens);
}

static void
test_tokens_are_used_again_in_another_language(void **state)
{
	struct tokens tokens;

	(void)state;
	tokens_init(&tokens);
	assert_int_equal(tokens_split(&tokens, "cards", 5, "en"), 0);
	assert_string_equal(token_term(&tokens, 0), "card");
	assert_int_equal(tokens_split(&tokens, "Karten", 6, "de"), 0);
	assert_int_equal(tokens.n, 1);
	assert_string_equal(token_term(&tokens, 0), "kart");
	tokens_release(&tokens);
}

static void
test_long_texts_are_looked_at_so_far(void **state)
{
	static char text[3 * (TOKENS_MAX + 10)];
	struct tokens tokens;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 3 == 2 ? ' ' : 'a';
	tokens_init(&tokens);
	assert_int_equal(tokens_split(&tokens, text, sizeof text, "en"), 0);
	assert_int_equal(tokens.n, TOKENS_MAX);
	tokens_release(&tokens);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_text_is_split_into_words),
		cmocka_unit_test(test_a_mark_is_the_word_it_begins_with),
		cmocka_unit_test(test_words_are_stemmed_as_the_language_asks),
		cmocka_unit_test(test_french_elisions_are_words_of_their_own),
		cmocka_unit_test(test_function_words_are_stops),
		cmocka_unit_test(
			test_negations_and_question_words_are_no_stops),
		cmocka_unit_test(test_words_with_digits_are_numbers),
		cmocka_unit_test(
			test_tokens_are_used_again_in_another_language),
		cmocka_unit_test(test_long_texts_are_looked_at_so_far),
	};

	return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}
