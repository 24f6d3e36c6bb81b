/* A fresh store for each test of the storage layer, and short ways to write
 * to it. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include "test.h"

#include <ftw.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/message.h"
#include "store/state.h"
#include "store/turn.h"
#include "store/writer.h"

#define NOW_US INT64_C(1770000000000000)

struct fixture {
	char dir[64];
	char path[128]; /* of the database */
	struct store_config config;
	struct store *store;
	struct arena arena;
	struct err err;
};

static inline int
remove_entry(const char *path, const struct stat *about, int kind,
	     struct FTW *walk)
{
	(void)about;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline void
remove_tree(const char *dir)
{
	nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void
open_store(struct fixture *f)
{
	f->store = store_open(&f->config, NULL, &f->err);
	if (!f->store)
		fail_msg("%s", f->err.text);
}

static inline void
close_store(struct fixture *f)
{
	store_close(f->store);
	f->store = NULL;
}

/* Opening is refused; returns the words. */
static inline const char *
refused(struct fixture *f)
{
	assert_null(store_open(&f->config, NULL, &f->err));
	return f->err.text;
}

#define assert_words(text, words)                                      \
	do {                                                           \
		if (!strstr(text, words))                              \
			fail_msg("\"%s\" has no \"%s\"", text, words); \
	} while (0)

static inline int
set_up_dir(void **state)
{
	struct fixture *f = mem_new(sizeof *f);
	const char *top = getenv("TMPDIR");

	snprintf(f->dir, sizeof f->dir, "%s/test_store_XXXXXX",
		 top && strlen(top) < 32 ? top : "/tmp");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof f->path, "%s/store.db", f->dir);
	f->config.dir = f->dir;
	f->config.wal_limit_bytes = 16 << 20;
	*state = f;
	return 0;
}

static inline int
set_up(void **state)
{
	if (set_up_dir(state) < 0)
		return -1;
	open_store(*state);
	return 0;
}

static inline int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	arena_release(&f->arena);
	remove_tree(f->dir);
	free(f);
	return 0;
}

/* A message with its defaults; id may be NULL. */
static inline struct store_add_message
message_from(const char *key, const char *id, const char *text)
{
	return (struct store_add_message){
		.write.verb = &store_verb_add_message,
		.channel = "web",
		.account = "",
		.key = key,
		.external_ids = {id},
		.message = {.kind = "text",
			    .text = text,
			    .received_at_us = NOW_US},
		.is_queued = true,
	};
}

/* Its id; the test fails unless it is stored. */
static inline int64_t
add_text(struct fixture *f, const char *key, const char *text)
{
	struct store_add_message add = message_from(key, NULL, text);

	if (store_call(f->store, &add.write) != STORE_OK)
		fail_msg("%s", add.write.err.text);
	return add.message.id;
}

static inline int64_t
conversation_of(struct fixture *f, const char *key)
{
	struct store_open_conversation open = {
		.write.verb = &store_verb_open_conversation,
		.channel = "web",
		.account = "",
		.key = key,
		.now_us = NOW_US,
	};

	store_call(f->store, &open.write);
	assert_true(open.id > 0);
	return open.id;
}

/* What a SELECT returns, as a reader sees it. */
static inline int64_t
count_of(struct fixture *f, const char *sql)
{
	struct err err = {0};
	int64_t n = -1;
	struct db db;

	if (db_open(&db, f->path, DB_READER, &err) < 0 ||
	    db_exec_int(&db, sql, &n, &err) < 0)
		fail_msg("%s", err.text);
	db_close(&db);
	return n;
}

/* A write that keeps the store thread busy until it is let go. */
struct hold {
	struct store_write write;
	sem_t begun, go, ended;
};

static inline enum store_status
run_hold(struct writer *writer, struct store_write *write)
{
	struct hold *hold = container_of(write, struct hold, write);

	(void)writer;
	sem_post(&hold->begun);
	sem_wait(&hold->go);
	return STORE_OK;
}

static inline void
end_hold(struct store_write *write)
{
	sem_post(&container_of(write, struct hold, write)->ended);
}

static inline void
hold_begin(struct fixture *f, struct hold *hold)
{
	static const struct store_verb verb = {.name = "hold", .run = run_hold};

	*hold = (struct hold){.write = {.verb = &verb, .done = end_hold}};
	sem_init(&hold->begun, 0, 0);
	sem_init(&hold->go, 0, 0);
	sem_init(&hold->ended, 0, 0);
	store_submit(f->store, &hold->write);
	sem_wait(&hold->begun);
}

static inline void
hold_end(struct hold *hold)
{
	sem_post(&hold->go);
	sem_wait(&hold->ended);
}

#endif
