/* Who opens the bot's page: the tab Home shows what the desk's pack says to who
 * has not asked anything yet, its questions as buttons; in the tab Messages the
 * bot greets whom it has not greeted or heard before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "api.h"
#include "hook.h"
#include "mrkdwn.h"
#include "slack.h"
#include "split.h"

#define TOPICS_MAX 10
#define TITLE_MAX 150 /* Slack's, of a header */
#define TEXT_MAX 3000
#define NAME_SIZE 320

/* ---- What the pack says */

static void
add_text(json_t *blocks, const char *text)
{
	if (text && *text)
		json_array_append_new(blocks,
				      json_pack("{s:s, s:{s:s, s:s%}}", "type",
						"section", "text", "type",
						"mrkdwn", "text", text,
						split_fit(text, TEXT_MAX)));
}

static void
add_greeting(json_t *blocks, const struct teller_front *front)
{
	char *text = mrkdwn_render(front->greeting);
	add_text(blocks, text);
	free(text);
}

static void
add_topics(json_t *blocks, const struct teller_front *front)
{
	json_t *buttons = json_array();
	for (size_t i = 0; i < front->n_topics && i < TOPICS_MAX; i++) {
		const struct teller_line *topic = &front->topics[i];
		char id[sizeof(ACTION_TOPIC) + 20];
		snprintf(id, sizeof(id), ACTION_TOPIC "%zu", i + 1);
		if (strlen(topic->text) <= TELLER_KEY_MAX)
			json_array_append_new(
				buttons,
				blocks_button(id, topic->text, topic->title));
	}
	if (json_array_size(buttons) > 0)
		json_array_append_new(blocks,
				      json_pack("{s:s, s:O}", "type", "actions",
						"elements", buttons));
	json_decref(buttons);
}

static void
add_contacts(json_t *blocks, const struct teller_front *front)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return;
	for (size_t i = 0; i < front->n_contacts; i++) {
		fputs(i > 0 ? "\n*" : "*", out);
		mrkdwn_escape(out, front->contacts[i].title);
		fputs("* ", out);
		mrkdwn_escape(out, front->contacts[i].text);
	}
	if (*front->privacy_url) {
		fputs(front->n_contacts > 0 ? "\n" : "", out);
		mrkdwn_escape(out, front->privacy_url);
	}
	if (fclose(out) == 0)
		add_text(blocks, text);
	free(text);
}

static void
make_greeting(void *arg, const struct teller_front *front)
{
	add_greeting(arg, front);
	add_topics(arg, front);
}

static void
make_home(void *arg, const struct teller_front *front)
{
	json_t *blocks = arg;
	if (*front->firm)
		json_array_append_new(
			blocks, json_pack("{s:s, s:{s:s, s:s%}}", "type",
					  "header", "text", "type",
					  "plain_text", "text", front->firm,
					  split_fit(front->firm, TITLE_MAX)));
	make_greeting(blocks, front);
	add_contacts(blocks, front);
}

static json_t *
make_blocks(const struct slack *slack, teller_front_fn *make)
{
	json_t *blocks = json_array();
	slack->services->front(slack->host, make, blocks);
	return blocks;
}

/* ---- The tab Home */

static void
on_shown(void *arg, const struct api_answer *answer)
{
	const struct slack *slack = arg;
	if (answer->result != API_OK)
		slack_log(slack, TELLER_LOG_WARN,
			  "somebody is not shown the bot's page: %s",
			  answer->words);
}

static void
call(struct workspace *workspace, const char *method, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (text)
		api_call(workspace, method, text, on_shown, workspace->slack);
	free(text);
	json_decref(body);
}

/* asked: the question that he has pressed, NULL without one. */
static void
publish(struct workspace *workspace, const char *user, const char *asked)
{
	json_t *blocks = make_blocks(workspace->slack, make_home);
	if (asked)
		json_array_append_new(
			blocks,
			json_pack("{s:s, s:[{s:s, s:s+, s:b}]}", "type",
				  "context", "elements", "type", "plain_text",
				  "text", "\xE2\x9C\x93 ", asked, "emoji", 0));
	call(workspace, "views.publish",
	     json_pack("{s:s, s:{s:s, s:o}}", "user_id", user, "view", "type",
		       "home", "blocks", blocks));
}

/* ---- The tab Messages */

/* The text, and the questions below it. */
static void
post_greeting(const struct taking *taking)
{
	json_t *blocks = make_blocks(taking->slack, make_greeting);
	const json_t *first = json_array_get(blocks, 0);
	const char *text = event_text(json_object_get(first, "text"), "text");
	struct delivery *delivery =
		text ? delivery_new(taking->workspace, "", "greeting", text)
		     : NULL;
	if (delivery) {
		snprintf(delivery->channel, sizeof(delivery->channel), "%s",
			 taking->greeting.channel);
		json_array_remove(blocks, 0);
		delivery->buttons = json_incref(blocks);
	}
	if (delivery && !lane_add(taking->slack, delivery))
		delivery_free(delivery);
	json_decref(blocks);
}

/* Once it is kept that he was: a crash may cost a greeting, and none is said
 * twice. */
static void
on_kept(void *arg, bool is_kept)
{
	struct taking *taking = arg;
	if (is_kept) {
		post_greeting(taking);
		taking_pass(taking, "greeted");
	} else {
		taking_refuse(taking, 503, "refused", "Try again.", 5);
	}
}

