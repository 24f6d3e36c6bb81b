#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "dialog/intake_parts.h"
#include "dialog/intake_redact.h"
#include "dialog/outbox.h"
#include "dialog/recent.h"
#include "dialog/schedule.h"
#include "net/loop.h"
#include "store/message.h"
#include "store/state.h"
#include "store/turn.h"

#define BUSY_RETRY_S 2
#define FULL_RETRY_S 30

/* One message on its way into the store; everything it points to is its own. */
struct receipt {
	struct job refused; /* used when it never gets to the store */
	struct intake intake;
	struct arena arena;
	struct store_add_message add;
	struct store_add_feedback feedback;
	struct store_mark_reply failure;
	struct store_add_audit gone;
	const char *alone; /* its text, redacted by itself */
	int64_t burst_ms;
	const char *request; /* that brought it, "": none */
	teller_stored_fn *on_stored;
	void *stored_arg;
	struct teller_stored answer;
	char message_id[MESSAGE_ID_SIZE];
};

static void
tell(struct receipt *receipt)
{
	receipt->answer.size = sizeof(receipt->answer);
	receipt->on_stored(receipt->stored_arg, &receipt->answer);
}

static void
answer(struct receipt *receipt)
{
	tell(receipt);
	arena_release(&receipt->arena);
	free(receipt);
}

static void
answer_refused(struct job *job)
{
	answer(container_of(job, struct receipt, refused));
}

/* Not called back from within receive(): by way of the loop. */
static void
refuse(struct receipt *receipt, enum teller_stored_status status,
       const char *words, int retry_after_s)
{
	receipt->answer.status = status;
	receipt->answer.words = arena_strdup(&receipt->arena, words);
	receipt->answer.retry_after_s = retry_after_s;
	receipt->refused.run = answer_refused;
	loop_post(receipt->intake.loop, &receipt->refused);
}

/* Is it to be brought again later?  Then the answer says so. */
static bool
is_for_later(struct receipt *receipt, const struct store_write *write)
{
	struct teller_stored *out = &receipt->answer;
	switch (write->status) {
	case STORE_BUSY:
	case STORE_BROKEN: /* the next process takes it */
		out->retry_after_s = BUSY_RETRY_S;
		break;
	case STORE_FULL:
		receipt->intake.disk_full(receipt->intake.disk_full_arg);
		out->retry_after_s = FULL_RETRY_S;
		break;
	default:
		return false;
	}
	out->status = TELLER_BUSY;
	out->words = write->err.text;
	return true;
}

static void
set_status(struct receipt *receipt)
{
	struct store_add_message *add = &receipt->add;
	struct teller_stored *out = &receipt->answer;
	out->words = add->write.err.text;
	if (add->write.status == STORE_OK)
		out->status = TELLER_STORED;
	else if (add->write.status == STORE_DUPLICATE)
		out->status = TELLER_DUPLICATE;
	else if (add->write.status == STORE_NOT_FOUND)
		out->status = TELLER_NOT_FOUND;
	else if (!is_for_later(receipt, &add->write))
		out->status = TELLER_FAILED;
	out->same = add->is_same;
	out->conversation = add->public_id;
	out->message = message_id_format(add->message.id, receipt->message_id);
}

/* Without its consequence a message is not yet taken in. */
static void
answer_consequence(struct receipt *receipt, const struct store_write *write)
{
	is_for_later(receipt, write);
	answer(receipt);
}

static void
feedback_stored(struct store_write *write)
{
	struct receipt *receipt =
		container_of(write, struct receipt, feedback.write);
	if (write->status == STORE_NOT_FOUND) {
		receipt->answer.status = TELLER_NOT_FOUND;
		receipt->answer.words =
			"there is no such reply in the conversation";
	} else if (write->status == STORE_INVALID) {
		receipt->answer.status = TELLER_FAILED;
		receipt->answer.words = write->err.text;
	}
	answer_consequence(receipt, write);
}

static void
failure_marked(struct store_write *write)
{
	struct receipt *receipt =
		container_of(write, struct receipt, failure.write);
	const struct store_mark_reply *mark = &receipt->failure;
	for (size_t i = 0; write->status == STORE_OK && i < mark->n_unreached;
	     i++)
		schedule_message(receipt->intake.schedule,
				 mark->unreached[i].conversation_id,
				 mark->unreached[i].message_id, 0,
				 receipt->request);
	answer_consequence(receipt, write);
}

/* A second write that belongs to the message.  It does nothing when the
 * channel, not having had our answer, brings the message again. */
