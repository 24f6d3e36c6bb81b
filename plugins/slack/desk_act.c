/* What agents do: a button of a card, words in its thread.  Whose it is, and of
 * which conversation, is asked first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "desk_parts.h"

#define SUGGEST "suggest" /* brings no message */

static const struct desk_press presses[] = {
	{"claim", TELLER_MESSAGE_CLAIM, NULL},
	{"take_over", TELLER_MESSAGE_CLAIM, "take_over"},
	{"return", TELLER_MESSAGE_RETURN, NULL},
	{"close", TELLER_MESSAGE_CLOSE, NULL},
	{SUGGEST, TELLER_MESSAGE_TEXT, NULL},
};

static void ask_thread(struct taking *);

void
act_go_on(const struct slack *slack, const char *thread)
{
	struct taking *oldest = NULL;
	for (struct taking *t = slack->takings; t; t = t->next) {
		if (!t->act || t->act->is_through ||
		    strcmp(t->act->thread, thread) != 0)
			continue;
		if (!t->act->is_waiting)
			return;
		oldest = t;
	}
	if (oldest && !slack->is_stopping) {
		oldest->act->is_waiting = false;
		ask_thread(oldest);
	}
}

void
desk_act_free(struct desk_act *act)
{
	if (!act)
		return;
	const struct slack *slack = act->desk->slack;
	char thread[SLACK_TS_MAX + 1];
	memcpy(thread, act->thread, sizeof(thread));
	bool is_through = act->is_through;
	free(act->text);
	free(act->note);
	free(act);
	if (!is_through)
		act_go_on(slack, thread);
}

static void
copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static struct desk_act *
act_new(struct taking *taking, const char *user, const char *ts,
	const char *thread)
{
	struct desk_act *act = calloc(1, sizeof(*act));
	if (!act) {
		taking_refuse(taking, 503, "no_memory", "Try again.", 5);
		return NULL;
	}
	taking->act = act;
	act->desk = taking->slack->desk;
	copy(act->user, sizeof(act->user), user);
	copy(act->ts, sizeof(act->ts), ts);
	copy(act->thread, sizeof(act->thread), thread);
	return act;
}

/* ---- Whose they are */

/* To who asked: the others see the customer's words, and what is sent. */
static void
on_suggestion(void *arg, const struct teller_suggestion *found)
{
	struct taking *taking = arg;
	char *text = found ? desk_suggestion(found) : NULL;
	const struct desk_act *act = taking->act;
	desk_whisper(act->desk, act->user, act->thread,
		     text ? text : "The assistant knows no answer to that.");
	free(text);
	taking_pass(taking, "suggestions");
}

static void
act_on_press(struct taking *taking)
{
	const struct desk_act *act = taking->act;
	const struct slack *slack = taking->slack;
	if (strcmp(act->press->name, SUGGEST) != 0)
		act_receive_press(taking);
	else if (slack->services->suggest(slack->host, act->conversation,
					  on_suggestion, taking))
		taking_refuse(taking, 503, "refused", "Try again.", 5);
}

static void
on_agent(void *arg, const struct agent *agent)
{
	struct taking *taking = arg;
	struct desk_act *act = taking->act;
	if (!agent) {
		taking_refuse(taking, 503, "refused", "Try again.", 5);
	} else if (!agent->is_good) {
		desk_whisper(act->desk, act->user, act->thread, agent->why);
		taking_pass(taking, "ignored_no_agent");
	} else {
		if (*agent->name)
			copy(act->name, sizeof(act->name), agent->name);
		if (!act->press)
			act_receive_words(taking);
		else
			act_on_press(taking);
	}
}

/* It may be the one whose place is not known yet. */
static bool
is_posting(const struct desk *desk)
{
	for (const struct desk_job *job = desk->jobs; job; job = job->next)
		if (job->is_root)
			return true;
	return false;
}

static void
on_thread(void *arg, const struct teller_state *found)
{
	struct taking *taking = arg;
	struct desk_act *act = taking->act;
	if (!found && is_posting(act->desk)) {
		taking_refuse(taking, 503, "too_early", "Try again.", 2);
		return;
	}
	if (!found || found->value_len >= sizeof(act->conversation)) {
		taking_pass(taking, "ignored_desk");
		return;
	}
	if (!act->press && taking->event.changed_at) {
		desk_whisper(act->desk, act->user, act->thread,
			     "What you wrote before stays as it was sent: the "
			     "customer does not see the change.");
		taking_pass(taking, "ignored_desk");
		return;
	}
	memcpy(act->conversation, found->value, found->value_len);
	agent_ask(act->desk, act->user, on_agent, taking);
}

static void
ask_thread(struct taking *taking)
{
	const struct desk_act *act = taking->act;
	const struct slack *slack = taking->slack;
	char key[DESK_KEY_SIZE];
	snprintf(key, sizeof(key), "desk/%s/%s", act->desk->channel,
		 act->thread);
	if (slack->services->state_get(slack->host, key, on_thread, taking))
		taking_refuse(taking, 503, "refused", "Try again.", 5);
}

/* In the order in which it came. */
static void
begin(struct taking *taking)
{
	struct desk_act *act = taking->act;
	act->is_waiting = true;
	act_go_on(taking->slack, act->thread);
}

/* ---- Which of it is the desk's */

static bool
is_here(const struct desk *desk, const char *workspace, const char *channel)
{
	return desk && workspace && channel &&
	       strcmp(desk->workspace->team, workspace) == 0 &&
	       strcmp(desk->channel, channel) == 0;
}

bool
desk_take_event(struct taking *taking)
{
	const struct event *event = &taking->event;
	char channel[SLACK_ID_MAX + 1], thread[SLACK_TS_MAX + 1];
	/* Without a key nobody wrote it, or it is to be ignored anyway. */
	if (!*event->key ||
	    !is_here(taking->slack->desk, event->workspace, event->channel))
		return false;
	/* A link of his was looked up, say: he changed no words. */
	bool is_unchanged = event->changed_at && event->act == EVENT_IGNORE;
	event_split_key(event->key, channel, thread);
	taking->workspace = taking->slack->desk->workspace;
	if (is_unchanged || strcmp(thread, event->ts) == 0)
		taking_pass(taking, "ignored_desk");
	else if (act_new(taking, event->user, event->ts, thread))
		begin(taking);
	return true;
}

static const struct desk_press *
find_press(const char *id)
{
	for (size_t i = 0; i < sizeof(presses) / sizeof(*presses); i++)
		if (strcmp(presses[i].name, id + strlen(DESK_ACTION)) == 0)
			return &presses[i];
	return NULL;
}

bool
desk_take_press(struct taking *taking, const struct action *press)
{
	struct desk *desk = taking->slack->desk;
	if (strncmp(press->id, DESK_ACTION, strlen(DESK_ACTION)) != 0)
		return false;
	const struct desk_press *found = find_press(press->id);
	if (!found || !is_here(desk, taking->workspace->team, press->channel)) {
		taking_pass(taking, "ignored_action");
		return true;
	}
	struct desk_act *act =
		act_new(taking, press->user, press->ts, press->ts);
	if (!act)
		return true;
	act->press = found;
	copy(act->name, sizeof(act->name), press->user_name);
	copy(act->at, sizeof(act->at), press->at);
	begin(taking);
	return true;
}
