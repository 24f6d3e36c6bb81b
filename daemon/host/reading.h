/* Reading of the store for a plugin: on a worker, told on the loop. */
#ifndef HOST_READING_H
#define HOST_READING_H

#include "base/err.h"
#include "base/mem.h"
#include "host/instance.h"

struct store_reader;

/* One reading; the first member of a struct from mem_new(), which is taken and
 * freed when it was told or its instance is gone. */
struct reading {
	struct call call;
	const char *what; /* for the log: "reading the history" */
	bool is_patient;  /* waits when the workers have too much to do */
	/* On a worker: finds what is asked, into the arena.  0, or -1. */
	int (*read)(struct reading *, struct store_reader *, struct err *);
	/* On the loop: calls the plugin back.  true: read on. */
	bool (*tell)(struct reading *, struct teller_host *);
	struct arena arena; /* until it was told, or it reads on */

	struct job job; /* these are reading.c's */
	struct store *store;
	struct loop *loop;
	struct pool *workers;
	struct timer *again;
	struct err err;
	int result;
};

/* 0, or -1: the workers have too much to do; then it is freed, and that is in
 * the log.  A reading that
 * fails, which a sound store does not let happen, is tried again every second:
 * nothing that could be told would be true. */
int reading_start(struct reading *, struct teller_host *);

#endif
