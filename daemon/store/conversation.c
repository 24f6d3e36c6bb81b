/* Conversations.  Verbs on the store thread, reading where the reader is. */
#include "store/conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "store/reader.h"
#include "store/rows.h"

#define PUBLIC_PREFIX "cnv_"
#define PUBLIC_RANDOM_BYTES 16
#define MESSAGE_PREFIX "msg_"

const char *
message_id_format(int64_t id, char out[MESSAGE_ID_SIZE])
{
	snprintf(out, MESSAGE_ID_SIZE, MESSAGE_PREFIX "%lld", (long long)id);
	return out;
}

int64_t
message_id_parse(const char *text)
{
	size_t prefix = sizeof MESSAGE_PREFIX - 1;
	int64_t id = 0;

	if (strncmp(text, MESSAGE_PREFIX, prefix) != 0)
		return 0;
	const char *digits = text + prefix;
	size_t n = strlen(digits);
	if (n < 1 || n > 18 || strspn(digits, "0123456789") != n ||
	    digits[0] == '0')
		return 0;
	while (*digits)
		id = id * 10 + (*digits++ - '0');
	return id;
}

static const char *const state_names[] = {
	[STATE_BOT] = "bot",
	[STATE_WAITING] = "waiting",
	[STATE_PERSON] = "person",
	[STATE_CLOSED] = "closed",
};

const char *
conversation_state_name(enum conversation_state state)
{
	return state_names[state];
}

bool
conversation_state_by_name(const char *name, enum conversation_state *state_r)
{
	for (size_t i = 0; i < sizeof state_names / sizeof *state_names; i++) {
		if (strcmp(name, state_names[i]) == 0) {
			*state_r = (enum conversation_state)i;
			return true;
		}
	}
	return false;
}

static bool
is_public_id(const char *key)
{
	return strncmp(key, PUBLIC_PREFIX, sizeof PUBLIC_PREFIX - 1) == 0;
}

/* 1: found, 0: not, -1 and *err. */
static int
find(struct db *db, const struct conversation_name *name, int64_t *id_r,
     char public_id[CONVERSATION_ID_SIZE], struct err *err)
{
	struct query q;

	if (name->is_desk) {
		query_begin(&q, db,
			    "SELECT id, public_id FROM conversation"
			    " WHERE public_id = ?");
	} else if (is_public_id(name->key)) {
		query_begin(&q, db,
			    "SELECT id, public_id FROM conversation"
			    " WHERE channel = ? AND public_id = ?");
		query_bind_text(&q, name->channel);
	} else {
		query_begin(&q, db,
			    "SELECT id, public_id FROM conversation"
			    " WHERE channel = ? AND account = ? AND key = ?");
		query_bind_text(&q, name->channel);
		query_bind_text(&q, name->account);
	}
	query_bind_text(&q, name->key);
	int found = query_step(&q, err);
	if (found > 0) {
		*id_r = query_int(&q);
		snprintf(public_id, CONVERSATION_ID_SIZE, "%s",
			 query_peek_text(&q));
		query_end(&q);
	}
	return found;
}

static int
make(struct db *db, const struct conversation_name *name, int64_t *id_r,
     char public_id[CONVERSATION_ID_SIZE], struct err *err)
{
	uint8_t random[PUBLIC_RANDOM_BYTES];
	struct query q;

	crypto_random(random, sizeof random);
	memcpy(public_id, PUBLIC_PREFIX, sizeof PUBLIC_PREFIX);
	crypto_base64url(random, sizeof random,
			 public_id + sizeof PUBLIC_PREFIX - 1);
	query_begin(&q, db,
		    "INSERT INTO conversation (public_id, channel, account,"
		    " key, language, identity, created_at, updated_at)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?7, ?7)");
	query_bind_text(&q, public_id);
	query_bind_text(&q, name->channel);
	query_bind_text(&q, name->account);
	query_bind_text(&q, name->key);
	query_bind_text(&q, name->language);
	query_bind_text(&q, name->identity ? name->identity : "");
	query_bind_int(&q, name->now_us);
	if (query_run(&q, err) < 0)
		return -1;
	*id_r = sqlite3_last_insert_rowid(db->handle);
	return 0;
}

