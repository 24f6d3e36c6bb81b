/* The prompt of a draft: what comes first, what is left out when there is too
 * little room, and what of it is nobody's own. */
#include "test.h"

#include <string.h>

#include "byte_vocab.h"
#include "dialog/prompt.h"
#include "model/encoder.h"
#include "model/tokenizer.h"

/* Tokens are bytes, so that a list of them is a text. */
static struct tokenizer *tokenizer;
static struct encoder *encoder;

static int
set_up(void **state)
{
	struct buf vocab;
	static const char merges[] = "#version: 0.2\n";
	(void)state;
	buf_init(&vocab, 64 * 1024);
	add_byte_vocab(&vocab);
	buf_adds(&vocab, "}");
	tokenizer = tokenizer_new(buf_str(&vocab), vocab.len, merges,
				  strlen(merges), NULL);
	buf_release(&vocab);
	assert_non_null(tokenizer);
	encoder = encoder_new(tokenizer);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	encoder_free(encoder);
	tokenizer_free(tokenizer);
	return 0;
}

static const char *const passages[] = {"[first]", "[second]"};
static const char *const history[] = {"(old)", "(new)"};
static const struct prompt whole = {
	.instructions = "<do>",
	.passages = passages,
	.n_passages = 2,
	.history = history,
	.n_history = 2,
	.question = "why?",
};

/* which: the passages that are in it, "02" are the first and the third. */
static void
expect_prompt(const struct prompt *prompt, size_t max, const char *text,
	      size_t n_shared, const char *which)
{
	struct token_list tokens = {.max = max};
	struct prompt_parts parts;
	char got[256] = "", fitted[PROMPT_PASSAGES_MAX + 1] = "";
	assert_int_equal(
		prompt_encode(prompt, encoder, max, &tokens, &parts, NULL), 0);
	assert_in_range(tokens.n, 1, max);
	for (size_t i = 0; i < tokens.n; i++)
		got[i] = (char)tokens.ids[i];
	assert_string_equal(got, text);
	assert_int_equal(parts.n_shared, n_shared);
	for (size_t i = 0; i < parts.n_passages; i++)
		fitted[i] = (char)('0' + parts.passages[i]);
	assert_string_equal(fitted, which);
	token_list_release(&tokens);
}

static void
test_all_of_it_is_in_its_order(void **state)
{
	(void)state;
	expect_prompt(&whole, 100, "<do>[first][second](old)(new)why?", 19,
		      "01");
}

static void
test_entries_have_half_of_the_room(void **state)
{
	(void)state;
	expect_prompt(&whole, 37, "<do>[first](old)(new)why?", 11, "0");
	expect_prompt(&whole, 38, "<do>[first][second](old)(new)why?", 19,
		      "01");
	expect_prompt(&whole, 20, "<do>(old)(new)why?", 4, "");
}

static void
test_a_passage_without_room_is_skipped(void **state)
{
	(void)state;
	static const char *const mixed[] = {"[one that is too long]", "[b]",
					    "[too long as well]", "[d]"};
	struct prompt prompt = whole;
	prompt.passages = mixed;
	prompt.n_passages = 4;
	expect_prompt(&prompt, 28, "<do>[b][d](old)(new)why?", 10, "13");
	expect_prompt(&prompt, 18, "<do>[b](new)why?", 7, "1");
}

static void
test_without_instructions_there_is_no_passage(void **state)
{
	(void)state;
	struct prompt prompt = whole;
	prompt.instructions = "<do it in many words>";
	expect_prompt(&prompt, 30, "(old)(new)why?", 0, "");
}

static void
test_the_oldest_is_left_out_first(void **state)
{
	(void)state;
	expect_prompt(&whole, 22, "<do>[first](new)why?", 11, "0");
	expect_prompt(&whole, 16, "<do>(new)why?", 4, "");
}

static void
test_of_a_long_question_the_end_is_kept(void **state)
{
	(void)state;
	struct prompt prompt = whole;
	prompt.question = "once upon a time there was a card that I lost";
	expect_prompt(&prompt, 20, "<do>card that I lost", 4, "");
}

static void
test_prompts_of_other_conversations_begin_alike(void **state)
{
	(void)state;
	struct prompt other = whole;
	other.n_history = 0;
	other.question = "how?";
	expect_prompt(&other, 100, "<do>[first][second]how?", 19, "01");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_it_is_in_its_order),
		cmocka_unit_test(test_entries_have_half_of_the_room),
		cmocka_unit_test(test_a_passage_without_room_is_skipped),
		cmocka_unit_test(test_without_instructions_there_is_no_passage),
		cmocka_unit_test(test_the_oldest_is_left_out_first),
		cmocka_unit_test(test_of_a_long_question_the_end_is_kept),
		cmocka_unit_test(
			test_prompts_of_other_conversations_begin_alike),
	};
	return cmocka_run_group_tests_name("prompt", tests, set_up, tear_down);
}
