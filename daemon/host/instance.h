/* One life of a plugin, from open() to close().  What a plugin makes and what
 * is under way for it hangs on its instance, and ends with it.  All on the
 * loop thread but instance_post(). */
#ifndef HOST_INSTANCE_H
#define HOST_INSTANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/queue.h"
#include "host/host.h"

struct http_client;
struct http_site;
struct timer;

/* What all instances have in common; the host's. */
struct host_frame {
	struct host_config config;
	struct host_events events;
	uint8_t key[32];	    /* the desk's */
	struct http_client *client; /* NULL: nobody needed one yet */
	/* Set to 0 ms whenever an instance may have come to its end: the host
	 * then looks after all of them, with no plugin on the stack. */
	struct timer *settle;
};

/* A thing that ends with its instance at the latest. */
struct owned {
	struct owned *next, **link;
	/* Take it away, calling nothing back. */
	void (*end)(struct owned *);
};

/* Something that is under way elsewhere and comes back to the loop, when its
 * owner may be gone. */
struct call {
	struct owned owned;
	struct teller_host *owner; /* NULL: closed meanwhile */
};

enum instance_state {
	INSTANCE_NEW,	   /* its kept secrets are being read */
	INSTANCE_OPENING,  /* in open() */
	INSTANCE_RUNNING,  /* from start() on */
	INSTANCE_STOPPING, /* from stop() on */
	INSTANCE_CLOSING,  /* in close() */
	INSTANCE_OVER,	   /* closed */
	INSTANCE_FAILED	   /* over before it ran; words say why */
};

struct teller_host {
	struct host_frame *frame;
	const struct teller_plugin *plugin;
	const struct settings *settings;
	struct http_site *site; /* of its routes; NULL: there is no HTTP */
	void *self;
	enum instance_state state;
	bool is_open;	 /* open() went well: close() is owed */
	bool has_failed; /* in open() or start() */
	bool is_stopped; /* it said so, or the deadline passed */
	bool is_overdue; /* the deadline passed */
	struct timer *deadline;

	struct owned *owned;
	size_t n_owned;
	size_t n_calls;	    /* struct call among them: the end waits for them */
	int n_working;	    /* work() under way: the plugin's code elsewhere */
	int n_putting;	    /* what it keeps is on its way to the disk */
	struct queue posts; /* of struct post */
	struct job posts_job;

	struct map texts;   /* of options, lent to the plugin until close() */
	struct map secrets; /* struct sealed, kept by secret_put() */
	struct map secret_troubles; /* why one cannot be had, as it was told */
	char *secret;		    /* lent by secret_get() */
	size_t secret_len;
	struct map metrics;
	char key_name[HOST_KEY_NAME_SIZE]; /* lent by key_name() */

	enum teller_health_state health;
	char *words; /* of health, or why it failed; NULL: none */
	int n_warned;
	int64_t warned_us;
};

/* A new life of the plugin.  What is passed is borrowed until instance_free(),
 * settings until other ones that say the same are set. */
struct teller_host *instance_new(struct host_frame *,
				 const struct teller_plugin *,
				 const struct settings *, struct http_site *);
/* Open and start it: it goes on to RUNNING or FAILED by and by. */
void instance_begin(struct teller_host *);
/* Only open a new one and close it again, before the loop runs: what open() may
 * do reaches nothing outside, and what was kept is not read.  It is OVER then.
 * 0, or -1 and *err: it refuses its settings, and why. */
int instance_try(struct teller_host *, struct err *);
/* Stop it: it goes on to OVER by and by. */
void instance_stop(struct teller_host *);
/* What frame->settle asks of each: close it if nothing stands against it any
 * more.  Called with no plugin on the stack. */
void instance_settle(struct teller_host *);
/* It is OVER or FAILED. */
void instance_free(struct teller_host *);

/* Health, or the reason of failing; copied, cut when long. */
void instance_set_words(struct teller_host *, const char *words);
/* A line about the plugin; too many in a minute are dropped. */
void instance_warn(struct teller_host *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* May the service `what` run, which takes part from RUNNING to the state
 * `last`?  0, or -1 and a line in the log. */
int instance_check(struct teller_host *, const char *what,
		   enum instance_state last);
/* The same for a service that makes a thing: and is there room for one? */
int instance_check_room(struct teller_host *, const char *what,
			enum instance_state last);

void instance_own(struct teller_host *, struct owned *);
void instance_disown(struct teller_host *, struct owned *);
void call_begin(struct call *, struct teller_host *);
/* The owner, which does not own it any more; NULL: it is gone. */
struct teller_host *call_end(struct call *);

/* Before and after every call of a plugin's function: a slow one is counted,
 * and warnings meanwhile name the plugin. */
struct entered {
	int64_t at_us;
	const char *outer; /* the plugin around which it was called, or NULL */
};
struct entered instance_enter(struct teller_host *);
void instance_leave(struct teller_host *, const char *what, struct entered);

/* From any thread: run fn(arg) on the loop.  -1: it does not run any more, or
 * too many wait. */
int instance_post(struct teller_host *, teller_call_fn *, void *arg);

#endif
