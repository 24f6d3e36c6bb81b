/* From an event to the inbox.  Slack is told 200 when the message is on disk,
 * and 503, after which it tries again, when it is not; by a socket, that it is
 * there, or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "emoji.h"
#include "slack.h"

#define FILES_MAX TELLER_ATTACHMENTS_MAX
/* So long what is corrected may still be on its way. */
#define LATE_US (2 * 60 * US_PER_S)

/* ---- Requests that wait */

/* Slack brings it again: what came by a socket because nobody says anything. */
static void
refuse(const struct slack *slack, const struct origin *origin, int status,
       const char *code, const char *words, int retry_after_s)
{
	if (origin->request)
		slack->services->problem(origin->request, status, code, words,
					 retry_after_s);
}

struct taking *
taking_new(struct slack *slack, const struct origin *origin)
{
	struct taking *taking = calloc(1, sizeof(*taking));
	if (!taking) {
		refuse(slack, origin, 503, "no_memory", "Try again.", 5);
		return NULL;
	}
	taking->slack = slack;
	slack->heard_at_us = slack_now_us(slack);
	taking->origin = *origin;
	taking->next = slack->takings;
	taking->link = &slack->takings;
	if (taking->next)
		taking->next->link = &taking->next;
	slack->takings = taking;
	return taking;
}

static void
taking_free(struct taking *taking)
{
	*taking->link = taking->next;
	if (taking->next)
		taking->next->link = taking->link;
	json_decref(taking->envelope);
	json_decref(taking->payload);
	desk_act_free(taking->act);
	free(taking);
}

void
takings_drop(struct slack *slack)
{
	while (slack->takings)
		taking_free(slack->takings);
}

void
taking_refuse(struct taking *taking, int status, const char *code,
	      const char *words, int retry_after_s)
{
	if (taking->busy) {
		taking_answer(taking, code, taking->busy);
		return;
	}
	slack_count(taking->slack, code);
	refuse(taking->slack, &taking->origin, status, code, words,
	       retry_after_s);
	taking_free(taking);
}

void
taking_answer(struct taking *taking, const char *why, const char *json)
{
	const struct origin *origin = &taking->origin;
	slack_count(taking->slack, why);
	if (origin->request)
		taking->slack->services->answer(
			origin->request, 200,
			json ? "application/json" : "text/plain; charset=utf-8",
			NULL, 0, json ? json : "", json ? strlen(json) : 0);
	else if (origin->socket)
		socket_ack(origin->socket, origin->envelope, json);
	taking_free(taking);
}

void
taking_pass(struct taking *taking, const char *why)
{
	taking_answer(taking, why, NULL);
}

static void
taking_keep(struct taking *taking, const char *how)
{
	if (taking->on_kept)
		taking->on_kept(taking);
	taking_pass(taking, how);
}

/* Microseconds of "1764000000.000100": never by a floating point number, which
 * has not enough digits. */
static int64_t
time_of(const char *ts)
{
	char *end;
	int64_t us = strtoll(ts, &end, 10) * US_PER_S, unit = US_PER_S / 10;
	for (const char *c = end + 1; *c && unit > 0; c++, unit /= 10)
		us += (*c - '0') * unit;
	return us > 0 ? us : 0;
}

/* Slack's sessions are threads, also where one writes to the bot directly. */
static bool
leave_thread(struct event *event)
{
	char key[SLACK_KEY_SIZE];
	snprintf(key, sizeof(key), "%s/%s", event->team, event->user);
	if (!event_is_direct(event->channel) || strcmp(key, event->key) == 0)
		return false;
	memcpy(event->key, key, sizeof(key));
	return true;
}

/* A thumb of a reply that was erased, or a change of what we do not have: it
 * was none of ours, or comes again behind its change. */
static void
on_not_found(struct taking *taking)
{
	const struct slack *slack = taking->slack;
	struct event *event = &taking->event;
	bool is_late = event->may_come && slack->services->now_us(slack->host) <
						  time_of(event->ts) + LATE_US;
	if (event->act == EVENT_EDIT && event->is_new) {
		event->act = EVENT_TAKE;
		event->changed_at = NULL;
		taking_receive_event(taking);
	} else if (event->act == EVENT_STOP && leave_thread(event)) {
		taking_receive_event(taking);
	} else if (is_late) {
		taking_refuse(taking, 503, "too_early",
			      "The message is not there yet.", 5);
	} else {
		taking_pass(taking, "not_found");
	}
}

