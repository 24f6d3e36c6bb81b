/* Jobs for the desk: a card with what belongs to it, what a customer wrote
 * since. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_parts.h"

/* ---- A job */

void
desk_job_free(struct desk_job *job)
{
	if (!job)
		return;
	*job->link = job->next;
	if (job->next)
		job->next->link = job->link;
	free(job->text);
	free(job->author);
	free(job->details);
	json_decref(job->card);
	json_decref(job->old_card);
	free(job);
}

static bool
fill(struct desk_job *job, const struct teller_job *in)
{
	job->kind = in->kind;
	snprintf(job->id, sizeof(job->id), "%s", in->id);
	snprintf(job->key, sizeof(job->key), "%s", in->key);
	snprintf(job->conversation, sizeof(job->conversation), "%s",
		 in->conversation);
	snprintf(job->message, sizeof(job->message), "%s",
		 in->n_in_reply_to > 0 ? in->in_reply_to[0] : "");
	snprintf(job->state, sizeof(job->state), "%s", in->conversation_state);
	snprintf(job->progress, sizeof(job->progress), "%.*s",
		 (int)in->progress_len,
		 in->progress ? (const char *)in->progress : "");
	job->maybe_sent = in->maybe_sent;
	job->created_at_us = in->created_at_us;
	job->text = strdup(in->text);
	job->author = strdup(in->author);
	return job->text && job->author;
}

static struct desk_job *
job_new(struct desk *desk, const struct teller_job *in)
{
	struct desk_job *job = calloc(1, sizeof(*job));
	if (!job)
		return NULL;
	job->desk = desk;
	job->next = desk->jobs;
	job->link = &desk->jobs;
	if (job->next)
		job->next->link = &job->next;
	desk->jobs = job;
	if (fill(job, in))
		return job;
	desk_job_free(job);
	return NULL;
}

void
desk_job_sent(struct desk_job *job, const char *ts)
{
	const struct slack *slack = job->desk->slack;
	slack->services->sent(slack->host, job->id, ts);
	desk_job_free(job);
}

void
desk_job_fail(struct desk_job *job, enum teller_failure failure,
	      int64_t after_s, const char *words)
{
	const struct slack *slack = job->desk->slack;
	slack->services->failed(slack->host, job->id, failure,
				slack->services->now_us(slack->host) +
					after_s * US_PER_S,
				words);
	desk_job_free(job);
}

/* ---- Posting for it */

/* Into the thread of its card, or, without a text of it, the card.  The job is
 * the delivery's then. */
static void
post(struct desk_job *job, const char *text, const char *part,
     const char *thread)
{
	struct desk *desk = job->desk;
	char key[sizeof(job->key) + 8];
	snprintf(key, sizeof(key), "%s%s", job->key, part);
	struct delivery *delivery =
		delivery_new(desk->workspace, job->id, key, text);
	if (!delivery) {
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "there is no memory");
		return;
	}
	const char *channel = event_text(job->card, "channel");
	snprintf(delivery->channel, sizeof(delivery->channel), "%s",
		 channel ? channel : desk->channel);
	snprintf(delivery->thread, sizeof(delivery->thread), "%s", thread);
	delivery->must_look = job->maybe_sent;
	delivery->created_at_us = job->created_at_us;
	delivery->desk = job;
	if (job->is_root)
		delivery->buttons = card_buttons(job->card);
	else
		delivery_go_on(delivery, job->progress, strlen(job->progress));
	if (lane_add(desk->slack, delivery))
		return;
	delivery->desk = NULL;
	delivery_free(delivery);
	desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
		      "too much waits for the agents' channel");
}

void
desk_job_post(struct desk_job *job, const char *text, const char *part)
{
	const char *ts = event_text(job->card, "ts");
	post(job, text, part, ts ? ts : "");
}

/* ---- A card */

static void
post_details(struct desk_job *job)
{
	job->is_root = false;
	desk_job_post(job, job->details, "/thread");
}

static void
on_card_kept(void *arg, bool is_kept)
{
	struct desk_job *job = arg;
	if (!is_kept) {
		desk_job_fail(job, TELLER_UNKNOWN, DESK_LATER_S,
			      "it cannot be kept");
		return;
	}
	post_details(job);
}

/* Where the card is, whose it is, and that the one before is out of date. */
static void
keep_card(struct desk_job *job)
{
	struct desk *desk = job->desk;
	const struct slack *slack = desk->slack;
	char card_key[DESK_KEY_SIZE], thread_key[DESK_KEY_SIZE],
		old_key[DESK_KEY_SIZE];
	char *card = json_dumps(job->card, JSON_COMPACT);
	char *old =
		job->old_card ? json_dumps(job->old_card, JSON_COMPACT) : NULL;
	snprintf(card_key, sizeof(card_key), "card/%s", job->conversation);
	snprintf(thread_key, sizeof(thread_key), "desk/%s/%s",
		 event_text(job->card, "channel"), event_text(job->card, "ts"));
	if (old)
		update_key(job->old_card, old_key);
	const struct teller_state states[] = {
		desk_state(desk, card_key, card),
		desk_state(desk, thread_key, job->conversation),
		desk_state(desk, old ? old_key : "", old),
	};
	/* Before it is kept: what is shown just now does not count for it. */
	if (job->old_card)
		update_card(desk, job->old_card);
	if (!card || slack->services->state_put(slack->host, states,
						old ? 3 : 2, on_card_kept, job))
		desk_job_fail(job, TELLER_UNKNOWN, DESK_LATER_S,
			      "it cannot be kept");
	free(card);
	free(old);
}

