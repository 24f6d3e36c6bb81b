/* From an agent's act to the inbox. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commonmark.h"
#include "decode.h"
#include "desk_parts.h"

#define NOTE "//"	  /* how a line for colleagues begins */
#define NO_BREAK "\u00A0" /* a blank, too */
#define ID_SIZE 320
#define AUTHOR_SIZE (2 * SLACK_ID_MAX + 2)

/* An agent is of the desk's workspace, whatever an event says: in an
 * organisation that may be one team or another. */
static void
get_name(const struct desk_act *act, char name[AUTHOR_SIZE])
{
	snprintf(name, AUTHOR_SIZE, "%s/%s", act->desk->workspace->team,
		 act->user);
}

static void
receive(struct taking *taking, enum teller_message_kind kind, const char *text,
	const char *id)
{
	struct desk_act *act = taking->act;
	const struct desk *desk = act->desk;
	char author[AUTHOR_SIZE], key[DESK_KEY_SIZE], thread[SLACK_TS_MAX + 1];
	memcpy(thread, act->thread, sizeof(thread)); /* it may be gone then */
	get_name(act, author);
	snprintf(key, sizeof(key), "claimant/%s/%s", act->conversation, author);
	const struct teller_state claimant = desk_state(desk, key, "1");
	const struct teller_message message = {
		.size = sizeof(message),
		.kind = kind,
		.account = "",
		.conversation = act->conversation,
		.external_ids = {id},
		.author = {.id = author,
			   .name = act->name,
			   .trust = TELLER_TRUST_AGENT},
		.text = text,
		.text_len = text ? taking_cut(text) : 0,
		.option = act->press ? act->press->option : NULL,
		.burst_ms = 0,
	};
	/* Whether what he writes next is the customer's is read from disk. */
	act->is_through = kind != TELLER_MESSAGE_CLAIM;
	taking_receive(taking, &message, &claimant,
		       kind == TELLER_MESSAGE_CLAIM);
	act_go_on(desk->slack, thread);
}

static void
receive_words(struct taking *taking, const char *text, bool is_note)
{
	const struct desk_act *act = taking->act;
	char id[ID_SIZE];
	snprintf(id, sizeof(id), "desk/%s/%s%s", act->desk->channel, act->ts,
		 is_note ? "/note" : "");
	receive(taking, is_note ? TELLER_MESSAGE_NOTE : TELLER_MESSAGE_AGENT,
		text, id);
}

void
act_receive_press(struct taking *taking)
{
	const struct desk_act *act = taking->act;
	char id[ID_SIZE];
	snprintf(id, sizeof(id), "desk/%s/%s/%s/%s/%s", act->desk->channel,
		 act->thread, act->press->name, act->user, act->at);
	receive(taking, act->press->kind, NULL, id);
}

/* ---- Words */

/* Behind the sign of a line for colleagues, which may have blanks before it:
 * who types it does not mean the customer.  NULL: it is none. */
static const char *
skip_sign(const char *line)
{
	for (size_t n = 1; n > 0; line += n)
		n = strncmp(line, NO_BREAK, strlen(NO_BREAK)) == 0
			    ? strlen(NO_BREAK)
			    : strspn(line, " \t\r");
	return strncmp(line, NOTE, strlen(NOTE)) == 0 ? line + strlen(NOTE)
						      : NULL;
}

/* Lines that begin with the sign, or all others.  NULL without memory. */
static char *
lines_of(const char *text, bool is_note)
{
	char *out = NULL;
	size_t len, n_lines = 0;
	FILE *file = open_memstream(&out, &len);
	while (file && *text) {
		const char *end = text + strcspn(text, "\n");
		const char *note = skip_sign(text);
		if ((note != NULL) == is_note) {
			const char *line = note ? note : text;
			fprintf(file, "%s%.*s", n_lines++ ? "\n" : "",
				(int)(end - line), line);
		}
		text = end + (*end == '\n');
	}
	if (file && fclose(file) == 0)
		return out;
	free(out);
	return NULL;
}

static char *
customers_text(const struct taking *taking, const char *mrkdwn)
{
	const struct decode_self self = taking_self(taking);
	char *lines = lines_of(mrkdwn, false);
	char *text = lines ? commonmark_of_mrkdwn(lines, &self) : NULL;
	free(lines);
	return text;
}

