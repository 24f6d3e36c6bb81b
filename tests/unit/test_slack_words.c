/* What Slack writes is read, and what it reads is written, by its rules. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmark.h>

#include "base/mem.h"
#include "commonmark.h"
#include "decode.h"
#include "event.h"
#include "form.h"
#include "mrkdwn.h"
#include "signature.h"
#include "split.h"

/* ---- Signatures */

/* Slack's documentation prints this one. */
#define SECRET "8f742231b10e8888abcd99yyyzzz85a5"
#define AT 1531420618
#define BODY                                                            \
	"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&"             \
	"team_domain=testteamnow&channel_id=G8PSS9T3V&"                 \
	"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&"   \
	"command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"  \
	"hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"      \
	"96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121." \
	"803a0bc887a14d10d2c447fce8b6703c"
#define SIGNATURE \
	"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"

static bool
is_good(const char *secrets, const char *timestamp, const char *signature,
	int64_t now_s)
{
	return signature_is_good(secrets, strlen(secrets), timestamp, signature,
				 BODY, strlen(BODY), now_s);
}

static void
test_the_published_signature_is_good(void **state)
{
	(void)state;
	assert_true(is_good(SECRET, "1531420618", SIGNATURE, AT));
	assert_false(is_good("another", "1531420618", SIGNATURE, AT));
	assert_false(signature_is_good(SECRET, strlen(SECRET), "1531420618",
				       SIGNATURE, BODY, strlen(BODY) - 1, AT));
}

static void
test_any_of_several_secrets_is_good(void **state)
{
	(void)state;
	assert_true(is_good("new\n" SECRET, "1531420618", SIGNATURE, AT));
	assert_true(is_good(SECRET "\nold", "1531420618", SIGNATURE, AT));
	assert_true(is_good("a\n\n" SECRET "\n", "1531420618", SIGNATURE, AT));
	assert_false(is_good("new\nold", "1531420618", SIGNATURE, AT));
	assert_false(is_good("\n", "1531420618", SIGNATURE, AT));
	assert_false(is_good("", "1531420618", SIGNATURE, AT));
}

static void
test_a_request_is_good_for_five_minutes_either_way(void **state)
{
	(void)state;
	for (int64_t s = -300; s <= 300; s += 300)
		assert_true(is_good(SECRET, "1531420618", SIGNATURE, AT + s));
	assert_false(is_good(SECRET, "1531420618", SIGNATURE, AT + 301));
	assert_false(is_good(SECRET, "1531420618", SIGNATURE, AT - 301));
}

