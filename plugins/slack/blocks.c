/* What a message of ours looks like: a section with the text, buttons below. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "slack.h"
#include "split.h"

/* Limits of Slack's. */
#define LABEL_MAX 75
#define BUTTONS_MAX 25
#define CONTEXT_MAX 10
#define SOURCE_MAX 300 /* ours: a title, not a text */

static json_t *
plain_text(const char *text, size_t max)
{
	return json_pack("{s:s, s:s%, s:b}", "type", "plain_text", "text", text,
			 split_fit(text, max), "emoji", 0);
}

json_t *
blocks_button(const char *action, const char *value, const char *label)
{
	return json_pack("{s:s, s:s, s:s, s:{s:s, s:s%, s:b}}", "type",
			 "button", "action_id", action, "value", value, "text",
			 "type", "plain_text", "text", label,
			 split_fit(label, LABEL_MAX), "emoji", 1);
}

static json_t *
make_row(const char *id, const char *job, json_t *buttons)
{
	char block_id[100];
	snprintf(block_id, sizeof(block_id), "%s:%.80s", id, job);
	return json_pack("{s:s, s:s, s:o}", "type", "actions", "block_id",
			 block_id, "elements", buttons);
}

static void
add_options(json_t *blocks, const struct teller_job *job)
{
	json_t *buttons = json_array();
	for (size_t i = 0; i < job->n_options && i < BUTTONS_MAX; i++) {
		char action[32];
		snprintf(action, sizeof(action), ACTION_OPTION "%zu", i + 1);
		json_array_append_new(buttons,
				      blocks_button(action, job->options[i].id,
						    job->options[i].label));
	}
	json_array_append_new(blocks, make_row("options", job->id, buttons));
}

/* Thumbs below an answer, and a way to a person below whatever the bot says
 * while it has the conversation. */
static void
add_verdict(json_t *blocks, const struct slack *slack,
	    const struct teller_job *job, bool has_thumbs)
{
	json_t *buttons = json_array();
	if (has_thumbs && strcmp(job->reply_kind, "answer") == 0) {
		json_array_append_new(
			buttons, blocks_button(ACTION_UP, job->id, ":+1:"));
		json_array_append_new(
			buttons, blocks_button(ACTION_DOWN, job->id, ":-1:"));
	}
	if (*slack->person && strcmp(job->conversation_state, "bot") == 0)
		json_array_append_new(
			buttons,
			blocks_button(ACTION_PERSON, job->id, slack->person));
	if (json_array_size(buttons) > 0)
		json_array_append_new(blocks,
				      make_row("verdict", job->id, buttons));
	else
		json_decref(buttons);
}

/* What an answer says it by. */
static void
add_sources(json_t *blocks, const struct slack *slack,
	    const struct teller_job *job)
{
	char label[LABEL_MAX + 2];
	json_t *texts = json_array();
	snprintf(label, sizeof(label), "%s:", slack->sources);
	json_array_append_new(texts, plain_text(label, sizeof(label)));
	for (size_t i = 0; i < job->n_sources && i + 1 < CONTEXT_MAX; i++)
		if (*job->sources[i].title)
			json_array_append_new(
				texts,
				plain_text(job->sources[i].title, SOURCE_MAX));
	if (json_array_size(texts) > 1)
		json_array_append_new(blocks,
				      json_pack("{s:s, s:O}", "type", "context",
						"elements", texts));
	json_decref(texts);
}

json_t *
blocks_of_job(const struct slack *slack, const struct teller_job *job,
	      bool has_thumbs)
{
	json_t *blocks = json_array();
	if (*slack->sources)
		add_sources(blocks, slack, job);
	if (job->n_options > 0)
		add_options(blocks, job);
	if (job->kind == TELLER_JOB_REPLY)
		add_verdict(blocks, slack, job, has_thumbs);
	if (json_array_size(blocks) > 0)
		return blocks;
	json_decref(blocks);
	return NULL;
}

static json_t *
make_blocks(const struct delivery *delivery, const char *text)
{
	json_t *blocks = json_pack("[{s:s, s:{s:s, s:s}}]", "type", "section",
				   "text", "type", "mrkdwn", "text", text);
	if (delivery->n_done + 1 == delivery->n_parts && delivery->buttons)
		json_array_extend(blocks, delivery->buttons);
	return blocks;
}

static json_t *
make_metadata(const struct delivery *delivery)
{
	return json_pack("{s:s, s:{s:s, s:I}}", "event_type", BLOCKS_TYPE,
			 "event_payload", "job", delivery->key, "part",
			 (json_int_t)delivery->n_done);
}

/* The next part, as it stands in a message. */
static json_t *
make_message(const struct delivery *delivery)
{
	const char *text = delivery->parts[delivery->n_done];
	json_t *body =
		json_pack("{s:s, s:s, s:o}", "channel", delivery->channel,
			  "text", text, "metadata", make_metadata(delivery));
	if (body && !delivery->is_plain)
		json_object_set_new(body, "blocks",
				    make_blocks(delivery, text));
	return body;
}

static char *
write_body(json_t *body)
{
	char *out = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	return out;
}

/* Whoever is asked something in a channel writes into it, where others read. */
static void
add_way(json_t *blocks)
{
	static const char way[] =
		"Only you see this. Please go on in your direct messages with "
		"me, and not in this channel.";
	json_array_append_new(blocks, json_pack("{s:s, s:[o]}", "type",
						"context", "elements",
						plain_text(way, sizeof(way))));
}

char *
blocks_hook(const struct delivery *delivery)
{
	const char *text = delivery->parts[delivery->n_done];
	json_t *body =
		json_pack("{s:s, s:b, s:s, s:b, s:b}", "response_type",
			  delivery->is_public ? "in_channel" : "ephemeral",
			  "replace_original", 0, "text", text, "unfurl_links",
			  0, "unfurl_media", 0);
	json_t *blocks = NULL;
	if (body && !delivery->is_plain)
		blocks = make_blocks(delivery, text);
	if (blocks && delivery->is_private &&
	    delivery->n_done + 1 == delivery->n_parts)
		add_way(blocks);
	if (blocks)
		json_object_set_new(body, "blocks", blocks);
	return write_body(body);
}

char *
blocks_post(const struct delivery *delivery)
{
	json_t *body = make_message(delivery);
	if (body) {
		json_object_set_new(body, "unfurl_links", json_false());
		json_object_set_new(body, "unfurl_media", json_false());
	}
	if (body && *delivery->thread)
		json_object_set_new(body, "thread_ts",
				    json_string(delivery->thread));
	return write_body(body);
}

char *
blocks_update(const struct delivery *delivery, const char *ts)
{
	json_t *body = make_message(delivery);
	if (body)
		json_object_set_new(body, "ts", json_string(ts));
	return write_body(body);
}

void
blocks_finish(const struct delivery *delivery, json_t *body)
{
	json_object_set_new(body, "metadata", make_metadata(delivery));
	if (delivery->buttons)
		json_object_set(body, "blocks", delivery->buttons);
}