static bool
write_consequence(struct receipt *receipt)
{
	struct intake *intake = &receipt->intake;
	const struct message *message = &receipt->add.message;
	int64_t reply_id = message_id_parse(message->target);
	if (strcmp(message->kind, "feedback") == 0) {
		receipt->feedback = (struct store_add_feedback){
			.write.verb = &store_verb_add_feedback,
			.write.reply_to = loop_queue(intake->loop),
			.write.done = feedback_stored,
			.reply_id = reply_id,
			.message_id = message->id,
			.rating = message->rating,
			.reason = message->option,
			.actor = "customer",
			.now_us = message->received_at_us,
		};
		store_submit(intake->store, &receipt->feedback.write);
		return true;
	}
	if (strcmp(message->kind, "delivery_failed") == 0) {
		receipt->failure = (struct store_mark_reply){
			.write.verb = &store_verb_mark_reply,
			.write.reply_to = loop_queue(intake->loop),
			.write.done = failure_marked,
			.id = reply_id,
			.outcome = REPLY_FAILED,
			.error = message->text,
			.now_us = message->received_at_us,
			.arena = &receipt->arena,
		};
		store_submit(intake->store, &receipt->failure.write);
		return true;
	}
	return false;
}

/* A channel may begin a conversation by a name of its own and go on by ours. */
static void
remember_name(const struct receipt *receipt)
{
	const struct store_add_message *add = &receipt->add;
	if (strcmp(add->key, add->public_id) != 0)
		recent_also(receipt->intake.recent,
			    intake_conversation_hash(add->channel, add->account,
						     add->key),
			    intake_conversation_hash(add->channel, add->account,
						     add->public_id));
}

/* Its turn, and what the customer sees until that. */
static void
schedule(const struct receipt *receipt)
{
	struct schedule *schedule = receipt->intake.schedule;
	const struct store_add_message *add = &receipt->add;
	int64_t conversation_id = add->message.conversation_id;
	schedule_message(schedule, conversation_id, add->message.id,
			 receipt->burst_ms, receipt->request);
	if (!add->is_desk && add->message.trust != TELLER_TRUST_AGENT &&
	    add->conversation_state == STATE_BOT)
		schedule_typing(schedule, conversation_id, add->channel,
				add->account, add->key);
}

/* What was kept leads to: its turn, and that answers which the store has marked
 * as withdrawn are not sent. */
static void
go_on(const struct receipt *receipt)
{
	const struct store_add_message *add = &receipt->add;
	if (add->is_queued && !add->is_late)
		schedule(receipt);
	if (receipt->intake.outbox)
		outbox_withdraw(receipt->intake.outbox, add->withdrawn,
				add->n_withdrawn);
}

static void
stored(struct store_write *write)
{
	struct receipt *receipt =
		container_of(write, struct receipt, add.write);
	struct store_add_message *add = &receipt->add;
	set_status(receipt);
	bool is_there = add->write.status == STORE_OK ||
			add->write.status == STORE_DUPLICATE;
	if (is_there)
		remember_name(receipt);
	if (is_there && write_consequence(receipt))
		return;
	tell(receipt);
	if (add->write.status == STORE_OK)
		go_on(receipt);
	arena_release(&receipt->arena);
	free(receipt);
}

static const char *
copy(struct receipt *receipt, const char *text)
{
	return arena_strdup(&receipt->arena, text ? text : "");
}

/* Before anything else gets to see it. */
static int
fill_message(struct receipt *receipt, const char *channel,
	     const struct teller_message *in)
{
	return intake_fill(&receipt->add.message, &receipt->arena,
			   receipt->intake.recent, channel, in, time_now_us(),
			   time_mono_us(), &receipt->alone);
}

/* Of the text as it was redacted by itself: what a repeat is read behind may be
 * forgotten.  Under a key, as a plain hash of what is a secret only behind
 * other words would give it away.  The same done at a desk by somebody else, or
 * to another conversation, is another act. */
static void
make_fingerprint(struct receipt *receipt)
{
	const struct message *message = &receipt->add.message;
	struct buf text;
	buf_init(&text, strlen(receipt->alone) + strlen(message->option) +
				strlen(message->target) +
				strlen(message->author_id) +
				strlen(receipt->add.key) + 128);
	buf_addf(&text, "%s\n%s\n%s", message->kind, message->option,
		 receipt->alone);
	if (*message->target || message->rating)
		buf_addf(&text, "\n%s\n%d", message->target, message->rating);
	if (receipt->add.is_desk)
		buf_addf(&text, "\n%s\n%s\n%zu", receipt->add.key,
			 message->author_id, strlen(message->author_id));
	crypto_hmac_sha256(receipt->intake.key, 32, text.data, text.len,
			   receipt->add.fingerprint);
	crypto_wipe(text.data, text.len);
	buf_release(&text);
}