static void
test_what_is_no_signature_is_refused(void **state)
{
	static const struct {
		const char *timestamp, *signature;
	} rows[] = {
		{NULL, SIGNATURE},
		{"1531420618", NULL},
		{"1531420618", ""},
		{"", SIGNATURE},
		{"+1531420618", SIGNATURE},
		{" 1531420618", SIGNATURE},
		{"15314206xx", SIGNATURE},
		{"99999999999999999999999", SIGNATURE},
		{"1531420618", "v0="},
		{"1531420618", &SIGNATURE[3]},
		{"1531420618", "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10"
			       "bd27519666489c69b503"},
		{"1531420618", "v0=A2114D57B48EAC39B9AD189DD8316235A7B4A8D21A10"
			       "BD27519666489C69B503"},
		{"1531420618", SIGNATURE "0"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_false(is_good(SECRET, rows[i].timestamp,
				     rows[i].signature, AT));
}

/* ---- Forms */

static void
test_fields_of_a_form_are_decoded(void **state)
{
	static const struct {
		const char *body, *name, *value;
	} rows[] = {
		{"payload=%7B%22a%22%3A1%7D", "payload", "{\"a\":1}"},
		{"a=1&payload=x+y%2B", "payload", "x y+"},
		{"%70ayload=x", "payload", "x"},
		{"payload=first&payload=second", "payload", "first"},
		{"payload", "payload", ""},
		{"payload=", "payload", ""},
		{"payloads=x&xpayload=y", "payload", NULL},
		{"payload=%", "payload", NULL},
		{"payload=%4", "payload", NULL},
		{"payload=%zz", "payload", NULL},
		{"", "payload", NULL},
		{"&&=x&", "payload", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len;
		char *value = form_get(rows[i].body, strlen(rows[i].body),
				       rows[i].name, &len);
		if (rows[i].value)
			assert_string_equal(value, rows[i].value);
		else
			assert_null(value);
		if (value)
			assert_int_equal(len, strlen(value));
		free(value);
	}
	assert_true(form_has("x=1&%73sl_check=1", 17, "ssl_check"));
	assert_false(form_has("x=1", 3, "ssl_check"));
}

/* ---- Text that comes */

static void
test_mark_up_becomes_plain_text(void **state)
{
	static const struct {
		const char *text, *plain;
	} rows[] = {
		{"hello", "hello"},
		{"<@U0TELLER1> where is my card?", "where is my card?"},
		{" <@U0TELLER1>: hi", "hi"},
		{"hi <@U0TELLER1>", "hi @teller"},
		{"<@U0TELLER1>", ""},
		{"ask <@U0ANN0001> or <@W1|ann>", "ask @U0ANN0001 or @ann"},
		{"<#C1|help> <#C2> <#C3|>", "#help #C2 #C3"},
		{"<!subteam^S1|@team> <!subteam^S2>", "@team @S2"},
		{"<!here> <!channel> <!everyone|everyone>",
		 "@here @channel @everyone"},
		{"<!date^1764000000^{date} at {time}^https://x|24 Nov>",
		 "24 Nov"},
		{"<!date^1764000000^{date}>", ""},
		{"<https://x/?a=1&amp;b=2>", "https://x/?a=1&b=2"},
		{"<https://x.example/a|here &amp; now>",
		 "here & now (https://x.example/a)"},
		{"<http://x.example|x.example>", "x.example"},
		{"<https://evil.example/x.example|x.example>",
		 "x.example (https://evil.example/x.example)"},
		{"<mailto:a@b.example|a@b.example>", "a@b.example"},
		{"a &lt;b&gt; &amp; c", "a <b> & c"},
		{"&amp;lt; &amp;amp; &amp; &; &lt", "&lt; &amp; & &; &lt"},
		{"&lt;@U0ANN0001&gt;", "<@U0ANN0001>"},
		{"<@U0TELLER1", "<@U0TELLER1"},
		{"a < b", "a < b"},
		{"<>", ""},
		{"<@>", "@"},
		{"<<@U1>>", "<@U1>"},
		{":wave: hi", ":wave: hi"},
	};
	const struct decode_self self = {.user = "U0TELLER1", .name = "teller"};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *plain = decode_part(
			decode_skip_address(rows[i].text, &self), &self);
		assert_string_equal(plain, rows[i].plain);
		free(plain);
	}
}

static const struct decode_self self_known = {.user = "U0TELLER1",
					      .name = "teller"};

static void
test_mark_up_becomes_commonmark(void **state)
{
	static const struct {
		const char *text, *commonmark;
	} rows[] = {
		{"*bold* _it_ ~old~", "**bold** _it_ ~old~"},
		{"*a _b_ c*, _*d* e_", "**a _b_ c**, _**d** e_"},
		{"(*a*)-_b_ \xE2\x80\x9E*c*\xE2\x80\x9C",
		 "(**a**)-_b_ \xE2\x80\x9E**c**\xE2\x80\x9C"},
		{"`a*b*` `<https://x>` `a&amp;`", "`a*b*` `https://x` `a&`"},
		{"*`a*` b*", "**`a*` b**"},
		{"` a\r ` *`<>`*", "`  a   ` **` `**"},
		{"a\n\u2022 <!date^1^x| >", "a\n- \u00A0"},
		{"*see <https://x/*y|z>*", "**see [z](https://x/*y)**"},
		{"```\na *b* &lt;c&gt;\n```", "```\na *b* <c>\n```"},
		{"See ```a``` there", "See \n```\na\n```\nthere"},
		{"a\n```b```\nc\n\nd", "a\n```\nb\n```\nc\n\nd"},
		{"<https://x/?a=1&amp;b=2>", "<https://x/?a=1&b=2>"},
		{"<https://x/?a=1&amp;copy;>", "<https://x/?a=1&amp;copy;>"},
		{"<https://x/a(b|an [a] *label*>",
		 "[an \\[a\\] \\*label\\*](<https://x/a(b>)"},
		{"<https://x/ y%3E|it>!", "[it](https://x/%20y%3E)!"},
		{"Wow!<https://x|it>", "Wow\\![it](https://x)"},
		{"<mailto:a@b.example|a@b.example>",
		 "[a@b.example](mailto:a@b.example)"},
		{"<<@U0TELLER1>", "\\<@teller"},
		{"<javascript:x|it>", "it (javascript:x)"},
		{"hi <@U0TELLER1>, <#C1|help>, <!here>",
		 "hi @teller, #help, @here"},
		{"<!date^1^x|1. a> <!date^1^x|# b>", "1\\. a # b"},
		{"one\ntwo\n\nthree", "one  \ntwo\n\nthree"},
		{"&gt; a\n&gt;b\nc", "> a  \n> b\n\nc"},
		{"a\n&gt;&gt;&gt;b\n# c", "a\n> b  \n> \\# c"},
		{"For:\n\u2022 a\n    \u25E6 b\n\u2022 *c*\nd",
		 "For:\n- a\n  - b\n- **c**\n\nd"},
		{"1. a\n    \u2022 b\n2. c", "1. a\n   - b\n2. c"},
		{"___\r", "\\___ "},
		{"24. December\n31. December",
		 "24\\. December  \n31\\. December"},
		{"1. a\n\n1. b", "1. a\n\n1\\. b"},
		{"Hello\n\u2022 ", "Hello  \n\u2022 "},
		{":wave: `:wave:`", "\U0001F44B `:wave:`"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *text = commonmark_of_mrkdwn(rows[i].text, &self_known);
		assert_string_equal(text, rows[i].commonmark);
		free(text);
	}
}

/* What it says where it is shown. */
static char *
shown(const char *commonmark)
{
	cmark_node *document = cmark_parse_document(
		commonmark, strlen(commonmark), CMARK_OPT_DEFAULT);
	cmark_iter *iter = cmark_iter_new(document);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);
		if (type == CMARK_NODE_LINEBREAK)
			putc('\n', out);
		else if (type == CMARK_NODE_TEXT)
			fputs(cmark_node_get_literal(node), out);
		else
			assert_true(type == CMARK_NODE_DOCUMENT ||
				    type == CMARK_NODE_PARAGRAPH);
	}
	fclose(out);
	cmark_iter_free(iter);
	cmark_node_free(document);
	return text;
}

/* NULL: it is written as it is. */
static void
test_plain_words_stay_what_they_are(void **state)
{
	static const struct {
		const char *text, *commonmark;
	} rows[] = {
		{"Gr\xC3\xBC\xC3\x9F"
		 "e, 5 * 3 = 15; 5 < 6 & a_b_c",
		 NULL},
		{"C:\\temp\\", NULL},
		{"a [b] (c) d: #5 +49 -1 1.5 2) !", NULL},
		{"~5 & ~6, x|y & z;", NULL},
		{"2*3*4 and **x** and a* *b", "2\\*3\\*4 and \\*\\*x\\*\\* and "
					      "a\\* \\*b"},
		{"_a b", "\\_a b"},
		{"a`b", "a\\`b"},
		{"[a](b)", "[a]\\(b)"},
		{"[a]: b", "[a]\\: b"},
		{"\\*", "\\\\\\*"},
		{"<b> &amp; <!x", "\\<b> \\&amp; \\<!x"},
		{"<4711@bank.example> <+49@b.example> <.a@b.example>",
		 "\\<4711@bank.example> \\<+49@b.example> "
		 "\\<.a@b.example>"},
		{"a <3 < 4 <", "a \\<3 < 4 <"},
		{"# a", "\\# a"},
		{"- 20 EUR", "\\- 20 EUR"},
		{"+ 20 EUR", "\\+ 20 EUR"},
		{"* a", "\\* a"},
		{"3) a", "3\\) a"},
		{"---", "\\---"},
		{"* * *", "\\* * *"},
		{"a\n===", "a  \n\\==="},
		{"~~~", "\\~~~"},
		{"    a", "a"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *mrkdwn = NULL;
		size_t len;
		FILE *out = open_memstream(&mrkdwn, &len);
		mrkdwn_escape(out, rows[i].text);
		fclose(out);
		char *text = commonmark_of_mrkdwn(mrkdwn, &self_known);
		char *seen = shown(text);
		assert_string_equal(text, rows[i].commonmark
						  ? rows[i].commonmark
						  : rows[i].text);
		assert_string_equal(seen,
				    rows[i].text + strspn(rows[i].text, " "));
		free(seen);
		free(text);
		free(mrkdwn);
	}
}

/* As many as a message may have: each run of them is looked at once. */
static void
test_many_signs_stay_what_they_are(void **state)
{
	(void)state;
	for (const char *sign = "*_"; *sign; sign++) {
		char said[40002] = "x";
		memset(said + 1, *sign, sizeof(said) - 2);
		char *text = commonmark_of_mrkdwn(said, &self_known);
		char *seen = shown(text);
		assert_int_equal(strlen(text), 2 * strlen(said) - 1);
		assert_string_equal(seen, said);
		free(seen);
		free(text);
	}
}

static void
test_who_is_mentioned_is_seen(void **state)
{
	size_t len;
	(void)state;
	assert_true(decode_mentions("a <b> <@U2> <@U1|x>", "U1"));
	assert_false(decode_mentions("<@U12> &lt;@U1&gt; @U1", "U1"));
	assert_false(decode_mentions("<@U1>", NULL));
	const char *first =
		decode_first_mention("<https://x> <@U2> <@U1>", &len);
	assert_memory_equal(first, "U2", 2);
	assert_int_equal(len, 2);
	assert_null(decode_first_mention("<#C1|x>", &len));
}

/* ---- Text that goes */

static void
test_commonmark_becomes_mrkdwn(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"Order 4711 left on 3 May.", "Order 4711 left on 3 May."},
		{"**bold** *slanted* `a<b`", "*bold* _slanted_ `a&lt;b`"},
		{"# Title\n\ntext", "*Title*\n\ntext"},
		{"# A **b** c", "*A b c*"},
		{"***x***", "_*x*_"},
		{"one\ntwo  \nthree", "one two\nthree"},
		{"- a\n- b\n", "• a\n• b"},
		{"- a\n\n  b\n- c", "• a\n\n    b\n\n• c"},
		{"3. a\n4. b", "3. a\n4. b"},
		{"- a\n  - b\n    1. c", "• a\n    • b\n        1. c"},
		{"> a\n>\n> b\n\nc", "> a\n>\n> b\n\nc"},
		{"```\nif (a<b) x();\n```", "```\nif (a&lt;b) x();\n```"},
		{"````\n```\n````", "```\n`` `\n```"},
		{"a\n\n---\n\nb", "a\n\n———\n\nb"},
		{"[here](https://x.example/?a=1&b=2)",
		 "<https://x.example/?a=1&amp;b=2|here>"},
		{"<https://x.example/>",
		 "<https://x.example/|https://x.example/>"},
		{"[a **b**](https://x/?q=a|b%3E)",
		 "<https://x/?q=a%7Cb%3E|a b>"},
		{"[x](javascript:alert)", "x"},
		{"[x](/relative)", "x"},
		{"![logo](https://x/l.png)", "<https://x/l.png|logo>"},
		{"[![l](https://x/l.png)](https://y/)", "<https://y/|l>"},
		{"[](https://y/)", "<https://y/>"},
		{"5 < 6 & 7 > 4", "5 &lt; 6 &amp; 7 &gt; 4"},
		{"<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"},
		{"\\<!here\\> &lt;!here&gt;", "&lt;!here&gt; &lt;!here&gt;"},
		{"<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"},
		{"<div>\nx\n</div>", "&lt;div&gt;\nx\n&lt;/div&gt;"},
		{"[card ok ...1111]", "[card ok ...1111]"},
		{"", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *text = mrkdwn_render(rows[i].from);
		assert_string_equal(text, rows[i].to);
		free(text);
	}
}

/* ---- Parts */

#define MAX 200

static struct arena arena; /* of texts, until the end */

static void
expect_parts(const char *text, const char *const *expected, size_t n)
{
	struct split_parts parts;
	assert_int_equal(split_text(text, MAX, &parts), 0);
	for (size_t i = 0; i < n && i < parts.n; i++)
		assert_string_equal(parts.texts[i], expected[i]);
	assert_int_equal(parts.n, n);
	split_release(&parts);
}

static const char *
times(size_t n, const char *text)
{
	size_t len = strlen(text);
	char *out = arena_new(&arena, n * len + 1);
	for (size_t i = 0; i < n; i++)
		memcpy(out + i * len, text, len);
	return out;
}

static const char *
join(const char *a, const char *b, const char *c)
{
	return arena_printf(&arena, "%s%s%s", a, b, c);
}

static void
test_what_fits_is_one_part(void **state)
{
	const char *text = times(MAX, "x");
	(void)state;
	expect_parts(text, &text, 1);
	expect_parts("", (const char *const[]){""}, 1);
}

static void
test_parts_end_where_people_would_end_them(void **state)
{
	const char *a = times(100, "a"), *b = times(150, "b");
	(void)state;
	expect_parts(join(a, "\n\n", b), (const char *const[]){a, b}, 2);
	expect_parts(join(a, "\n", b), (const char *const[]){a, b}, 2);
	const char *sentence = join(a, ".", "");
	expect_parts(join(sentence, " ", b), (const char *const[]){sentence, b},
		     2);
	expect_parts(join(a, " ", b), (const char *const[]){a, b}, 2);
	/* Before a link rather than within it. */
	const char *link = join("<https://x/", times(120, "y"), "|here>");
	expect_parts(join(a, "", link), (const char *const[]){a, link}, 2);
}

/* Never within one. */
static void
test_an_entity_stays_whole(void **state)
{
	struct split_parts parts;
	size_t n = 0;
	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		const char *text =
			join(times(shift, "x"), times(200, "&lt;"), "");
		assert_int_equal(split_text(text, MAX, &parts), 0);
		assert_true(parts.n > 2);
		for (size_t i = 0; i < parts.n; i++) {
			const char *part = parts.texts[i];
			assert_true(strlen(part) <= MAX);
			for (part = strchr(part, '&'); part;
			     part = strchr(part + 1, '&'), n++)
				assert_memory_equal(part, "&lt;", 4);
		}
		split_release(&parts);
	}
	assert_int_equal(n, 4 * 200);
}

