#include "dialog/intake.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "dialog/intake_redact.h"
#include "dialog/recent.h"
#include "dialog/schedule.h"
#include "net/loop.h"
#include "store/message.h"
#include "store/state.h"
#include "store/turn.h"
#include "text/redact.h"

#define BUSY_RETRY_S 2
#define FULL_RETRY_S 30
/* What becomes of each kind of message. */
enum kind_flags {
	QUEUED = 1,    /* has a turn of its own */
	WITHDRAWS = 2, /* its target is taken back */
	OF_DESK = 4,   /* may name a conversation of any channel */
	SPOKEN = 8     /* a customer's words, in a row */
};

static const struct kind {
	const char *name;
	int flags;
} kinds[] = {
	[TELLER_MESSAGE_TEXT] = {"text", QUEUED | SPOKEN},
	[TELLER_MESSAGE_OPTION] = {"option", QUEUED},
	[TELLER_MESSAGE_EDIT] = {"text", QUEUED | WITHDRAWS | SPOKEN},
	[TELLER_MESSAGE_DELETE] = {"delete", WITHDRAWS},
	[TELLER_MESSAGE_STOP] = {"stop", 0},
	[TELLER_MESSAGE_FEEDBACK] = {"feedback", 0},
	[TELLER_MESSAGE_HANDOVER] = {"handover", QUEUED},
	[TELLER_MESSAGE_CLAIM] = {"claim", QUEUED | OF_DESK},
	[TELLER_MESSAGE_AGENT] = {"agent", QUEUED | OF_DESK},
	[TELLER_MESSAGE_NOTE] = {"note", QUEUED | OF_DESK},
	[TELLER_MESSAGE_RETURN] = {"return", QUEUED | OF_DESK},
	[TELLER_MESSAGE_CLOSE] = {"close", QUEUED | OF_DESK},
	[TELLER_MESSAGE_DELIVERY_FAILED] = {"delivery_failed", 0},
	[TELLER_MESSAGE_ACCOUNT_GONE] = {"account_gone", 0},
	[MESSAGE_UNCLAIMED] = {"unclaimed", QUEUED},
	[MESSAGE_LEASE_ENDED] = {"lease_ended", QUEUED},
	[MESSAGE_DESK_GONE] = {"desk_gone", QUEUED},
};

/* One message on its way into the store; everything it points to is its own. */
struct receipt {
	struct job refused; /* used when it never gets to the store */
	struct intake intake;
	struct arena arena;
	struct store_add_message add;
	struct store_add_feedback feedback;
	struct store_mark_reply failure;
	const char *alone; /* its text, redacted by itself */
	int64_t burst_ms;
	teller_stored_fn *on_stored;
	void *stored_arg;
	struct teller_stored answer;
	char message_id[MESSAGE_ID_SIZE];
};

static void
answer(struct receipt *receipt)
{
	receipt->answer.size = sizeof(receipt->answer);
	receipt->on_stored(receipt->stored_arg, &receipt->answer);
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
	answer_consequence(container_of(write, struct receipt, failure.write),
			   write);
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
	/* Answering ends the receipt, and the plugin may go on from there. */
	struct schedule *schedule = receipt->intake.schedule;
	int64_t conversation_id = add->message.conversation_id;
	int64_t message_id = add->message.id;
	int64_t burst_ms = receipt->burst_ms;
	bool wants_turn = add->write.status == STORE_OK && add->is_queued;
	answer(receipt);
	if (wants_turn)
		schedule_message(schedule, conversation_id, message_id,
				 burst_ms);
}

static const char *
write_attachments(struct arena *arena, const struct teller_message *message,
		  unsigned int *found)
{
	if (!message->n_attachments)
		return "";
	json_t *list = json_array();
	for (size_t i = 0; i < message->n_attachments; i++) {
		const struct teller_attachment *file = &message->attachments[i];
		json_t *row = json_object();
		json_set_text(row, "name",
			      intake_redact_word(arena, file->name, found));
		json_set_text(row, "media_type", file->media_type);
		json_set_int(row, "size_bytes", file->size_bytes);
		json_array_append_new(list, row);
	}
	char *text = json_text(list);
	json_decref(list);
	const char *kept = arena_strdup(arena, text ? text : "");
	free(text);
	return kept;
}

static const char *
copy(struct receipt *receipt, const char *text)
{
	return arena_strdup(&receipt->arena, text ? text : "");
}

static int
fill_text(struct message *message, struct arena *arena, struct recent *recent,
	  const char *channel, const struct teller_message *in, int64_t mono_us,
	  unsigned int *found, const char **alone_r)
{
	const char *alone = intake_redact(arena, in->text, in->text_len, found);
	message->text = alone;
	if (alone && kinds[in->kind].flags & SPOKEN)
		message->text = intake_redact_spoken(arena, recent, channel, in,
						     alone, mono_us, found);
	*alone_r = alone;
	return message->text ? 0 : -1;
}

int
intake_fill(struct message *message, struct arena *arena, struct recent *recent,
	    const char *channel, const struct teller_message *in,
	    int64_t now_us, int64_t mono_us, const char **alone_r)
{
	unsigned int found = 0;
	if (fill_text(message, arena, recent, channel, in, mono_us, &found,
		      alone_r))
		return -1;
	message->kind = kinds[in->kind].name;
	message->author_id = intake_redact_word(arena, in->author.id, &found);
	message->author_name =
		intake_redact_word(arena, in->author.name, &found);
	message->trust = (int)in->author.trust;
	message->option = intake_redact_word(arena, in->option, &found);
	/* Of an act: at which desk it was. */
	const char *target =
		kinds[in->kind].flags & OF_DESK ? channel : in->target;
	message->target = arena_strdup(arena, target ? target : "");
	message->rating = in->rating;
	message->attachments = write_attachments(arena, in, &found);
	message->sent_at_us = in->sent_at_us;
	message->received_at_us = now_us;
	char words[64];
	message->redacted =
		arena_strdup(arena, redact_kinds_text(found, words));
	return 0;
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
	int flags = kinds[in->kind].flags;
	add->is_queued = flags & QUEUED;
	add->is_desk = flags & OF_DESK;
	if (flags & WITHDRAWS)
		add->withdraws = copy(receipt, in->target);
	if (in->route) {
		void *route = arena_new(&receipt->arena, in->route_len + 1);
		add->route = memcpy(route, in->route, in->route_len);
		add->route_len = in->route_len;
	}
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
	receipt->on_stored = on_stored;
	receipt->stored_arg = stored_arg;
	if (is_too_long(intake, message)) {
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
