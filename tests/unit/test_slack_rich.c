/* What people wrote, where Slack has it only as blocks, and what they drew. */
#include "slack_fixture.h"

#include "emoji.h"
#include "rich.h"

#define SECTION(elements) \
	"{'type':'rich_text_section','elements':[" elements "]}"
#define ORDERED                                       \
	"{'type':'rich_text_list','style':'ordered'," \
	"'elements':[" SECTION(TEXT("one")) "," SECTION(TEXT("two")) "]}"
#define QUOTE "{'type':'rich_text_quote','elements':[" TEXT("said") "]}"
#define TEXT(text) "{'type':'text','text':'" text "'}"

/* The elements of a block, in JSON with another sign for quotes. */
static json_t *
make_blocks(const char *elements)
{
	char *json = arena_strdup(&fake->arena, elements);
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	json_t *list = json_loads(json, 0, NULL);
	assert_non_null(list);
	return json_pack("[{s:s}, {s:s, s:o}]", "type", "divider", "type",
			 "rich_text", "elements", list);
}

static void
test_blocks_are_text_in_mark_up(void **state)
{
	static const struct {
		const char *elements, *text;
	} rows[] = {
		{"[" SECTION(TEXT("where is ") "," TEXT("it?")) "]",
		 "where is it?"},
		{"[" SECTION(TEXT("a < b & <!channel>")) "]",
		 "a &lt; b &amp; &lt;!channel&gt;"},
		{"[" SECTION("{'type':'user','user_id':'U0BOB0001'},"
			     "{'type':'user','user_id':'nobody>'}") "]",
		 "<@U0BOB0001>"},
		{"[" SECTION("{'type':'channel','channel_id':'C1'},"
			     "{'type':'usergroup','usergroup_id':'S1'},"
			     "{'type':'broadcast','range':'here'}") "]",
		 "<#C1><!subteam^S1>@here"},
		{"[" SECTION("{'type':'link','url':'https://x/?a&b'},"
			     "{'type':'link','url':'https://x','text':'<y>'},"
			     "{'type':'link','url':'https://x|<z>'}") "]",
		 "<https://x/?a&b><https://x|&lt;y&gt;>https://x|&lt;z&gt;"},
		{"[" SECTION("{'type':'emoji','name':'wave'},"
			     "{'type':'date','fallback':'3 May'},"
			     "{'type':'of_next_year'}") "]",
		 ":wave:3 May"},
		{"[" SECTION(TEXT("two:")) "," ORDERED "," QUOTE "]",
		 "two:\n1. one\n2. two\nsaid"},
		{"[{'type':'rich_text_list','style':'bullet','elements':"
		 "[" SECTION(TEXT("one")) "," SECTION(TEXT("two")) "]}]",
		 "\xE2\x80\xA2 one\n\xE2\x80\xA2 two"},
		{"[]", NULL},
		{"[1, null, 'x', {}]", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_t *blocks = make_blocks(rows[i].elements);
		char *text = rich_text(blocks);
		if (rows[i].text)
			assert_string_equal(text, rows[i].text);
		else
			assert_null(text);
		free(text);
		json_decref(blocks);
	}
	assert_null(rich_text(NULL));
}

static void
test_what_is_nested_too_deep_is_let_go(void **state)
{
	json_t *element = json_pack("{s:s, s:s}", "type", "text", "text", "x");
	(void)state;
	for (int i = 0; i < 100; i++)
		element = json_pack("{s:s, s:[o]}", "type", "rich_text_section",
				    "elements", element);
	json_t *blocks = json_pack("[{s:s, s:[o]}]", "type", "rich_text",
				   "elements", element);
	assert_null(rich_text(blocks));
	json_decref(blocks);
}

static void
test_a_message_without_text_has_that_of_its_blocks(void **state)
{
	(void)state;
	json_t *inner = written("D1", "2.1", NULL, "");
	json_object_set_new(inner, "blocks",
			    make_blocks("[" SECTION(TEXT("hi :wave: ")) "]"));
	post_json(envelope("Ev1", inner));
	assert_int_equal(fake->n_messages, 1);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_memory_equal(m->text, "hi \xF0\x9F\x91\x8B ", m->text_len);
	/* A mention in blocks alone is one, too. */
	inner = written("C1", "2.2", NULL, "");
	json_object_set_new(
		inner, "blocks",
		make_blocks("[" SECTION("{'type':'user','user_id':"
					"'U0TELLER1'}," TEXT(" hello")) "]"));
	post_json(envelope("Ev2", inner));
	assert_int_equal(fake->n_messages, 2);
	assert_memory_equal(fake->messages[1]->message.text, "hello", 5);
	/* The text is what counts where there is one. */
	inner = written("D1", "2.3", NULL, "text");
	json_object_set_new(inner, "blocks",
			    make_blocks("[" SECTION(TEXT("blocks")) "]"));
	post_json(envelope("Ev3", inner));
	assert_memory_equal(fake->messages[2]->message.text, "text", 4);
}

static void
test_names_of_emoji_are_what_they_stand_for(void **state)
{
	static const struct {
		const char *text, *decoded;
	} rows[] = {
		{":+1:", "\xF0\x9F\x91\x8D"},
		{":+1::skin-tone-3:!", "\xF0\x9F\x91\x8D!"},
		{":-1::wave:", "\xF0\x9F\x91\x8E\xF0\x9F\x91\x8B"},
		{"a :x: b", "a \xE2\x9D\x8C b"},
		{"no :such_emoji: here", "no :such_emoji: here"},
		{"at 10:30:45 or 9:x:y", "at 10:30:45 or 9\xE2\x9D\x8Cy"},
		{":+1::skin-tone-7:", "\xF0\x9F\x91\x8D:skin-tone-7:"},
		{":", ":"},
		{"::", "::"},
		{":+1", ":+1"},
		{"::+1:", ":\xF0\x9F\x91\x8D"},
		{"", ""},
	};
	char text[64];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(text, sizeof(text), "%s", rows[i].text);
		emoji_decode(text);
		assert_string_equal(text, rows[i].decoded);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_blocks_are_text_in_mark_up),
		TEST(test_what_is_nested_too_deep_is_let_go),
		TEST(test_a_message_without_text_has_that_of_its_blocks),
		TEST(test_names_of_emoji_are_what_they_stand_for),
	};
	return cmocka_run_group_tests_name("slack_rich", tests, NULL, NULL);
}
