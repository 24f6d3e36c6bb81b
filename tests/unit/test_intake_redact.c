/* What a customer wrote elsewhere says what is a secret here, and is not kept.
 */
#include "test.h"

#include <string.h>

#include <tellerd/plugin.h>

#include "base/mem.h"
#include "dialog/intake_redact.h"
#include "dialog/recent.h"
#include "dialog/turn.h"
#include "store/conversation.h"

static struct recent *recent;
static struct arena arena;

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
	arena_release(&arena);
	return 0;
}

/* What is kept of a message of that conversation; id NULL: it has none. */
static const char *
spoken(const char *conversation, const char *id, const char *earlier,
       const char *text)
{
	unsigned int found = 0;
	struct teller_message message = {
		.size = sizeof message,
		.account = "",
		.conversation = conversation,
		.external_ids = {id},
		.earlier = earlier,
		.earlier_len = earlier ? strlen(earlier) : 0,
	};
	return intake_redact_spoken(&arena, recent, "web", &message, text, 1,
				    &found);
}

static void
test_a_secret_announced_elsewhere_is_one(void **state)
{
	(void)state;
	assert_string_equal(spoken("a", "1", NULL, "70112233"), "70112233");
	const char *kept = spoken("b", "1", "the one-time code is", "70112233");
	assert_null(strstr(kept, "70112233"));
	assert_null(strstr(kept, "one-time"));
	assert_string_equal(
		spoken("b", "1", "the one-time code is", "70112233"), kept);
	assert_string_equal(
		spoken("c", "1", "what is a one-time code?", "hello"), "hello");
}

static void
test_what_was_said_here_counts_more(void **state)
{
	(void)state;
	spoken("a", "1", NULL, "my card is blue");
	assert_string_equal(
		spoken("a", "2", "the one-time code is", "70112233"),
		"70112233");
}

static void
test_earlier_words_of_any_bytes_are_mended(void **state)
{
	(void)state;
	const char *kept =
		spoken("a", NULL, "\xff\xc3 the one-time code is", "70112233");
	assert_null(strstr(kept, "70112233"));
}

/* Whatever its length, its end counts, and a character that is cut is no harm.
 */
static void
test_of_long_earlier_words_the_end_counts(void **state)
{
	(void)state;
	static char earlier[100 * 1000 + 64];
	for (size_t shift = 0; shift < 3; shift++) {
		size_t n = 0;
		for (size_t i = 0; i < shift; i++)
			earlier[n++] = 'x';
		while (n < 99 * 1000) {
			memcpy(earlier + n, "\xe2\x82\xac", 3);
			n += 3;
		}
		memcpy(earlier + n, " the one-time code is", 22);
		char name[2] = {(char)('a' + shift), 0};
		const char *kept = spoken(name, "1", earlier, "70112233");
		assert_null(strstr(kept, "70112233"));
	}
	memcpy(earlier, "the one-time code is ", 21);
	memset(earlier + 21, 'x', sizeof(earlier) - 22);
	assert_string_equal(spoken("z", "1", earlier, "70112233"), "70112233");
}

/* A turn that ended with those words is over. */
static void
ask(const char *name, bool asks, const char *words)
{
	intake_asked(
		recent,
		&(struct conversation){.public_id = "cnv_1",
				       .channel = "web",
				       .account = "",
				       .key = name},
		&(struct turn_result){.asks_digits = asks, .question = words});
}

static void
test_four_digits_that_were_asked_for_are_no_pin(void **state)
{
	static const char words[] = "stolen, and my pin was with it";
	(void)state;
	spoken("a", "1", NULL, words);
	assert_null(strstr(spoken("a", "2", NULL, "4821"), "4821"));
	spoken("b", "1", NULL, words);
	ask("b", true, words);
	assert_string_equal(spoken("b", "2", NULL, " (4821)."), " (4821).");
	/* Brought again, it stays the same. */
	ask("b", false, " (4821).");
	assert_string_equal(spoken("b", "2", NULL, " (4821)."), " (4821).");
	spoken("b", "3", NULL, "my pin is");
	assert_null(strstr(spoken("b", "4", NULL, "4821"), "4821"));
}

static void
test_what_else_they_may_be_stays_a_secret(void **state)
{
	static const struct {
		const char *before, *since, *text;
	} rows[] = {
		{"my pin is", NULL, "it is 4821"},
		{"my pin is", NULL, "48213"},
		{"my pin is", "here it is, my pin", "4821"},
		{"4111 1111 1111", NULL, "1111"}, /* the rest of a card */
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char name[2] = {(char)('a' + i), '\0'};
		spoken(name, "1", NULL, rows[i].before);
		ask(name, true, rows[i].before);
		if (rows[i].since)
			spoken(name, "2", NULL, rows[i].since);
		const char *kept = spoken(name, "3", NULL, rows[i].text);
		if (strcmp(kept, rows[i].text) == 0)
			fail_msg("row %zu is kept: %s", i, kept);
	}
	/* More was written while the turn went on. */
	spoken("z", "1", NULL, "stolen");
	spoken("z", "2", NULL, "my pin is");
	ask("z", true, "stolen");
	assert_null(strstr(spoken("z", "3", NULL, "4821"), "4821"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_a_secret_announced_elsewhere_is_one),
		TEST(test_what_was_said_here_counts_more),
		TEST(test_earlier_words_of_any_bytes_are_mended),
		TEST(test_of_long_earlier_words_the_end_counts),
		TEST(test_four_digits_that_were_asked_for_are_no_pin),
		TEST(test_what_else_they_may_be_stays_a_secret),
	};
	return cmocka_run_group_tests_name("intake_redact", tests, NULL, NULL);
}
