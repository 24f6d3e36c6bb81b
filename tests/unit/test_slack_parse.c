/* JSON of Slack's that a strict reader refuses for what one text of it holds.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* The document {"a": "..."} with that within the quotes. */
static json_t *
parse(const char *within)
{
	char text[200];
	size_t n =
		(size_t)snprintf(text, sizeof(text), "{\"a\":\"%s\"}", within);
	char *exact = malloc(n); /* so that a sanitizer sees its end */
	memcpy(exact, text, n);
	json_t *document = slack_parse(exact, n);
	free(exact);
	return document;
}

static void
test_no_character_is_replaced_and_nothing_else(void **state)
{
#define NONE "\xef\xbf\xbd"
	static const struct {
		const char *within, *read;
	} rows[] = {
		{"plain", "plain"},
		{"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
		{"cut \\ud83d", "cut " NONE},
		{"cut \\ud83d...", "cut " NONE "..."},
		{"\\ud83d\\ud83d\\ude00", NONE "\xf0\x9f\x98\x80"},
		{"\\ude00\\ud83d", NONE NONE},
		{"\\uD83D\\n", NONE "\n"},
		{"\\u0000x", NONE "x"},
		{"\\\\ud83d \\ud83d", "\\ud83d " NONE},
		{"\\\\\\ud83d", "\\" NONE},
		{"\\\"\\ude00\\\"", "\"" NONE "\""},
		{"\\u0041\\ud83d", "A" NONE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_t *document = parse(rows[i].within);
		assert_non_null(document);
		assert_string_equal(
			json_string_value(json_object_get(document, "a")),
			rows[i].read);
		json_decref(document);
	}
}

static void
test_what_is_no_json_is_none(void **state)
{
	static const char *const texts[] = {"",
					    "{",
					    "\\",
					    "{\"a\":\"\\ud83",
					    "\"\\ud83d",
					    "{\"a\":\"\\ud8zz\"}",
					    "<html>",
					    "\\u0000",
					    "{\"a\":\"\xff\\ud83d\"}"};
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		size_t len = strlen(texts[i]);
		char *exact = malloc(len + !len);
		memcpy(exact, texts[i], len);
		assert_null(slack_parse(exact, len));
		free(exact);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_no_character_is_replaced_and_nothing_else),
		cmocka_unit_test(test_what_is_no_json_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