static void
test_a_fence_is_closed_and_opened_again(void **state)
{
	const char *code = times(20, "0123456789\n");
	(void)state;
	expect_parts(join("```\n", code, "```"),
		     (const char *const[]){
			     join("```\n", times(13, "0123456789\n"),
				  "0123456789\n```"),
			     join("```\n", times(6, "0123456789\n"), "```")},
		     2);
}

static void
test_characters_count_as_utf16_and_stay_whole(void **state)
{
	struct split_parts parts;
	const char *text = times(300, "\U0001F600");
	(void)state;
	assert_int_equal(split_length("aé\U0001F600", 7), 4);
	assert_int_equal(split_fit("a\U0001F600b", 2), 1);
	assert_int_equal(split_fit("a\U0001F600b", 3), 5);
	assert_int_equal(split_text(text, MAX, &parts), 0);
	size_t n = 0;
	for (size_t i = 0; i < parts.n; i++) {
		const char *part = strchr(parts.texts[i], '\n') + 1;
		assert_true(split_length(parts.texts[i],
					 strlen(parts.texts[i])) <= MAX);
		assert_int_equal(strlen(part) % 4, 0);
		n += strlen(part);
	}
	assert_int_equal(n, strlen(text));
	split_release(&parts);
}

/* ---- Keys */

