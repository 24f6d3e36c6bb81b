#include "store_lanes.h"

static void done(struct store_write *);

static struct lane *
lane_of(struct store_write *write)
{
	if (write->verb == &store_verb_add_message)
		return container_of(write, struct lane, add.write);
	if (write->verb == &store_verb_finish_turn)
		return container_of(write, struct lane, finish.write);
	return container_of(write, struct lane, mark.write);
}

/* Most are short, a few need pages of their own. */
static size_t
text_len(int64_t number)
{
	uint64_t some = (uint64_t)number * 0x9e3779b97f4a7c15 >> 32;

	return 20 + some % (number % 32 == 0 ? LANE_TEXT_MAX - 20 : 500);
}

void
lane_make_message(struct lane *lane, int64_t number)
{
	lane->number = number;
	snprintf(lane->key, sizeof lane->key, "lane %d",
		 (int)(lane - lane->lanes->of));
	snprintf(lane->external_id, sizeof lane->external_id, "%s, %s, %lld",
		 lane->lanes->name, lane->key, (long long)number);
	snprintf(lane->count, sizeof lane->count, "%lld", (long long)number);
	memset(lane->text, 'x', LANE_TEXT_MAX);
	lane->text[text_len(number)] = '\0';
	lane->state = (struct plugin_state){
		.key = lane->key,
		.value = lane->count,
		.value_len = strlen(lane->count),
	};
	lane->add = message_from(lane->key, lane->external_id, lane->text);
	lane->add.states = &lane->state;
	lane->add.n_states = 1;
}

static void
add(struct lane *lane)
{
	lane_make_message(lane, lane->number + 1);
	lane->step = STEP_ADDED;
	lane->add.write.done = done;
	store_submit(lane->lanes->store, &lane->add.write);
}

static void
finish(struct lane *lane)
{
	lane->reply = (struct reply){.target = "web",
				     .job = "reply",
				     .text = "a reply of some length"};
	lane->finish = (struct store_finish_turn){
		.write = {.verb = &store_verb_finish_turn, .done = done},
		.conversation_id = lane->add.message.conversation_id,
		.messages = &lane->add.message.id,
		.n_messages = 1,
		.newest_seen = lane->add.message.id,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT, .memory = "{}"},
		.replies = &lane->reply,
		.n_replies = 1,
		.kind = "answer",
		.rule = "faq",
		.record = "{}",
		.now_us = NOW_US,
	};
	store_submit(lane->lanes->store, &lane->finish.write);
}

static void
mark(struct lane *lane, enum reply_outcome outcome)
{
	lane->mark = (struct store_mark_reply){
		.write = {.verb = &store_verb_mark_reply, .done = done},
		.id = lane->reply.id,
		.outcome = outcome,
		.now_us = NOW_US,
	};
	store_submit(lane->lanes->store, &lane->mark.write);
}

/* A message that was there already may have had its turn. */
static void
go_on(struct lane *lane, enum store_status status)
{
	if (status == STORE_DUPLICATE || lane->step == STEP_SENT) {
		add(lane);
		return;
	}
	switch (++lane->step) {
	case STEP_FINISHED:
		finish(lane);
		break;
	case STEP_TRYING:
		mark(lane, REPLY_TRYING);
		break;
	default:
		mark(lane, REPLY_SENT);
	}
}

static void
done(struct store_write *ended)
{
	struct lane *lane = lane_of(ended);
	struct lanes *lanes = lane->lanes;
	enum store_status status = ended->status;

	if (status != STORE_OK &&
	    (status != STORE_DUPLICATE || lane->step != STEP_ADDED)) {
		fprintf(stderr, "%s: %s\n", lane->external_id, ended->err.text);
		_exit(3);
	}
	lanes->acked(&(struct ack){
		.step = lane->step,
		.lane = lane - lanes->of,
		.number = lane->number,
		.message_id = lane->add.message.id,
		.reply_id = lane->step == STEP_ADDED ? 0 : lane->reply.id,
	});
	if (lanes->n_left-- > 0)
		go_on(lane, status);
	else
		sem_post(&lanes->stopped);
}

void
lanes_start(struct lanes *lanes)
{
	sem_init(&lanes->stopped, 0, 0);
	for (int i = 0; i < N_LANES; i++) {
		lanes->of[i].lanes = lanes;
		add(&lanes->of[i]);
	}
}

void
lanes_wait(struct lanes *lanes)
{
	for (int i = 0; i < N_LANES; i++)
		sem_wait(&lanes->stopped);
}

static int64_t
look_up(struct db *db, const char *sql, int64_t id)
{
	struct err err = {0};
	int64_t found = 0;
	struct query q;

	query_begin(&q, db, sql);
	if (id)
		query_bind_int(&q, id);
	if (query_step(&q, &err) > 0)
		found = query_int(&q);
	query_end(&q);
	return err.text[0] ? -1 : found;
}

static bool
has_message(struct db *db, const struct ack *ack, const char *name)
{
	struct err err = {0};
	char external_id[64];
	struct query q;

	snprintf(external_id, sizeof external_id, "%s, lane %lld, %lld", name,
		 (long long)ack->lane, (long long)ack->number);
	query_begin(&q, db,
		    "SELECT length(m.text) FROM message AS m"
		    " JOIN message_external AS e ON e.message_id = m.id"
		    " WHERE m.id = ? AND e.external_id = ?");
	query_bind_int(&q, ack->message_id);
	query_bind_text(&q, external_id);
	bool found = query_step(&q, &err) > 0 &&
		     query_int(&q) == (int64_t)text_len(ack->number);
	query_end(&q);
	return found;
}

const char *
lanes_lost(struct db *db, const struct ack *ack, const char *name)
{
	if (!has_message(db, ack, name))
		return "a message is lost";
	if (ack->step == STEP_ADDED)
		return NULL;
	if (look_up(db,
		    "SELECT 1 FROM message WHERE id = ?"
		    " AND state = 'done' AND turn_id > 0",
		    ack->message_id) != 1)
		return "a turn is lost";
	if (look_up(db, "SELECT 1 FROM reply WHERE id = ?", ack->reply_id) != 1)
		return "a reply is lost";
	if (ack->step >= STEP_TRYING &&
	    look_up(db,
		    "SELECT 1 FROM reply WHERE id = ?"
		    " AND attempts = 1 AND maybe_sent",
		    ack->reply_id) != 1)
		return "a try is lost";
	if (ack->step == STEP_SENT &&
	    look_up(db, "SELECT 1 FROM reply WHERE id = ? AND state = 'sent'",
		    ack->reply_id) != 1)
		return "a delivery is lost";
	return NULL;
}

const char *
lanes_halves(struct db *db)
{
	if (look_up(db,
		    "SELECT count(*) FROM message WHERE"
		    " (state = 'done') <> (turn_id > 0)",
		    0) != 0)
		return "a message is answered by half";
	int64_t n_turns = look_up(db, "SELECT count(*) FROM turn", 0);
	if (n_turns !=
	    look_up(db, "SELECT count(DISTINCT turn_id) FROM message", 0))
		return "a turn has no message";
	if (n_turns != look_up(db, "SELECT count(*) FROM reply", 0))
		return "a turn has not one reply";
	return NULL;
}
