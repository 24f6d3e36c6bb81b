/* What a card looks like, and the first of its thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_parts.h"
#include "mrkdwn.h"
#include "split.h"

#define SECTION_MAX 3000  /* characters */
#define QUESTION_MAX 2500 /* of each message of it */
#define QUOTED_MAX 400	  /* of a line: far less than a message takes */
#define LAST_MAX 4	  /* entries that are "the last" of a history */

static bool
is_by(const struct said *said, const char *author)
{
	return strcmp(said->author, author) == 0;
}

void
card_find_question(json_t *card, const struct said_list *said)
{
	size_t end = said->n, first;
	while (end > 0 && !is_by(&said->list[end - 1], "customer"))
		end--;
	first = end;
	while (first > 0 && is_by(&said->list[first - 1], "customer"))
		first--;
	/* What it comes behind must be known, unless it is the beginning. */
	if (first == 0 && said->is_cut && end > 0)
		first = 1;
	json_object_set_new(
		card, "after",
		json_string(first > 0 ? said->list[first - 1].id : ""));
	json_object_set_new(card, "n", json_integer((json_int_t)(end - first)));
}

/* ---- Words */

/* The bytes of what ends a line there, wherever it is shown; 0: nothing. */
static size_t
line_end(const char *text)
{
	static const char *const ends[] = {
		"\n",	    "\r",	    "\v",	   "\f",
		"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (strncmp(text, ends[i], strlen(ends[i])) == 0)
			return strlen(ends[i]);
	return 0;
}

/* The bytes up to there, or to the blank at which a long line is parted. */
static size_t
line_len(const char *text)
{
	size_t max = split_fit(text, QUOTED_MAX), len = 0, blank = 0;
	for (; len < max && !line_end(text + len); len++)
		if (text[len] == ' ')
			blank = len;
	bool is_long = text[len] && !line_end(text + len);
	return is_long && blank > len / 2 ? blank : len;
}

/* Each line behind a sign, so that none of them can look like one of ours: nor
 * behind a cut of a long text, which falls between two, nor behind a fence,
 * within which the sign is none.  false without memory. */
static bool
quote(FILE *out, const char *text)
{
	char *lines = mrkdwn_part_fences(text);
	bool is_read = lines;
	for (char *at = lines; is_read && *at;) {
		size_t len = line_len(at), end_len = line_end(at + len);
		char end = at[len];
		at[len] = '\0';
		/* Three signs would be for all that follows. */
		fputs(!*at ? "" : *at == '>' ? "> " : ">", out);
		mrkdwn_escape(out, at);
		fputs(*at ? "\n" : "", out);
		at[len] = end;
		at += len + end_len;
	}
	free(lines);
	return is_read;
}

static void
quote_question(FILE *out, const char *text)
{
	size_t len = split_fit(text, QUESTION_MAX);
	char *question = strndup(text, len);
	if (question && quote(out, question) && text[len])
		fputs(">...\n", out);
	free(question);
}

static char *
close_text(FILE *out, char **text)
{
	if (out && fclose(out) == 0)
		return *text;
	free(*text);
	return NULL;
}

char *
card_customer(const char *text)
{
	char *words = NULL;
	size_t len;
	FILE *out = open_memstream(&words, &len);
	bool is_whole = out && fputs("*Customer*\n", out) >= 0 &&
			quote(out, *text ? text : "(no words)");
	words = close_text(out, &words);
	if (is_whole)
		return words;
	free(words);
	return NULL;
}

static void
write_state(FILE *out, const json_t *card)
{
	const char *state = event_text(card, "state");
	const char *owner = event_text(card, "owner");
	if (!state || strcmp(state, "waiting") == 0) {
		fputs(":raised_hand: *A customer waits for a person*", out);
	} else if (strcmp(state, "person") == 0) {
		fputs(":speech_balloon: *", out);
		mrkdwn_escape(out, owner && *owner ? owner : "A colleague");
		fputs(" has the conversation*", out);
	} else if (strcmp(state, "bot") == 0) {
		fputs(":robot_face: *The assistant has the conversation*", out);
	} else if (strcmp(state, "closed") == 0) {
		fputs(":white_check_mark: *Closed*", out);
	} else {
		fputs(":arrow_down: *It goes on at a newer card*", out);
	}
}

static void
write_question(FILE *out, const struct said_list *said)
{
	bool is_there = false;
	for (size_t i = 0; said && i < said->n; i++) {
		const struct said *one = &said->list[i];
		if (!is_by(one, "customer"))
			continue;
		is_there = true;
		quote_question(out,
			       *one->text ? one->text : "(asks for a person)");
	}
	if (!is_there)
		fputs("_What the customer wrote is not kept any more._\n", out);
}

/* To what a section takes, and not within an entity. */
static void
cut(char *text)
{
	size_t len = split_fit(text, SECTION_MAX);
	if (!text[len])
		return;
	text[len] = '\0';
	char *entity = strrchr(text, '&');
	if (entity && !strchr(entity, ';'))
		*entity = '\0';
}

char *
card_text(const json_t *card, const struct said_list *said)
{
	const char *id = event_text(card, "conversation");
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	write_state(out, card);
	fprintf(out, " `%s`\n", id ? id : "");
	write_question(out, said);
	text = close_text(out, &text);
	if (text)
		cut(text);
	return text;
}

/* ---- Buttons */

static const struct {
	const char *state, *action, *label, *style;
} buttons[] = {
	{"waiting", "claim", "Claim", "primary"},
	{"waiting", "suggest", "Suggest", NULL},
	{"waiting", "return", "Return to bot", NULL},
	{"waiting", "close", "Close", NULL},
	{"person", "suggest", "Suggest", NULL},
	{"person", "return", "Return to bot", NULL},
	{"person", "close", "Close", NULL},
	{"person", "take_over", "Take over", NULL},
	{"bot", "claim", "Claim", NULL},
};

json_t *
card_buttons(const json_t *card)
{
	const char *state = event_text(card, "state");
	json_t *row = json_array();
	for (size_t i = 0; i < sizeof(buttons) / sizeof(*buttons); i++) {
		char action[40];
		if (strcmp(buttons[i].state, state ? state : "") != 0)
			continue;
		snprintf(action, sizeof(action), DESK_ACTION "%s",
			 buttons[i].action);
		json_array_append_new(
			row,
			json_pack("{s:s, s:s, s:s, s:s*, s:{s:s, s:s}}", "type",
				  "button", "action_id", action, "value",
				  event_text(card, "conversation"), "style",
				  buttons[i].style, "text", "type",
				  "plain_text", "text", buttons[i].label));
	}
	if (json_array_size(row) == 0) {
		json_decref(row);
		return NULL;
	}
	return json_pack("[{s:s, s:o}]", "type", "actions", "elements", row);
}

/* ---- The first of its thread */

/* What the card says beside the customer's words, which come first. */
static const char *
own_part(const char *text)
{
	static const char begin[] = "- Why: ", end[] = "\n\n- Why: ";
	const char *found = NULL, *at = text;
	while ((at = strstr(at, end)))
		found = at++;
	if (found)
		return found + 2;
	return strncmp(text, begin, strlen(begin)) == 0 ? text : "";
}

static void
write_said(FILE *out, const struct said *said)
{
	bool is_customer = is_by(said, "customer");
	char *text = is_customer ? card_customer(said->text)
				 : mrkdwn_render(said->text);
	fputs("\n", out);
	if (!is_customer) {
		fputs("*", out);
		mrkdwn_escape(out, *said->name ? said->name : "Assistant");
		fputs("*\n", out);
	}
	fprintf(out, "%s%s", text ? text : "", is_customer ? "" : "\n");
	free(text);
}

/* What stands before the question, as much of it as is wanted. */
static void
write_history(FILE *out, const struct desk_job *job,
	      const struct said_list *said)
{
	const char *after = event_text(job->card, "after");
	size_t end = 0, first = 0;
	while (after && end < said->n && strcmp(said->list[end].id, after) != 0)
		end++;
	end = after && *after && end < said->n ? end + 1 : 0;
	if (job->desk->history == DESK_HISTORY_NONE || end == 0)
		return;
	if (job->desk->history == DESK_HISTORY_LAST) {
		first = end - 1;
		while (first > 0 && end - first < LAST_MAX &&
		       !is_by(&said->list[first], "customer"))
			first--;
	}
	for (size_t i = first; i < end; i++)
		write_said(out, &said->list[i]);
}

char *
card_details(const struct desk_job *job, const struct said_list *said)
{
	char *text = NULL, *own = mrkdwn_render(own_part(job->text));
	size_t len;
	FILE *out = open_memstream(&text, &len);
	if (out) {
		fputs(own && *own ? own : "A conversation.", out);
		fputs("\n", out);
		write_history(out, job, said);
		fputs("\nWho has claimed it writes to the customer here; a "
		      "line that begins with // stays among us.",
		      out);
	}
	free(own);
	return close_text(out, &text);
}