static void
on_history(void *arg, const struct teller_history *history)
{
	struct taking *taking = arg;
	const struct slack *slack = taking->slack;
	const struct teller_state state = {
		.key = taking->greeting.key, .value = "1", .value_len = 1};
	if (history->found && history->n_entries > 0)
		taking_pass(taking, "ignored_other");
	else if (slack->services->state_put(slack->host, &state, 1, on_kept,
					    taking))
		taking_refuse(taking, 503, "refused", "Try again.", 5);
}

static void
on_state(void *arg, const struct teller_state *found)
{
	struct taking *taking = arg;
	const struct slack *slack = taking->slack;
	char key[SLACK_KEY_SIZE];
	snprintf(key, sizeof(key), "%s",
		 taking->greeting.key + strlen(STATE_GREETED));
	if (found)
		taking_pass(taking, "ignored_other");
	else if (slack->services->history(slack->host, taking->workspace->team,
					  key, NULL, 1, on_history, taking))
		taking_refuse(taking, 503, "refused", "Try again.", 5);
}

/* He may open it again before that is known. */
static bool
is_being_greeted(const struct taking *taking)
{
	for (const struct taking *t = taking->slack->takings; t; t = t->next)
		if (t != taking &&
		    strcmp(t->greeting.key, taking->greeting.key) == 0)
			return true;
	return false;
}

static void
greet(struct taking *taking, const char *user, const char *channel)
{
	const struct slack *slack = taking->slack;
	snprintf(taking->greeting.key, sizeof(taking->greeting.key),
		 STATE_GREETED "%s/%s", taking->event.team, user);
	snprintf(taking->greeting.channel, sizeof(taking->greeting.channel),
		 "%s", channel);
	if (is_being_greeted(taking))
		taking_pass(taking, "ignored_other");
	else if (slack->services->state_get(slack->host, taking->greeting.key,
					    on_state, taking))
		taking_refuse(taking, 503, "refused", "Try again.", 5);
}

bool
home_take_event(struct taking *taking)
{
	const json_t *inner = json_object_get(taking->envelope, "event");
	const char *type = event_text(inner, "type");
	const char *tab = event_text(inner, "tab");
	const char *user = event_text(inner, "user");
	const char *channel = event_text(inner, "channel");
	if (!taking->slack->has_home || !type || !tab ||
	    strcmp(type, "app_home_opened") != 0 || !event_is_id(user) ||
	    !event_is_id(taking->event.team) ||
	    !event_is_id(taking->event.workspace))
		return false;
	taking->workspace =
		workspace_of_event(taking->slack, taking->event.workspace);
	if (!taking->workspace)
		return false;
	if (strcmp(tab, "messages") == 0 && event_is_id(channel)) {
		greet(taking, user, channel);
		return true;
	}
	if (strcmp(tab, "home") == 0)
		publish(taking->workspace, user, NULL);
	taking_pass(taking, "ignored_other");
	return true;
}

/* ---- A question of the pack's that is pressed */

struct search {
	const char *text;
	bool is_found;
};

static void
find_topic(void *arg, const struct teller_front *front)
{
	struct search *search = arg;
	for (size_t i = 0; i < front->n_topics; i++)
		search->is_found |=
			strcmp(front->topics[i].text, search->text) == 0;
}

/* Where it was pressed it is seen that it was. */
static void
show_asked(const struct taking *taking)
{
	struct action action;
	if (action_read(&action, taking->payload))
		mark_pressed(taking);
	else if (action_read_press(&action, taking->payload))
		publish(taking->workspace, action.user, action.value);
}

/* A button that is pressed twice is pressed once: the page has another hash
 * when it was shown again. */
static void
make_external_id(const struct action *action, const json_t *payload,
		 char out[NAME_SIZE])
{
	const char *hash = event_text(json_object_get(payload, "view"), "hash");
	const char *place = action->ts ? action->ts : hash;
	snprintf(out, NAME_SIZE, "topic/%s/%s/%s/%.100s", action->team,
		 action->user, action->id, place ? place : action->at);
}

static void
receive_topic(struct taking *taking)
{
	char external_id[NAME_SIZE];
	struct action action;
	action_read_press(&action, taking->payload);
	make_external_id(&action, taking->payload, external_id);
	taking->on_kept = show_asked;
	direct_receive(taking, &(struct direct_question){
				       .team = action.team,
				       .user = action.user,
				       .user_team = action.user_team,
				       .user_name = action.user_name,
				       .external_id = external_id,
				       .text = action.value,
				       .route = HOOK_NONE,
			       });
}

bool
home_take_press(struct taking *taking)
{
	const struct slack *slack = taking->slack;
	struct action action;
	if (!action_read_press(&action, taking->payload) ||
	    strncmp(action.id, ACTION_TOPIC, strlen(ACTION_TOPIC)) != 0)
		return false;
	struct search search = {action.value, false};
	slack->services->front(slack->host, find_topic, &search);
	taking->workspace = workspace_of_event(taking->slack, action.workspace);
	if (!search.is_found)
		taking_pass(taking, "ignored_action");
	else if (!taking->workspace)
		taking_pass(taking, "ignored_stranger");
	else
		receive_topic(taking);
	return true;
}