static void
on_stored(void *arg, const struct teller_stored *stored)
{
	struct taking *taking = arg;
	if (taking->act && desk_act_stored(taking, stored))
		return;
	switch (stored->status) {
	case TELLER_STORED:
		taking_keep(taking, "taken");
		break;
	case TELLER_DUPLICATE:
		taking_keep(taking, "duplicates");
		break;
	case TELLER_NOT_FOUND:
		on_not_found(taking);
		break;
	case TELLER_BUSY:
		taking_refuse(taking, 503, "busy", stored->words,
			      stored->retry_after_s);
		break;
	case TELLER_FAILED:
		taking_reject(taking, stored->words);
		break;
	}
}

void
taking_receive(struct taking *taking, const struct teller_message *message,
	       const struct teller_state *states, size_t n_states)
{
	struct slack *slack = taking->slack;
	struct teller_message own = *message;
	char key[SLACK_KEY_SIZE];
	if (event_make_private_key(key, message->conversation,
				   message->author.id))
		own.private_conversation = key;
	if (slack->services->receive(slack->host, &own, states, n_states,
				     on_stored, taking) == 0)
		return;
	taking_refuse(taking, 503, "refused",
		      "The message cannot be taken now.", 5);
}

/* ---- What a message is made of */

size_t
taking_cut(const char *text)
{
	size_t len = strlen(text);
	if (len <= TELLER_TEXT_MAX)
		return len;
	len = TELLER_TEXT_MAX;
	while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	return len;
}

static size_t
list_files(const json_t *files, struct teller_attachment list[FILES_MAX])
{
	const json_t *file;
	size_t i, n = 0;
	json_array_foreach (files, i, file) {
		const char *name =
			json_string_value(json_object_get(file, "name"));
		const char *type =
			json_string_value(json_object_get(file, "mimetype"));
		const json_t *size = json_object_get(file, "size");
		if (n == FILES_MAX)
			break;
		list[n++] = (struct teller_attachment){
			.name = name ? name : "",
			.media_type = type ? type : "",
			.size_bytes = json_is_integer(size)
					      ? json_integer_value(size)
					      : -1,
		};
	}
	return n;
}

struct names {
	char author[NAMES_SIZE];
	char by_event[NAMES_SIZE], by_ts[NAMES_SIZE], by_change[NAMES_SIZE];
	char route[NAMES_SIZE]; /* who is answered, and where */
};

/* A workspace by itself does not tell people apart: in a shared channel there
 * are those of others. */
static void
make_names(const struct event *event, struct names *names)
{
	snprintf(names->author, NAMES_SIZE, "%s/%s", event->user_team,
		 event->user);
	snprintf(names->route, NAMES_SIZE,
		 "{\"team\":\"%s\",\"user\":\"%s\",\"channel\":\"%s\"}",
		 event->user_team, event->user, event->channel);
	snprintf(names->by_event, NAMES_SIZE, "event/%s",
		 event->id ? event->id : "");
	snprintf(names->by_ts, NAMES_SIZE, "message/%s/%s/%s", event->team,
		 event->channel, event->ts);
	snprintf(names->by_change, NAMES_SIZE, "change/%s/%s/%s/%s",
		 event->team, event->channel, event->ts,
		 event->changed_at ? event->changed_at : "");
}

/* It is about what was written before. */
static void
set_change(struct teller_message *message, const struct event *event,
	   const struct names *names)
{
	if (!event->changed_at)
		return;
	message->kind = TELLER_MESSAGE_EDIT;
	message->external_ids[0] = names->by_change;
	message->target = names->by_ts;
	message->sent_at_us = time_of(event->changed_at);
	if (event->act == EVENT_EDIT)
		return;
	message->kind = event->act == EVENT_STOP ? TELLER_MESSAGE_STOP
						 : TELLER_MESSAGE_DELETE;
	message->text = NULL;
	message->text_len = 0;
	message->n_attachments = 0;
}

