/* Cards that do not show yet what is so.  Of each only the newest state is
 * shown, however many there were meanwhile; what is to be shown is on disk
 * until it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_parts.h"

#define STALE "stale/"
#define AGAIN_MS (30 * 1000)

struct showing {
	struct showing *next;
	struct desk *desk;
	json_t *card;
	bool is_newer;	 /* than what is being shown */
	bool is_read;	 /* what it says is being read */
	bool is_waiting; /* for its message to look so: update.c */
};

void
update_key(const json_t *card, char key[DESK_KEY_SIZE])
{
	const char *channel = event_text(card, "channel");
	const char *ts = event_text(card, "ts");
	snprintf(key, DESK_KEY_SIZE, STALE "%.40s/%.40s",
		 channel ? channel : "", ts ? ts : "");
}

static void go_on(struct desk *);

static void
pop(struct desk *desk)
{
	struct showing *done = desk->updates;
	desk->updates = done->next;
	json_decref(done->card);
	free(done);
}

static void
on_time(void *arg)
{
	struct desk *desk = arg;
	desk->update_timer = NULL;
	go_on(desk);
}

static void
wait_ms(struct desk *desk, int64_t ms)
{
	struct slack *slack = desk->slack;
	desk->is_updating = false;
	if (!desk->update_timer && desk->updates)
		desk->update_timer = slack->services->watch_timer(
			slack->host, ms, false, on_time, desk);
}

/* It is shown, or cannot be.  What is kept of it is removed first: a crash
 * before that shows it once more. */
static void
end(struct showing *showing)
{
	struct desk *desk = showing->desk;
	const struct slack *slack = desk->slack;
	char key[DESK_KEY_SIZE];
	if (!showing->is_newer) {
		update_key(showing->card, key);
		const struct teller_state gone = {.key = key};
		slack->services->state_put(slack->host, &gone, 1, NULL, NULL);
		pop(desk);
	}
	wait_ms(desk, 0);
}

/* The others first. */
static void
try_again(struct desk *desk)
{
	struct showing *first = desk->updates, **last = &first->next;
	while (*last)
		last = &(*last)->next;
	desk->updates = first->next ? first->next : first;
	if (first->next)
		*last = first;
	if (desk->updates != first)
		first->next = NULL;
	wait_ms(desk, AGAIN_MS);
}

static void
on_shown(void *arg, enum update_end how)
{
	struct showing *showing = arg;
	showing->is_waiting = false;
	if (showing->is_read)
		return; /* the newer one follows */
	if (how == UPDATE_LATER)
		try_again(showing->desk);
	else
		end(showing);
}

static json_t *
make_body(const json_t *card, const struct said_list *said)
{
	char *text = card_text(card, said);
	json_t *buttons = card_buttons(card);
	json_t *body = json_pack(
		"{s:s, s:s, s:s, s:[{s:s, s:{s:s, s:s}}]}", "channel",
		event_text(card, "channel"), "ts", event_text(card, "ts"),
		"text", text ? text : "", "blocks", "type", "section", "text",
		"type", "mrkdwn", "text", text ? text : " ");
	if (body && buttons)
		json_array_extend(json_object_get(body, "blocks"), buttons);
	json_decref(buttons);
	free(text);
	return body;
}

static void
on_question(void *arg, const struct said_list *said)
{
	struct showing *showing = arg;
	json_t *body = make_body(showing->card, said);
	showing->is_read = false;
	if (!body && showing->is_waiting)
		return; /* once the older one is shown */
	showing->is_newer = false;
	showing->is_waiting = true;
	update_message(showing->desk->workspace, body, on_shown, showing);
}

/* The first of them. */
static void
show(struct desk *desk)
{
	struct showing *first = desk->updates;
	json_int_t n = json_integer_value(json_object_get(first->card, "n"));
	first->is_read = true;
	if (desk_look(desk, event_text(first->card, "conversation"),
		      event_text(first->card, "after"), n > 0 ? (size_t)n : 1,
		      on_question, first) == 0)
		return;
	first->is_read = false;
	if (!first->is_waiting)
		try_again(desk);
}

static void
go_on(struct desk *desk)
{
	if (!desk->updates || desk->is_listing || desk->is_updating ||
	    desk->update_timer || desk->slack->is_stopping)
		return;
	desk->is_updating = true;
	show(desk);
}

static bool
is_same_card(const json_t *a, const json_t *b)
{
	char key_a[DESK_KEY_SIZE], key_b[DESK_KEY_SIZE];
	update_key(a, key_a);
	update_key(b, key_b);
	return strcmp(key_a, key_b) == 0;
}

/* Where that of the card is, or where one would be. */
static struct showing **
find(struct desk *desk, const json_t *card)
{
	struct showing **link = &desk->updates;
	while (*link && !is_same_card((*link)->card, card))
		link = &(*link)->next;
	return link;
}

void
update_card(struct desk *desk, const json_t *card)
{
	struct showing **link = find(desk, card);
	if (!*link) {
		*link = calloc(1, sizeof(**link));
		if (!*link)
			return; /* the next start finds it */
		(*link)->desk = desk;
	}
	json_decref((*link)->card);
	(*link)->card = json_deep_copy(card);
	(*link)->is_newer = true;
	/* What Slack holds back is not to look old first. */
	if ((*link)->is_waiting && !(*link)->is_read)
		show(desk);
	else
		go_on(desk);
}

/* Nothing is shown before all is read: what came meanwhile is newer, and not
 * gone before it is seen to be. */
static void
on_stale(void *arg, const struct teller_state *found)
{
	struct desk *desk = arg;
	if (!found) {
		desk->is_listing = false;
		go_on(desk);
		return;
	}
	json_t *card = json_loadb(found->value, found->value_len, 0, NULL);
	if (event_is_ts(event_text(card, "ts")) &&
	    event_text(card, "conversation") && !*find(desk, card))
		update_card(desk, card);
	json_decref(card);
}

void
updates_start(struct desk *desk)
{
	const struct slack *slack = desk->slack;
	desk->is_listing = slack->services->state_list(slack->host, STALE,
						       on_stale, desk) == 0;
}

void
updates_close(struct desk *desk)
{
	while (desk->updates)
		pop(desk);
}
