/* The store: every conversation and all knowledge, in one directory.
 *
 * What is written goes to one thread, which gathers what waits into one
 * transaction, keeps or undoes each write for itself, and tells the writers
 * only after it is on disk (group commit).  That thread also runs every
 * checkpoint.  What is read is read through a struct store_reader, as many as
 * there are threads reading, each seeing a snapshot.
 *
 * The headers of this layer say what is kept, not how: nothing of the database
 * engine shows in them. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/queue.h"

struct store;

struct store_config {
	const char *dir;	/* made with mode 0700 if it is not there */
	int64_t min_free_bytes; /* below it nothing more is taken in */
	int64_t wal_limit_bytes;
	/* Called once, on the store thread, when a commit or checkpoint failed
	 * in a way after which nothing may be written any more: everything
	 * that waits has been answered STORE_BROKEN.  The process is to end
	 * with exit code 70. */
	void (*broken)(void *arg, const char *why);
	void *broken_arg;
	/* Called again and again, by store_open() alone, while it checks,
	 * copies and migrates; NULL: nobody wants to know. */
	void (*working)(void *arg);
	void *working_arg;
};

/* Open or make the store in config->dir: takes the lock, checks, migrates.
 * NULL and *err: another process has the lock (err says which, and
 * *is_locked_r is set if it is not NULL), the directory cannot be written,
 * the file is damaged, foreign, or of a newer tellerd. */
struct store *store_open(const struct store_config *, bool *is_locked_r,
			 struct err *);
/* Commits what was submitted, checkpoints and closes.  No reader is open. */
void store_close(struct store *);

enum store_status {
	STORE_OK,
	STORE_DUPLICATE, /* it is there already; the write says what */
	STORE_STALE,	 /* something changed that the write was based on */
	STORE_NOT_FOUND,
	STORE_INVALID, /* err says what is wrong with it */
	STORE_BUSY,    /* the queue is full: try again */
	STORE_FULL,    /* no space on the disk: try again later */
	STORE_BROKEN   /* the store is going down */
};

/* What the store can be asked to write is a constant object of this type;
 * each is declared beside the struct that carries its arguments, which
 * embeds a struct store_write as its first member. */
struct store_verb;
struct store_waiter;

struct store_write {
	struct job job; /* the store's until done */
	const struct store_verb *verb;
	/* Where done(write) runs: pushed there as a job after the commit; the
	 * queue has no limit and outlives the store.  NULL: on the store
	 * thread, or, when the queue is full, at once. */
	struct queue *reply_to;
	void (*done)(struct store_write *);
	enum store_status status;    /* set when done */
	struct err err;		     /* words, when status is not OK */
	struct store_waiter *waiter; /* store_call()'s own */
};

/* Hand over a write; whatever becomes of it, done is called once.  The struct
 * and all it points to is borrowed until then.  Any thread. */
void store_submit(struct store *, struct store_write *);
/* The same, and wait for it; done and reply_to are not used.  Not on the loop
 * or store thread.  Returns write->status. */
enum store_status store_call(struct store *, struct store_write *);

/* How it is, from any thread. */
struct store_health {
	bool is_broken;
	bool is_full; /* refusing what is new, until there is space again */
	/* The same until another program ends that reads the database: it keeps
	 * what an unclean end left from being copied back. */
	bool is_held;
	int64_t free_bytes;
	int64_t database_bytes;
	int64_t wal_bytes;
	size_t queue_length;
	int64_t oldest_read_us; /* age of the oldest open snapshot */
	uint64_t commits, writes;
	bool was_clean; /* the last process to have it closed it */
};
void store_health(struct store *, struct store_health *);

const char *store_dir(const struct store *);

/* One snapshot-reading connection, for one thread at a time.  Borrowed from a
 * pool: given back as soon as the reading is done, never kept over a wait for
 * anything else.  NULL and *err when the store is broken. */
struct store_reader;
struct store_reader *store_read_begin(struct store *, struct err *);
void store_read_end(struct store_reader *);

#endif