/* The bot takes part in the thread from now on. */
static size_t
follow(const struct taking *taking, char key[NAMES_SIZE],
       struct teller_state *state)
{
	const struct slack *slack = taking->slack;
	snprintf(key, NAMES_SIZE, STATE_THREAD "%s", taking->event.key);
	*state = (struct teller_state){
		.key = key,
		.value = "1",
		.value_len = 1,
		.expires_at_us = slack->services->now_us(slack->host) +
				 slack->thread_ms * 1000,
	};
	return !event_is_direct(taking->event.channel);
}

static void
receive_text(struct taking *taking, char *text)
{
	const struct event *event = &taking->event;
	char state_key[NAMES_SIZE];
	struct names names;
	struct teller_attachment files[FILES_MAX];
	struct teller_state state;
	size_t n_states = follow(taking, state_key, &state);
	make_names(event, &names);
	struct teller_message message = {
		.size = sizeof(message),
		.kind = TELLER_MESSAGE_TEXT,
		.account = taking->workspace->team,
		.conversation = event->key,
		/* A mention comes twice, as two events of one message. */
		.external_ids = {names.by_ts,
				 event->id ? names.by_event : NULL},
		.author = {.id = names.author,
			   .name = name_find(taking->workspace, event->user),
			   .trust = TELLER_TRUST_CHANNEL},
		.text = text,
		.text_len = taking_cut(text),
		.attachments = files,
		.n_attachments = list_files(event->files, files),
		.sent_at_us = time_of(event->ts),
		.route = names.route,
		.route_len = strlen(names.route),
		.burst_ms = -1,
	};
	direct_note(taking->slack, message.account, event->user,
		    event->channel);
	set_change(&message, event, &names);
	taking_receive(taking, &message, &state, n_states);
}

static const char *
find_name(void *arg, const char *user)
{
	return name_find(arg, user);
}

struct decode_self
taking_self(const struct taking *taking)
{
	struct workspace *workspace = taking->workspace;
	return (struct decode_self){
		.user = taking->event.self,
		.name = *workspace->user_name ? workspace->user_name : NULL,
		.find = find_name,
		.arg = workspace,
	};
}

char *
taking_part(const struct taking *taking, const char *mrkdwn)
{
	const struct decode_self self = taking_self(taking);
	char *text = decode_part(mrkdwn, &self);
	if (text)
		emoji_decode(text);
	return text;
}

char *
taking_text(const struct taking *taking)
{
	const struct decode_self self = taking_self(taking);
	return taking_part(taking,
			   decode_skip_address(taking->event.text, &self));
}

void
taking_receive_event(struct taking *taking)
{
	char *text = taking_text(taking);
	if (text)
		receive_text(taking, text);
	else
		taking_refuse(taking, 503, "no_memory", "Try again.", 5);
	free(text);
}

/* Which of its tokens are left Slack says when it is asked. */
static void
take_removal(struct taking *taking)
{
	char by_event[NAMES_SIZE];
	const struct teller_message message = {
		.size = sizeof(message),
		.kind = TELLER_MESSAGE_ACCOUNT_GONE,
		.account = taking->workspace->team,
		.conversation = "",
		.external_ids = {taking->event.id ? by_event : NULL},
		.author = {.trust = TELLER_TRUST_CHANNEL},
		.burst_ms = -1,
	};
	snprintf(by_event, sizeof(by_event), "event/%s",
		 taking->event.id ? taking->event.id : "");
	workspace_removed(taking->workspace);
	taking_receive(taking, &message, NULL, 0);
}

static void
take_ignored(struct taking *taking)
{
	char name[64];
	snprintf(name, sizeof(name), "ignored_%.40s", taking->event.why);
	taking_pass(taking, name);
}

void
take_event(struct slack *slack, const struct origin *origin, json_t *envelope)
{
	struct taking *taking = taking_new(slack, origin);
	if (!taking)
		return;
	struct event *event = &taking->event;
	taking->envelope = json_incref(envelope);
	event_fill(envelope);
	event_read(event, envelope);
	if (desk_take_event(taking) || home_take_event(taking))
		return;
	if (event->act != EVENT_IGNORE)
		taking->workspace = workspace_of_event(slack, event->workspace);
	if (event->act == EVENT_IGNORE)
		take_ignored(taking);
	else if (!taking->workspace)
		taking_pass(taking, "ignored_stranger");
	else if (event->act == EVENT_GONE)
		take_removal(taking);
	else
		take_in_order(taking);
}
