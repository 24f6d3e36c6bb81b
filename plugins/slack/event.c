#include "event.h"

#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "rich.h"

#define EVENT_ID_MAX 64
#define SECONDS_MAX 12 /* digits: microseconds of it fit into 64 bits */

const char *
event_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

bool
event_says(const json_t *object, const char *key, const char *text)
{
	const char *value = event_text(object, key);
	return value && text && strcmp(value, text) == 0;
}

bool
event_is_id(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	return len > 0 && len <= SLACK_ID_MAX &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

bool
event_is_ts(const char *text)
{
	static const char digits[] = "0123456789";
	size_t len = text ? strlen(text) : 0;
	size_t n = text ? strspn(text, digits) : 0;
	return len <= SLACK_TS_MAX && n > 0 && n <= SECONDS_MAX &&
	       text[n] == '.' && n + 1 < len &&
	       n + 1 + strspn(text + n + 1, digits) == len;
}

/* ---- Keys */

bool
event_is_direct(const char *channel)
{
	return channel[0] == 'D';
}

bool
event_is_user(const char *id)
{
	return id[0] == 'U' || id[0] == 'W';
}

void
event_make_key(char key[SLACK_KEY_SIZE], const char *team, const char *channel,
	       const char *user, const char *ts, const char *thread)
{
	bool is_reply = thread && strcmp(thread, ts) != 0;
	const char *place = event_is_direct(channel) ? user : channel;
	if (event_is_direct(channel) && !is_reply)
		snprintf(key, SLACK_KEY_SIZE, "%s/%s", team, place);
	else
		snprintf(key, SLACK_KEY_SIZE, "%s/%s/%s", team, place,
			 is_reply ? thread : ts);
}

bool
event_make_private_key(char key[SLACK_KEY_SIZE], const char *conversation,
		       const char *author)
{
	char channel[SLACK_ID_MAX + 1], thread[SLACK_TS_MAX + 1];
	const char *user = author ? strrchr(author, '/') : NULL;
	if (!user || !event_is_id(user + 1) ||
	    !event_split_key(conversation, channel, thread) ||
	    event_is_user(channel))
		return false;
	snprintf(key, SLACK_KEY_SIZE, "%.*s%s", (int)strcspn(conversation, "/"),
		 conversation, user);
	return true;
}

bool
event_split_key(const char *key, char channel[SLACK_ID_MAX + 1],
		char thread[SLACK_TS_MAX + 1])
{
	size_t team = strcspn(key, "/");
	const char *at = key + team + (key[team] == '/');
	size_t len = strcspn(at, "/");
	if (len == 0 || len > SLACK_ID_MAX)
		return false;
	snprintf(channel, SLACK_ID_MAX + 1, "%.*s", (int)len, at);
	at += len + (at[len] == '/');
	if (*at && !event_is_ts(at))
		return false;
	snprintf(thread, SLACK_TS_MAX + 1, "%s", at);
	return event_is_id(channel);
}

/* ---- Whose words they are */

/* Where the app is installed, and who the bot is there.  The envelope's own
 * team may be that of the author, in a channel that two workspaces share. */
static void
read_installation(struct event *event, const json_t *envelope)
{
	const json_t *first =
		json_array_get(json_object_get(envelope, "authorizations"), 0);
	const char *enterprise = event_text(first, "enterprise_id");
	event->team = event_text(first, "team_id");
	if (!event_is_id(event->team))
		event->team = event_text(envelope, "team_id");
	event->workspace = event->team;
	if (json_is_true(json_object_get(first, "is_enterprise_install")) &&
	    enterprise)
		event->workspace = enterprise;
	if (json_is_true(json_object_get(first, "is_bot")))
		event->self = event_text(first, "user_id");
}

static bool
is_own(const json_t *inner, const json_t *envelope, const char *self)
{
	const char *app = event_text(envelope, "api_app_id");
	return event_says(inner, "user", self) ||
	       event_says(inner, "app_id", app) ||
	       event_says(json_object_get(inner, "bot_profile"), "app_id", app);
}

static bool
is_bots(const json_t *inner)
{
	const char *bot = event_text(inner, "bot_id");
	return (bot && *bot) || event_says(inner, "subtype", "bot_message");
}

/* Subtypes of what a person wrote. */
static bool
is_written(const json_t *inner)
{
	static const char *const written[] = {"file_share", "thread_broadcast",
					      "me_message"};
	const char *subtype = event_text(inner, "subtype");
	bool is_plain = !subtype || !*subtype;
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++)
		is_plain |= subtype && strcmp(subtype, written[i]) == 0;
	return is_plain;
}

/* Why it is not to be answered, whatever it says; NULL: it may be. */
static const char *
why_not(const struct event *event, const json_t *inner, const json_t *envelope)
{
	if (is_own(inner, envelope, event->self))
		return "own";
	if (is_bots(inner))
		return "bot";
	if (!is_written(inner))
		return "subtype";
	if (!event_is_id(event->channel) || !event_is_id(event->user) ||
	    !event_is_ts(event->ts) || !event_is_id(event->team) ||
	    !event_is_id(event->workspace))
		return "malformed";
	if (!*event->text && json_array_size(event->files) == 0)
		return "empty";
	return NULL;
}

/* ---- Which of them are for the bot */

/* Of a reply in a thread that does not name the bot. */
static bool
is_for_others(const struct event *event)
{
	size_t len;
	return decode_first_mention(event->text, &len) != NULL;
}

static void
decide(struct event *event, const json_t *inner, const char *thread)
{
	bool is_reply = thread && strcmp(thread, event->ts) != 0;
	if (event_says(inner, "type", "app_mention") ||
	    event_is_direct(event->channel))
		event->act = EVENT_TAKE;
	else if (decode_mentions(event->text, event->self))
		event->act = EVENT_TAKE;
	else if (is_reply && !is_for_others(event))
		event->act = EVENT_TAKE_KNOWN;
	else
		event->why = is_reply ? "others" : "unaddressed";
}

