/* Why an answer is no good: whoever says so is shown a form, and may leave it
 * empty.  What he says replaces his thumb, which is on disk by then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "api.h"
#include "slack.h"

#define FORM "comment" /* its call-back, and the block of the text */
#define REASON "reason"
#define COMMENT_MAX 3000 /* characters */
#define NAME_SIZE 320
#define VIEW_ID_MAX 64

static const char *const reasons[] = {TELLER_FEEDBACK_REASONS};
/* What people see of them, in that order. */
static const char *const labels[] = {
	"It is wrong",
	"It is out of date",
	"I do not understand it",
	"Something is missing",
	"It is not what I asked",
	"I want to talk to a person",
	"Something else",
};
#define REASONS (sizeof(reasons) / sizeof(*reasons))
_Static_assert(REASONS == sizeof(labels) / sizeof(*labels),
	       "each reason has a label");

/* ---- Asking */

static json_t *
plain(const char *text)
{
	return json_pack("{s:s, s:s}", "type", "plain_text", "text", text);
}

static json_t *
make_reasons(void)
{
	json_t *options = json_array();
	for (size_t i = 0; i < REASONS; i++)
		json_array_append_new(options, json_pack("{s:o, s:s}", "text",
							 plain(labels[i]),
							 "value", reasons[i]));
	return options;
}

static json_t *
make_input(const char *id, const char *label, json_t *element)
{
	return json_pack("{s:s, s:s, s:b, s:o, s:o}", "type", "input",
			 "block_id", id, "optional", 1, "label", plain(label),
			 "element", element);
}

static json_t *
make_view(const char *title, const char *about)
{
	json_t *reason =
		json_pack("{s:s, s:s, s:o}", "type", "static_select",
			  "action_id", REASON, "options", make_reasons());
	json_t *text = json_pack("{s:s, s:s, s:b, s:i}", "type",
				 "plain_text_input", "action_id", FORM,
				 "multiline", 1, "max_length", COMMENT_MAX);
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:[o, o]}", "type",
			 "modal", "callback_id", FORM, "private_metadata",
			 about, "title", plain(title), "submit", plain("Send"),
			 "close", plain("Cancel"), "blocks",
			 make_input(REASON, "Why?", reason),
			 make_input(FORM, "In your words", text));
}

/* What the form is about goes with it, and comes back: a reply, and the
 * conversation that it is one of, as the host will see. */
static char *
make_about(const struct action *action)
{
	json_t *about = json_pack("{s:s, s:s}", "conversation", action->key,
				  "reply", action->value);
	char *text = json_dumps(about, JSON_COMPACT);
	json_decref(about);
	return text;
}

static void
on_shown(void *arg, const struct api_answer *answer)
{
	const struct slack *slack = arg;
	if (answer->result != API_OK)
		slack_log(slack, TELLER_LOG_WARN,
			  "somebody is not asked why: %s", answer->words);
}

void
comment_ask(struct workspace *workspace, const struct action *action,
	    const json_t *payload)
{
	struct slack *slack = workspace->slack;
	const char *trigger = event_text(payload, "trigger_id");
	if (!*slack->comment || !trigger)
		return;
	char *about = make_about(action);
	json_t *body =
		about ? json_pack("{s:s, s:o}", "trigger_id", trigger, "view",
				  make_view(slack->comment, about))
		      : NULL;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (text)
		api_call(workspace, "views.open", text, on_shown, slack);
	free(text);
	free(about);
	json_decref(body);
}

/* ---- What was said */

struct comment {
	struct action author;
	json_t *about;
	const char *conversation, *reply, *view;
	const char *reason, *text; /* "": none */
};

static const json_t *
input(const json_t *view, const char *id)
{
	const json_t *values =
		json_object_get(json_object_get(view, "state"), "values");
	return json_object_get(json_object_get(values, id), id);
}

static const char *
read_reason(const json_t *view)
{
	const char *value = event_text(
		json_object_get(input(view, REASON), "selected_option"),
		"value");
	for (size_t i = 0; value && i < REASONS; i++)
		if (strcmp(value, reasons[i]) == 0)
			return reasons[i];
	return "";
}

/* false: it is none of ours, or says nothing. */
static bool
read_comment(struct comment *comment, const json_t *payload)
{
	const json_t *view = json_object_get(payload, "view");
	const char *form = event_text(view, "callback_id");
	const char *about = event_text(view, "private_metadata");
	const char *text = event_text(input(view, FORM), "value");
	*comment = (struct comment){
		.view = event_text(view, "id"),
		.reason = read_reason(view),
		.text = text ? text : "",
	};
	if (!form || strcmp(form, FORM) != 0 || !about || !comment->view ||
	    strlen(comment->view) > VIEW_ID_MAX ||
	    strlen(comment->text) > TELLER_TEXT_MAX ||
	    !action_read_user(&comment->author, payload))
		return false;
	comment->about = json_loads(about, 0, NULL);
	comment->conversation = event_text(comment->about, "conversation");
	comment->reply = event_text(comment->about, "reply");
	return comment->conversation && comment->reply &&
	       strlen(comment->conversation) < SLACK_KEY_SIZE &&
	       strlen(comment->reply) <= TELLER_KEY_MAX &&
	       (*comment->reason || *comment->text);
}

static void
receive_comment(struct taking *taking, const struct comment *comment)
{
	const struct action *author = &comment->author;
	char id[2 * SLACK_ID_MAX + 2], external_id[NAME_SIZE];
	const struct teller_message message = {
		.size = sizeof(message),
		.kind = TELLER_MESSAGE_FEEDBACK,
		.account = taking->workspace->team,
		.conversation = comment->conversation,
		.external_ids = {external_id},
		.author = {.id = id,
			   .name = author->user_name,
			   .trust = TELLER_TRUST_CHANNEL},
		.rating = -1,
		.target = comment->reply,
		.option = comment->reason,
		.text = comment->text,
		.text_len = strlen(comment->text),
	};
	snprintf(id, sizeof(id), "%s/%s", author->user_team, author->user);
	snprintf(external_id, sizeof(external_id), "view/%s/%s", author->team,
		 comment->view);
	taking->busy = "{\"response_action\":\"errors\",\"errors\":"
		       "{\"" FORM "\":\"It cannot be kept now. Please send it "
		       "again in a minute.\"}}";
	taking_receive(taking, &message, NULL, 0);
}

void
take_comment(struct taking *taking, const json_t *payload)
{
	struct comment comment;
	bool is_one = read_comment(&comment, payload);
	if (is_one)
		taking->workspace = workspace_of_event(
			taking->slack, comment.author.workspace);
	if (!is_one)
		taking_pass(taking, "ignored_action");
	else if (!taking->workspace)
		taking_pass(taking, "ignored_stranger");
	else
		receive_comment(taking, &comment);
	json_decref(comment.about);
}