static char *
colleagues_text(const struct taking *taking, const char *mrkdwn)
{
	char *lines = lines_of(mrkdwn, true);
	char *text = lines ? taking_part(taking, lines) : NULL;
	free(lines);
	return text;
}

/* Of a text that says nothing none is left. */
static void
drop_blank(char **text)
{
	if ((*text)[strspn(*text, " \t\r\n")])
		return;
	free(*text);
	*text = NULL;
}

/* false without memory. */
static bool
read_claimants(struct taking *taking)
{
	struct desk_act *act = taking->act;
	const struct decode_self self = taking_self(taking);
	const char *mrkdwn = decode_skip_address(taking->event.text, &self);
	act->text = customers_text(taking, mrkdwn);
	act->note = colleagues_text(taking, mrkdwn);
	if (!act->text || !act->note)
		return false;
	drop_blank(&act->text);
	drop_blank(&act->note);
	return true;
}

/* Who has never claimed it talks to colleagues. */
static void
on_claimant(void *arg, const struct teller_state *found)
{
	struct taking *taking = arg;
	struct desk_act *act = taking->act;
	if (!found)
		act->note = taking_text(taking);
	if (found ? !read_claimants(taking) : !act->note) {
		taking_refuse(taking, 503, "no_memory", "Try again.", 5);
		return;
	}
	if (found && json_array_size(taking->event.files) > 0)
		desk_whisper(act->desk, act->user, act->thread,
			     "Files are not passed on to the customer.");
	if (act->text)
		receive_words(taking, act->text, false);
	else if (act->note)
		receive_words(taking, act->note, true);
	else
		taking_pass(taking, "ignored_desk");
}

static void
on_kept(void *arg, bool is_kept)
{
	struct taking *taking = arg;
	struct desk_act *act = taking->act;
	if (!is_kept)
		taking_refuse(taking, 503, "busy", "Try again.", 2);
	else if (act->note)
		receive_words(taking, act->note, true);
	else
		taking_pass(taking, "taken");
}

static void
keep(struct taking *taking, const char *key, const char *value)
{
	const struct teller_state state =
		desk_state(taking->act->desk, key, value);
	const struct slack *slack = taking->slack;
	if (slack->services->state_put(slack->host, &state, 1, on_kept, taking))
		taking_refuse(taking, 503, "refused", "Try again.", 5);
}

/* Where they stand, for the sign that they are delivered.  A copy that comes
 * after a crash writes the same again. */
static void
keep_said(struct taking *taking, const char *message)
{
	const struct desk_act *act = taking->act;
	char key[DESK_KEY_SIZE], value[200];
	snprintf(key, sizeof(key), "said/%.64s", message);
	snprintf(value, sizeof(value),
		 "{\"channel\":\"%s\",\"said\":\"%s\",\"ts\":\"%s\"}",
		 act->desk->channel, act->ts, act->thread);
	keep(taking, key, value);
}

/* Who is to be told if a colleague was before him. */
static void
keep_presser(struct taking *taking, const char *message)
{
	char key[DESK_KEY_SIZE];
	snprintf(key, sizeof(key), "pressed/%.64s", message);
	keep(taking, key, taking->act->user);
}

bool
desk_act_stored(struct taking *taking, const struct teller_stored *stored)
{
	struct desk_act *act = taking->act;
	bool is_there = stored->status == TELLER_STORED ||
			stored->status == TELLER_DUPLICATE;
	bool is_claim = act->press && act->press->kind == TELLER_MESSAGE_CLAIM;
	if (!is_there || (!act->text && !is_claim) || act->is_noting)
		return false;
	act->is_noting = true;
	if (is_claim)
		keep_presser(taking, stored->message);
	else
		keep_said(taking, stored->message);
	return true;
}

void
act_receive_words(struct taking *taking)
{
	const struct desk_act *act = taking->act;
	const struct slack *slack = taking->slack;
	char key[DESK_KEY_SIZE], author[AUTHOR_SIZE];
	get_name(act, author);
	snprintf(key, sizeof(key), "claimant/%s/%s", act->conversation, author);
	if (slack->services->state_get(slack->host, key, on_claimant, taking))
		taking_refuse(taking, 503, "refused", "Try again.", 5);
}