static void
test_a_conversation_is_a_thread_or_a_direct_channel(void **state)
{
	static const struct {
		const char *channel, *ts, *thread, *key;
	} rows[] = {
		{"C1", "10.1", NULL, "T1/C1/10.1"},
		{"C1", "12.1", "10.1", "T1/C1/10.1"},
		{"C1", "10.1", "10.1", "T1/C1/10.1"},
		{"D1", "10.1", NULL, "T1/U1"},
		{"D1", "10.1", "10.1", "T1/U1"},
		{"D1", "12.1", "10.1", "T1/U1/10.1"},
	};
	char key[SLACK_KEY_SIZE], channel[SLACK_ID_MAX + 1];
	char thread[SLACK_TS_MAX + 1];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		event_make_key(key, "T1", rows[i].channel, "U1", rows[i].ts,
			       rows[i].thread);
		assert_string_equal(key, rows[i].key);
		assert_true(event_split_key(key, channel, thread));
		assert_string_equal(channel, event_is_direct(rows[i].channel)
						     ? "U1"
						     : rows[i].channel);
		const char *tail = strchr(key + 3, '/');
		assert_string_equal(thread, tail ? tail + 1 : "");
	}
	assert_false(event_split_key("", channel, thread));
	assert_false(event_split_key("T1", channel, thread));
	assert_false(event_split_key("T1/c&x=1", channel, thread));
	assert_false(event_split_key("T1/C1/x", channel, thread));
	assert_true(event_make_private_key(key, "T1/C1/10.1", "T2/U7"));
	assert_string_equal(key, "T1/U7");
	assert_false(event_make_private_key(key, "T1/U7", "T1/U7"));
	assert_false(event_make_private_key(key, "T1/U7/10.1", "T1/U7"));
	assert_false(event_make_private_key(key, "T1/C1/10.1", NULL));
	assert_false(event_make_private_key(key, "T1/C1/10.1", "T1/u%7"));
	assert_false(event_make_private_key(key, "", "T1/U7"));
	assert_false(event_make_private_key(key, "cnv_abc", "T1/U7"));
	assert_true(event_is_ts("1764000000.000100"));
	assert_false(event_is_ts("1764000000"));
	assert_false(event_is_ts("1764000000."));
	assert_false(event_is_ts("1.1&"));
	assert_false(event_is_id(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_published_signature_is_good),
		cmocka_unit_test(test_any_of_several_secrets_is_good),
		cmocka_unit_test(
			test_a_request_is_good_for_five_minutes_either_way),
		cmocka_unit_test(test_what_is_no_signature_is_refused),
		cmocka_unit_test(test_fields_of_a_form_are_decoded),
		cmocka_unit_test(test_mark_up_becomes_plain_text),
		cmocka_unit_test(test_mark_up_becomes_commonmark),
		cmocka_unit_test(test_plain_words_stay_what_they_are),
		cmocka_unit_test(test_many_signs_stay_what_they_are),
		cmocka_unit_test(test_who_is_mentioned_is_seen),
		cmocka_unit_test(test_commonmark_becomes_mrkdwn),
		cmocka_unit_test(test_what_fits_is_one_part),
		cmocka_unit_test(test_parts_end_where_people_would_end_them),
		cmocka_unit_test(test_an_entity_stays_whole),
		cmocka_unit_test(test_a_fence_is_closed_and_opened_again),
		cmocka_unit_test(test_characters_count_as_utf16_and_stay_whole),
		cmocka_unit_test(
			test_a_conversation_is_a_thread_or_a_direct_channel),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return rc;
}
