/* The sign that a button was pressed: the message stands there as it was, what
 * was chosen below it, and without the buttons that are used up.  A thumb
 * stays, as one may think again, and is marked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "hook.h"
#include "mrkdwn.h"
#include "slack.h"

static bool
has_id(const json_t *button, const char *id)
{
	const char *own = event_text(button, "action_id");
	return own && strcmp(own, id) == 0;
}

static bool
is_thumb(const char *id)
{
	return strcmp(id, ACTION_UP) == 0 || strcmp(id, ACTION_DOWN) == 0;
}

/* The button of that id in a block of them; NULL: it is not there. */
static const json_t *
find_button(const json_t *block, const char *id)
{
	const json_t *button;
	size_t i;
	json_array_foreach (json_object_get(block, "elements"), i, button)
		if (has_id(button, id))
			return button;
	return NULL;
}

/* One thumb at most is marked. */
static void
mark_thumb(const json_t *block, const char *id)
{
	json_t *button;
	size_t i;
	json_array_foreach (json_object_get(block, "elements"), i, button) {
		const char *own = event_text(button, "action_id");
		if (has_id(button, id))
			json_object_set_new(button, "style",
					    json_string("primary"));
		else if (own && is_thumb(own))
			json_object_del(button, "style");
	}
}

static void
remove_button(const json_t *block, const char *id)
{
	json_t *buttons = json_object_get(block, "elements");
	for (size_t i = json_array_size(buttons); i-- > 0;)
		if (has_id(json_array_get(buttons, i), id))
			json_array_remove(buttons, i);
}

/* "the label", and in a channel by whom. */
static char *
say_chosen(const struct action *action, const json_t *button)
{
	const char *label = event_text(json_object_get(button, "text"), "text");
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	fputs("\xE2\x9C\x93 ", out);
	mrkdwn_escape(out, label ? label : "");
	if (action->channel[0] != 'D' && !action->is_ephemeral)
		fprintf(out, " \xC2\xB7 <@%s>", action->user);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static json_t *
make_chosen(const struct action *action, const json_t *button)
{
	char *text = say_chosen(action, button);
	json_t *block =
		text ? json_pack("{s:s, s:[{s:s, s:s}]}", "type", "context",
				 "elements", "type", "mrkdwn", "text", text)
		     : NULL;
	free(text);
	return block;
}

/* Of the options one is chosen, and all are gone. */
static void
mark_block(json_t *blocks, size_t i, const struct action *action)
{
	const json_t *block = json_array_get(blocks, i);
	const json_t *button = find_button(block, action->id);
	if (is_thumb(action->id)) {
		mark_thumb(block, action->id);
		return;
	}
	json_array_append_new(blocks, make_chosen(action, button));
	if (!action_is_option(action->id))
		remove_button(block, action->id);
	if (action_is_option(action->id) ||
	    json_array_size(json_object_get(block, "elements")) == 0)
		json_array_remove(blocks, i);
}

/* NULL: that button is not there any more.  A block that has changed needs
 * another id, which Slack makes. */
static json_t *
mark_blocks(const json_t *old, const struct action *action)
{
	json_t *blocks = json_deep_copy(old), *block;
	size_t i, at = 0;
	bool is_found = false;
	json_array_foreach (blocks, i, block) {
		json_object_del(block, "block_id");
		if (!is_found && find_button(block, action->id)) {
			is_found = true;
			at = i;
		}
	}
	if (is_found) {
		mark_block(blocks, at, action);
		return blocks;
	}
	json_decref(blocks);
	return NULL;
}

/* What is on its way to be shown counts, and not what was seen. */
static const json_t *
present(const struct taking *taking, const struct action *action)
{
	const json_t *update = update_under_way(taking->workspace,
						action->channel, action->ts);
	return update ? update : json_object_get(taking->payload, "message");
}

static void
mark_message(const struct taking *taking, const struct action *action)
{
	const json_t *message = present(taking, action);
	const char *text = event_text(message, "text");
	json_t *blocks =
		mark_blocks(json_object_get(message, "blocks"), action);
	if (!blocks)
		return;
	update_message(taking->workspace,
		       json_pack("{s:s, s:s, s:s, s:o, s:O*}", "channel",
				 action->channel, "ts", action->ts, "text",
				 text ? text : "", "blocks", blocks, "metadata",
				 json_object_get(message, "metadata")),
		       NULL, NULL);
}

/* ---- What one person alone sees, and chat.update cannot change */

static void
on_shown(void *arg, const struct api_answer *answer)
{
	const struct slack *slack = arg;
	if (answer->result != API_OK)
		slack_log(slack, TELLER_LOG_DEBUG,
			  "a message stays as it looks: %s", answer->words);
}

/* Slack need not say how it looks: then the sign stands by itself. */
static json_t *
make_answer(const struct taking *taking, const struct action *action)
{
	const json_t *message = json_object_get(taking->payload, "message");
	const json_t *button =
		json_array_get(json_object_get(taking->payload, "actions"), 0);
	const char *text = event_text(message, "text");
	json_t *blocks =
		mark_blocks(json_object_get(message, "blocks"), action);
	if (blocks)
		return json_pack("{s:b, s:s, s:o}", "replace_original", 1,
				 "text", text ? text : "", "blocks", blocks);
	char *chosen = say_chosen(action, button);
	json_t *answer = json_pack("{s:b, s:s, s:s}", "replace_original", 0,
				   "response_type", "ephemeral", "text",
				   chosen ? chosen : "");
	free(chosen);
	return answer;
}

static void
mark_ephemeral(const struct taking *taking, const struct action *action)
{
	json_t *answer = make_answer(taking, action);
	char *text = json_dumps(answer, JSON_COMPACT);
	if (text)
		hook_post(taking->slack, action->hook, text, on_shown,
			  taking->slack);
	free(text);
	json_decref(answer);
}

void
mark_pressed(const struct taking *taking)
{
	struct action action;
	if (!action_read(&action, taking->payload))
		return;
	if (action.is_ephemeral)
		mark_ephemeral(taking, &action);
	else
		mark_message(taking, &action);
}
