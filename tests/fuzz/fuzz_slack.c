/* Any bytes as what Slack brings and what it is sent.  The first byte says what
 * the rest is: e, an event; f, a form; t, text in Slack's mark-up; m, the same
 * for who reads CommonMark; g, a time stamp, a signature and what is signed, a
 * line each; w, the address of a WebSocket; c, cookies; anything else,
 * CommonMark that is rendered and cut into parts. */
#include "fuzz.h"

#include <assert.h>
#include <cmark.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "commonmark.h"
#include "cookie.h"
#include "decode.h"
#include "emoji.h"
#include "event.h"
#include "form.h"
#include "mrkdwn.h"
#include "signature.h"
#include "split.h"

#define INPUT_MAX 16384
#define PART_MAX 200

static void
try_event(const char *text, size_t len)
{
	struct event event;
	char channel[SLACK_ID_MAX + 1], thread[SLACK_TS_MAX + 1];
	json_t *document = json_loadb(text, len, 0, NULL);
	event_fill(document);
	event_read(&event, document);
	if (event.act == EVENT_IGNORE) {
		assert(event.why);
	} else if (event.act != EVENT_GONE) {
		assert(event_is_id(event.channel) && event_is_id(event.user));
		assert(event_is_ts(event.ts) && event.text);
		assert(event_split_key(event.key, channel, thread));
		assert(strcmp(channel, event_is_direct(event.channel)
					       ? event.user
					       : event.channel) == 0);
		assert(!event.changed_at || event_is_ts(event.changed_at));
	}
	json_decref(document);
}

static void
try_form(const char *body, size_t len)
{
	size_t value_len;
	char *value = form_get(body, len, "payload", &value_len);
	if (value)
		assert(value_len <= len && !value[value_len]);
	assert(!value || form_has(body, len, "payload"));
	free(value);
}

static void
try_text(const char *text)
{
	const struct decode_self self = {.user = "U0TELLER1", .name = "teller"};
	size_t len;
	char *plain = decode_part(decode_skip_address(text, &self), &self);
	/* Names, and the signs around a link's address, are what is added. */
	assert(plain && strlen(plain) <= 4 * strlen(text) + 8);
	if (decode_mentions(text, "U0TELLER1"))
		assert(decode_first_mention(text, &len));
	len = strlen(plain);
	emoji_decode(plain);
	assert(strlen(plain) <= len);
	free(plain);
}

/* Nothing but what Slack has a sign for, and no link of another kind; what is
 * no text is not parsed. */
static void
try_commonmark(const char *mrkdwn)
{
	const struct decode_self self = {.user = "U0TELLER1", .name = "te*_]l"};
	char *text = commonmark_of_mrkdwn(mrkdwn, &self);
	assert(text);
	if (!utf8_is_valid(text, strlen(text))) {
		free(text);
		return;
	}
	cmark_node *document =
		cmark_parse_document(text, strlen(text), CMARK_OPT_DEFAULT);
	cmark_iter *iter = cmark_iter_new(document);
	while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);
		assert(type != CMARK_NODE_HEADING && type != CMARK_NODE_IMAGE &&
		       type != CMARK_NODE_THEMATIC_BREAK &&
		       type != CMARK_NODE_HTML_BLOCK &&
		       type != CMARK_NODE_HTML_INLINE);
		if (type == CMARK_NODE_LINK)
			assert(mrkdwn_is_address(cmark_node_get_url(node)));
		if (type == CMARK_NODE_CODE_BLOCK)
			assert(strstr(mrkdwn, "```"));
		if (type == CMARK_NODE_STRONG)
			assert(strchr(mrkdwn, '*'));
	}
	cmark_iter_free(iter);
	cmark_node_free(document);
	free(text);
}

/* Nobody knows that secret; at that time a signature of it may be good. */
static void
try_signature(char *text, size_t len)
{
	static const char secret[] = "\n8f742231b10e8888abcd99yyyzzz85a5\n";
	char *signature = strchr(text, '\n');
	char *body = signature ? strchr(signature + 1, '\n') : NULL;
	if (!body)
		return;
	*signature++ = *body++ = '\0';
	size_t body_len = len - (size_t)(body - text);
	assert(!signature_is_good("", 0, text, signature, body, body_len,
				  1531420618));
	if (signature_is_good(secret, sizeof(secret) - 1, text, signature, body,
			      body_len, 1531420618))
		assert(llabs(strtoll(text, NULL, 10) - 1531420618) <=
			       SIGNATURE_WINDOW_S &&
		       strncmp(signature, "v0=", 3) == 0);
}

static void
try_address(const char *text)
{
	struct address address;
	if (!address_read(&address, text))
		return;
	assert(*address.host && address.port > 0 && address.port < 65536);
	assert(strncmp(address.authority, address.host, strlen(address.host)) ==
	       0);
	assert(*address.path == '/' && !strpbrk(address.path, " \r\n#"));
}

static void
try_cookies(const char *text)
{
	size_t len;
	const char *value = cookie_find(text, "name", &len);
	if (!value)
		return;
	assert(value - text >= 5 && strncmp(value - 5, "name=", 5) == 0);
	assert(value + len <= text + strlen(text) && !memchr(value, ';', len));
}

/* Nothing but what we wrote ourselves is a link or a mention. */
static void
check_mrkdwn(const char *text)
{
	for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<'))
		assert(strchr("hHmMtT", at[1]) && strpbrk(at + 1, ">"));
	for (const char *at = strchr(text, '&'); at; at = strchr(at + 1, '&'))
		assert(!strncmp(at, "&lt;", 4) || !strncmp(at, "&gt;", 4) ||
		       !strncmp(at, "&amp;", 5));
}

static void
try_render(const char *commonmark)
{
	struct split_parts parts;
	char *text = mrkdwn_render(commonmark);
	assert(text);
	check_mrkdwn(text);
	assert(split_text(text, PART_MAX, &parts) == 0 && parts.n > 0);
	for (size_t i = 0; i < parts.n; i++) {
		size_t len = strlen(parts.texts[i]);
		assert(split_length(parts.texts[i], len) <= PART_MAX);
		assert(utf8_is_valid(parts.texts[i], len));
	}
	split_release(&parts);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > INPUT_MAX)
		return 0;
	const char *bytes = (const char *)data + 1;
	char *text = strndup(bytes, size - 1);
	if (data[0] == 'e')
		try_event(bytes, size - 1);
	else if (data[0] == 'f')
		try_form(bytes, size - 1);
	else if (data[0] == 't')
		try_text(text);
	else if (data[0] == 'm')
		try_commonmark(text);
	else if (data[0] == 'g')
		try_signature(text, strlen(text));
	else if (data[0] == 'w')
		try_address(text);
	else if (data[0] == 'c')
		try_cookies(text);
	else if (utf8_is_valid(text, strlen(text)))
		try_render(text);
	free(text);
	return 0;
}