void
desk_posted(struct delivery *delivery)
{
	struct desk_job *job = delivery->desk;
	delivery->desk = NULL;
	if (*job->desk->slack->desk_words)
		desk_is_unreachable(job->desk->slack, "");
	if (!job->is_root) {
		desk_job_sent(job, delivery->first_ts);
		return;
	}
	json_object_set_new(job->card, "ts", json_string(delivery->first_ts));
	keep_card(job);
}

static void
set_old_card(struct desk_job *job)
{
	job->old_card = job->card;
	job->card = NULL;
	if (job->old_card)
		json_object_set_new(job->old_card, "state",
				    json_string(DESK_MOVED));
}

static void
make_card(struct desk_job *job, const struct said_list *said)
{
	static const struct said_list nothing;
	set_old_card(job);
	job->card =
		json_pack("{s:s, s:s, s:s, s:s, s:s}", "channel",
			  job->desk->channel, "conversation", job->conversation,
			  "job", job->id, "state", job->state, "owner", "");
	card_find_question(job->card, said ? said : &nothing);
}

static bool
is_there(const struct desk_job *job)
{
	const char *id = event_text(job->card, "job");
	return id && strcmp(id, job->id) == 0;
}

/* The entries that the card's update will read. */
static struct said_list
question_of(const json_t *card, const struct said_list *said)
{
	size_t n = (size_t)json_integer_value(json_object_get(card, "n"));
	const char *after = event_text(card, "after");
	size_t first = 0;
	if (after && *after)
		while (first < said->n &&
		       strcmp(said->list[first++].id, after) != 0)
			continue;
	return (struct said_list){
		.list = said->list + first,
		.n = n < said->n - first ? n : said->n - first,
	};
}

static void
on_looked(void *arg, const struct said_list *said)
{
	static const struct said_list nothing;
	struct desk_job *job = arg;
	bool was_there = is_there(job);
	if (!said)
		said = &nothing;
	if (!was_there)
		make_card(job, said);
	job->details = card_details(job, said);
	struct said_list question = question_of(job->card, said);
	char *text = card_text(job->card, &question);
	if (!job->details || !text) {
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "there is no memory");
	} else if (was_there) {
		post_details(job);
	} else {
		job->is_root = true;
		post(job, text, "", "");
	}
	free(text);
}

static void
begin_card(struct desk_job *job)
{
	if (desk_look(job->desk, job->conversation, "", 0, on_looked, job))
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "the conversation cannot be read now");
}

/* ---- Its state */

static void
on_state_kept(void *arg, bool is_kept)
{
	struct desk_job *job = arg;
	if (!is_kept) {
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "it cannot be kept");
		return;
	}
	if (strchr(job->text, '\n'))
		desk_refuse(job);
	else
		desk_job_sent(job, event_text(job->card, "ts"));
}

static void
set_state(struct desk_job *job)
{
	bool has_person = strcmp(job->text, "person") == 0;
	size_t len = strcspn(job->text, "\n");
	json_object_set_new(job->card, "state", json_stringn(job->text, len));
	if (*job->author || strncmp(job->text, "person", len) != 0)
		json_object_set_new(job->card, "owner",
				    json_string(has_person ? job->author : ""));
}

static void
take_update(struct desk_job *job)
{
	const struct slack *slack = job->desk->slack;
	char card_key[DESK_KEY_SIZE], stale_key[DESK_KEY_SIZE];
	set_state(job);
	char *card = json_dumps(job->card, JSON_COMPACT);
	snprintf(card_key, sizeof(card_key), "card/%s", job->conversation);
	update_key(job->card, stale_key);
	const struct teller_state states[] = {
		desk_state(job->desk, card_key, card),
		desk_state(job->desk, stale_key, card),
	};
	update_card(job->desk, job->card);
	if (!card || slack->services->state_put(slack->host, states, 2,
						on_state_kept, job))
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "it cannot be kept");
	free(card);
}

static void
post_customers(struct desk_job *job)
{
	char *text = card_customer(job->text);
	if (text)
		desk_job_post(job, text, "");
	else
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "there is no memory");
	free(text);
}

static void
on_card(void *arg, const struct teller_state *found)
{
	struct desk_job *job = arg;
	if (found)
		job->card = json_loadb(found->value, found->value_len, 0, NULL);
	if (job->kind == TELLER_JOB_DESK_CARD)
		begin_card(job);
	else if (!event_is_ts(event_text(job->card, "ts")))
		desk_job_fail(job, TELLER_GONE, 0,
			      "its card is not known any more");
	else if (job->kind == TELLER_JOB_CARD_UPDATE)
		take_update(job);
	else
		post_customers(job);
}

bool
desk_send(struct slack *slack, const struct teller_job *in)
{
	const struct teller_services *s = slack->services;
	bool is_receipt = in->kind == TELLER_JOB_RECEIPT;
	char key[DESK_KEY_SIZE];
	if (!is_receipt && in->kind != TELLER_JOB_DESK_CARD &&
	    in->kind != TELLER_JOB_CARD_UPDATE &&
	    in->kind != TELLER_JOB_CUSTOMER_TEXT)
		return false;
	if (!slack->desk) {
		s->failed(slack->host, in->id, TELLER_GONE, 0,
			  "there is no desk in the settings any more");
		return true;
	}
	struct desk_job *job = job_new(slack->desk, in);
	if (!job) {
		s->failed(slack->host, in->id, TELLER_RETRY, 0, "no memory");
		return true;
	}
	snprintf(key, sizeof(key), "%s/%s", is_receipt ? "said" : "card",
		 is_receipt ? job->message : job->conversation);
	if (s->state_get(slack->host, key, is_receipt ? tick_add : on_card,
			 job))
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "it cannot be read now");
	return true;
}