static void
copy_states(struct receipt *receipt, const struct teller_state *states,
	    size_t n)
{
	struct plugin_state *kept =
		arena_array(&receipt->arena, n, sizeof(*kept));
	for (size_t i = 0; i < n; i++) {
		kept[i].key = copy(receipt, states[i].key);
		kept[i].value_len = states[i].value_len;
		kept[i].expires_at_us = states[i].expires_at_us;
		if (states[i].value)
			kept[i].value =
				memcpy(arena_new(&receipt->arena,
						 states[i].value_len + 1),
				       states[i].value, states[i].value_len);
	}
	receipt->add.states = kept;
	receipt->add.n_states = n;
}

static void
fill_add(struct receipt *receipt, const char *channel,
	 const struct teller_message *in)
{
	struct store_add_message *add = &receipt->add;
	add->write.verb = &store_verb_add_message;
	add->write.reply_to = loop_queue(receipt->intake.loop);
	add->write.done = stored;
	add->channel = copy(receipt, channel);
	add->account = copy(receipt, in->account);
	add->key = copy(receipt, in->conversation);
	add->language = copy(receipt, in->language);
	for (size_t i = 0; i < MESSAGE_EXTERNAL_IDS; i++)
		if (in->external_ids[i])
			add->external_ids[i] =
				copy(receipt, in->external_ids[i]);
	int flags = intake_kinds[in->kind].flags;
	add->is_queued = flags & QUEUED;
	add->is_desk = flags & OF_DESK;
	add->withdraws_all = flags & WITHDRAWS_ALL;
	if (flags & WITHDRAWS)
		add->withdraws = copy(receipt, in->target);
	add->arena = &receipt->arena;
	if (in->route) {
		void *route = arena_new(&receipt->arena, in->route_len + 1);
		add->route = memcpy(route, in->route, in->route_len);
		add->route_len = in->route_len;
	}
}

static void
account_gone_kept(struct store_write *write)
{
	struct receipt *receipt =
		container_of(write, struct receipt, gone.write);
	receipt->answer.words = write->err.text;
	receipt->answer.status =
		write->status == STORE_OK ? TELLER_STORED : TELLER_FAILED;
	answer_consequence(receipt, write);
}

/* It is of no conversation: who looks for why a channel fell silent finds it in
 * the audit.  Brought again it is there once more. */
static void
keep_account_gone(struct receipt *receipt, const char *channel,
		  const struct teller_message *in)
{
	receipt->gone = (struct store_add_audit){
		.write.verb = &store_verb_add_audit,
		.write.reply_to = loop_queue(receipt->intake.loop),
		.write.done = account_gone_kept,
		.actor = copy(receipt, channel),
		.action = "account.gone",
		.object = copy(receipt, in->account),
		.detail = "",
		.now_us = time_now_us(),
		.plugin = copy(receipt, channel),
		.states = receipt->add.states,
		.n_states = receipt->add.n_states,
	};
	store_submit(receipt->intake.store, &receipt->gone.write);
}

static bool
is_too_long(const struct intake *intake, const struct teller_message *in)
{
	return in->text && in->text_len > (size_t)intake->max_chars &&
	       utf8_count(in->text, in->text_len) > (size_t)intake->max_chars;
}

void
intake_receive(const struct intake *intake, const char *channel,
	       int64_t burst_ms, const struct teller_message *message,
	       const struct teller_state *states, size_t n_states,
	       teller_stored_fn *on_stored, void *stored_arg)
{
	struct receipt *receipt = mem_new(sizeof(*receipt));
	receipt->intake = *intake;
	receipt->burst_ms = burst_ms;
	receipt->request = copy(receipt, message->request);
	receipt->on_stored = on_stored;
	receipt->stored_arg = stored_arg;
	if (message->kind == TELLER_MESSAGE_ACCOUNT_GONE) {
		copy_states(receipt, states, n_states);
		keep_account_gone(receipt, channel, message);
	} else if (is_too_long(intake, message)) {
		refuse(receipt, TELLER_FAILED,
		       arena_printf(&receipt->arena,
				    "the text is longer than %lld characters",
				    (long long)intake->max_chars),
		       0);
	} else if (schedule_length(intake->schedule) >=
		   (size_t)intake->max_waiting) {
		refuse(receipt, TELLER_BUSY, "too many questions wait",
		       BUSY_RETRY_S);
	} else if (fill_message(receipt, channel, message)) {
		refuse(receipt, TELLER_FAILED, "the text cannot be read", 0);
	} else {
		fill_add(receipt, channel, message);
		make_fingerprint(receipt);
		copy_states(receipt, states, n_states);
		store_submit(intake->store, &receipt->add.write);
	}
}