/* The author's, who in a shared channel may be of another workspace. */
static const char *
get_user_team(const struct event *event, const json_t *inner)
{
	static const char *const keys[] = {"user_team", "source_team", "team"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (event_is_id(event_text(inner, keys[i])))
			return event_text(inner, keys[i]);
	return event->team;
}

/* What somebody wrote, there and then. */
static void
read_written(struct event *event, const json_t *inner, const json_t *envelope)
{
	const char *thread = event_text(inner, "thread_ts");
	const char *text = event_text(inner, "text");
	event->user = event_text(inner, "user");
	event->text = text ? text : "";
	event->files = json_object_get(inner, "files");
	event->user_team = get_user_team(event, inner);
	event->why = why_not(event, inner, envelope);
	if (thread && !event_is_ts(thread))
		event->why = "malformed";
	if (event->why)
		return;
	event_make_key(event->key, event->team, event->channel, event->user,
		       event->ts, thread);
}

/* A message with replies leaves a stone behind. */
static bool
is_deletion(const json_t *inner)
{
	return event_says(inner, "subtype", "message_deleted") ||
	       event_says(json_object_get(inner, "message"), "subtype",
			  "tombstone");
}

/* The text that it had, NULL: it is not told; and that it has now, NULL: it is
 * gone. */
static void
decide_change(struct event *event, const char *before, const char *now)
{
	bool was_asked = event_is_direct(event->channel) ||
			 (before && decode_mentions(before, event->self));
	event->may_come = was_asked;
	event->is_new = now && !was_asked && decode_mentions(now, event->self);
	if (!now)
		event->act = EVENT_DELETE;
	else if (!before || strcmp(before, now) != 0)
		event->act = EVENT_EDIT;
	else
		event->why = "unchanged"; /* a link was looked up, a reply */
}

/* Its author is the message's, and its time. */
static void
read_change(struct event *event, const json_t *inner, const json_t *envelope)
{
	const json_t *before = json_object_get(inner, "previous_message");
	bool is_gone = is_deletion(inner);
	const json_t *subject =
		is_gone ? before : json_object_get(inner, "message");
	event->changed_at = event_text(inner, "event_ts");
	event->ts = event_text(subject, "ts");
	if (is_gone && !event->ts)
		event->ts = event_text(inner, "deleted_ts");
	if (!event->ts)
		event->ts = event_text(before, "ts");
	read_written(event, subject, envelope);
	if (!event->why && !event_is_ts(event->changed_at))
		event->why = "malformed";
	if (!event->why)
		decide_change(event, event_text(before, "text"),
			      is_gone ? NULL : event->text);
}

static void
read_question(struct event *event, const json_t *inner, const json_t *envelope)
{
	read_written(event, inner, envelope);
	if (!event->why)
		decide(event, inner, event_text(inner, "thread_ts"));
}

static void
read_message(struct event *event, const json_t *inner, const json_t *envelope)
{
	event->channel = event_text(inner, "channel");
	event->ts = event_text(inner, "ts");
	if (event_says(inner, "subtype", "message_changed") ||
	    event_says(inner, "subtype", "message_deleted"))
		read_change(event, inner, envelope);
	else if (json_is_true(json_object_get(inner, "hidden")) ||
		 event_says(inner, "subtype", "message_replied"))
		event->why = "hidden";
	else
		read_question(event, inner, envelope);
}

/* Of a session; Slack's examples have its channel by either name. */
static void
read_stop(struct event *event, const json_t *inner)
{
	const char *thread = event_text(inner, "thread_ts");
	event->channel = event_text(inner, "channel");
	if (!event->channel)
		event->channel = event_text(inner, "channel_id");
	event->user = event_text(inner, "user");
	event->user_team = event->team;
	event->text = "";
	event->changed_at = event_text(inner, "event_ts");
	event->ts = event->changed_at;
	event->why = "malformed";
	if (!event_is_id(event->channel) || !event_is_id(event->user) ||
	    !event_is_id(event->team) || !event_is_id(event->workspace) ||
	    !event_is_ts(event->ts) || (thread && !event_is_ts(thread)) ||
	    (!thread && !event_is_direct(event->channel)))
		return;
	event->act = EVENT_STOP;
	event_make_key(event->key, event->team, event->channel, event->user,
		       event->ts, thread);
}

static bool
is_removal(const json_t *inner)
{
	const json_t *tokens = json_object_get(inner, "tokens");
	return event_says(inner, "type", "app_uninstalled") ||
	       (event_says(inner, "type", "tokens_revoked") &&
		json_array_size(json_object_get(tokens, "bot")) > 0);
}

void
event_read(struct event *event, const json_t *envelope)
{
	const json_t *inner = json_object_get(envelope, "event");
	const char *id = event_text(envelope, "event_id");
	*event = (struct event){.act = EVENT_IGNORE, .why = "other"};
	read_installation(event, envelope);
	if (id && *id && strlen(id) <= EVENT_ID_MAX)
		event->id = id;
	if (event_says(inner, "type", "message") ||
	    event_says(inner, "type", "app_mention"))
		read_message(event, inner, envelope);
	else if (event_says(inner, "type", "agent_session_stopped"))
		read_stop(event, inner);
	else if (is_removal(inner) && event_is_id(event->workspace))
		event->act = EVENT_GONE;
}

void
event_fill(json_t *envelope)
{
	json_t *inner = json_object_get(envelope, "event");
	rich_fill(inner);
	rich_fill(json_object_get(inner, "message"));
	rich_fill(json_object_get(inner, "previous_message"));
}