enum store_status
row_name_conversation(struct writer *writer,
		      const struct conversation_name *name, int64_t *id_r,
		      char public_id[CONVERSATION_ID_SIZE], struct err *err)
{
	if (!name->channel || !name->channel[0] || !name->key ||
	    !name->key[0]) {
		err_set(err, "a conversation needs a channel and a key");
		return STORE_INVALID;
	}
	int found = find(&writer->db, name, id_r, public_id, err);
	if (found < 0)
		return writer_failed(writer);
	if (found)
		return STORE_DUPLICATE;
	/* A desk may name those of every channel. */
	if (name->is_desk) {
		err_set(err, "there is no conversation %s", name->key);
		return STORE_NOT_FOUND;
	}
	if (is_public_id(name->key)) {
		err_set(err, "there is no conversation %s of the channel '%s'",
			name->key, name->channel);
		return STORE_NOT_FOUND;
	}
	if (make(&writer->db, name, id_r, public_id, err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

/* Whoever asks with another identity, or without, is not given what was made
 * for the first. */
static enum store_status
compare(struct writer *writer, struct store_open_conversation *open)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT language = ?2 AND identity = ?3 FROM conversation"
		    " WHERE id = ?1");
	query_bind_int(&q, open->id);
	query_bind_text(&q, open->language);
	query_bind_text(&q, open->identity ? open->identity : "");
	int found = query_step(&q, &open->write.err);
	if (found < 0)
		return writer_failed(writer);
	open->is_same = found && query_int(&q);
	if (found)
		query_end(&q);
	return STORE_DUPLICATE;
}

static enum store_status
open_conversation(struct writer *writer, struct store_write *write)
{
	struct store_open_conversation *open =
		container_of(write, struct store_open_conversation, write);
	struct conversation_name name = {
		.channel = open->channel,
		.account = open->account,
		.key = open->key,
		.language = open->language,
		.identity = open->identity,
		.now_us = open->now_us,
	};

	enum store_status status = row_name_conversation(
		writer, &name, &open->id, open->public_id, &write->err);
	return status == STORE_DUPLICATE ? compare(writer, open) : status;
}

const struct store_verb store_verb_open_conversation = {
	.name = "open_conversation",
	.takes_in = true,
	.is_repeatable = true,
	.run = open_conversation,
};

enum store_status
row_get_state(struct writer *writer, int64_t conversation_id,
	      enum conversation_state *state_r, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT state FROM conversation WHERE id = ?");
	query_bind_int(&q, conversation_id);
	int found = query_step(&q, err);
	if (found < 0)
		return writer_failed(writer);
	if (!found) {
		err_set(err, "there is no conversation %lld",
			(long long)conversation_id);
		return STORE_NOT_FOUND;
	}
	conversation_state_by_name(query_peek_text(&q), state_r);
	query_end(&q);
	return STORE_OK;
}

#define COLUMNS                                                      \
	"SELECT id, public_id, channel, account, key, language,"     \
	" identity, state, owner, lease_until, failed_turns, " TURNS \
	", memory,"                                                  \
	" route, created_at, updated_at FROM conversation "

static void
read_row(struct query *q, struct arena *arena, struct conversation *c)
{
	c->id = query_int(q);
	c->public_id = query_text(q, arena);
	c->channel = query_text(q, arena);
	c->account = query_text(q, arena);
	c->key = query_text(q, arena);
	c->language = query_text(q, arena);
	c->identity = query_text(q, arena);
	conversation_state_by_name(query_peek_text(q), &c->state);
	c->owner = query_text(q, arena);
	c->lease_until_us = query_int(q);
	c->failed_turns = (int)query_int(q);
	c->turns = (int)query_int(q);
	c->memory = query_text(q, arena);
	c->route = query_blob(q, arena, &c->route_len);
	c->created_at_us = query_int(q);
	c->updated_at_us = query_int(q);
}

/* The one row of a query that is bound. */
static int
read_one(struct query *q, struct arena *arena,
	 const struct conversation **found_r, struct err *err)
{
	*found_r = NULL;
	int found = query_step(q, err);
	if (found <= 0)
		return found;
	struct conversation *c = arena_new(arena, sizeof *c);
	read_row(q, arena, c);
	query_end(q);
	*found_r = c;
	return 1;
}

int
store_get_conversation(struct store_reader *reader, struct arena *arena,
		       const char *public_id,
		       const struct conversation **found_r, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db, COLUMNS "WHERE public_id = ?");
	query_bind_text(&q, public_id);
	return read_one(&q, arena, found_r, err);
}

int
store_conversation_by_id(struct store_reader *reader, struct arena *arena,
			 int64_t id, const struct conversation **found_r,
			 struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db, COLUMNS "WHERE id = ?");
	query_bind_int(&q, id);
	return read_one(&q, arena, found_r, err);
}

int
store_find_conversation(struct store_reader *reader, struct arena *arena,
			const char *channel, const char *account,
			const char *key, const struct conversation **found_r,
			struct err *err)
{
	struct query q;

	if (is_public_id(key)) {
		query_begin(&q, &reader->db,
			    COLUMNS "WHERE channel = ? AND public_id = ?");
		query_bind_text(&q, channel);
	} else {
		query_begin(&q, &reader->db,
			    COLUMNS "WHERE channel = ? AND account = ?"
				    " AND key = ?");
		query_bind_text(&q, channel);
		query_bind_text(&q, account);
	}
	query_bind_text(&q, key);
	return read_one(&q, arena, found_r, err);
}

long
store_list_conversations(struct store_reader *reader, struct arena *arena,
			 const char *channel, const char *state, int64_t before,
			 size_t limit, const struct conversation **list_r,
			 struct err *err)
{
	struct conversation *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	/* With a state the index of states is read, else that of ids. */
	if (state && state[0]) {
		query_begin(&q, &reader->db,
			    COLUMNS "WHERE state = ? AND id < ?"
				    " AND ?3 IN ('', channel)"
				    " ORDER BY id DESC LIMIT ?4");
		query_bind_text(&q, state);
	} else {
		query_begin(&q, &reader->db,
			    COLUMNS "WHERE id < ? AND ?2 IN ('', channel)"
				    " ORDER BY id DESC LIMIT ?3");
	}
	query_bind_int(&q, before ? before : INT64_MAX);
	query_bind_text(&q, channel);
	query_bind_int(&q, (int64_t)limit);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		read_row(&q, arena, &list[n++]);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

long
store_transitions(struct store_reader *reader, struct arena *arena,
		  int64_t conversation_id, const struct transition **list_r,
		  struct err *err)
{
	struct transition *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT state_from, state_to, reason, actor, at"
		    " FROM transition WHERE conversation_id = ? ORDER BY id");
	query_bind_int(&q, conversation_id);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		struct transition *t = &list[n++];
		t->from = query_text(&q, arena);
		t->to = query_text(&q, arena);
		t->reason = query_text(&q, arena);
		t->actor = query_text(&q, arena);
		t->at_us = query_int(&q);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}
