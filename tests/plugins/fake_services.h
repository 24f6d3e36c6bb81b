/* A host for unit tests of plugins, in which nothing happens by itself: time
 * stands still until fake_advance(), and call-backs come from fake_run(),
 * fake_advance() or whoever has to say something, never from within a service.
 *
 * A test links the plugin's own sources, without a loop, a store or a network:
 *
 *	struct fake *fake = fake_new(&teller_plugin);
 *	fake_set(fake, "accounts.acme.port", "25");
 *	fake_start(fake);
 *	struct fake_answer *answer =
 *		fake_request(fake, "POST", "/x", NULL, "hello", 5);
 *	assert_int_equal(fake->n_messages, 1);
 *	fake_run(fake);
 *	assert_int_equal(answer->status, 202);
 *	fake_free(fake);
 *
 * What the real host would not allow fails the test.  Everything is freed by
 * fake_free(), which also stops and closes the plugin. */
#ifndef TESTS_PLUGINS_FAKE_SERVICES_H
#define TESTS_PLUGINS_FAKE_SERVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

#include "base/buf.h"
#include "base/mem.h"

struct fake_inside;

/* A message that the plugin gave to receive(), in copies. */
struct fake_message {
	struct teller_message message;
	struct teller_state states[TELLER_STATES_MAX];
	size_t n_states;
	bool is_answered; /* on_stored() was called */
	teller_stored_fn *on_stored;
	void *arg;
};

/* What it said of a job. */
enum fake_outcome_kind { FAKE_PROGRESS, FAKE_SENT, FAKE_FAILED };
struct fake_outcome {
	enum fake_outcome_kind kind;
	const char *job;
	const char *text; /* progress, external id, or words */
	enum teller_failure failure;
	int64_t not_before_us;
};

/* What a request was answered; changes while the plugin writes. */
struct fake_answer {
	int status; /* 0: not yet */
	const char *media_type;
	const char *code; /* of a problem */
	int retry_after_s;
	struct buf headers; /* "Name: value\n" each */
	struct buf body;    /* a stream's: all that was written */
	bool is_stream, is_ended;
	bool is_slow; /* set by the test: the next write cuts the stream */
};

/* A request to elsewhere, in copies, and how to answer it. */
struct fake_fetch {
	struct teller_fetch fetch;
	bool is_answered;
	teller_fetched_fn *fn;
	void *arg;
};

/* A connection of the plugin's. */
struct fake_conn {
	const char *host;
	int port, flags;
	struct buf written; /* since the test last cleared it */
	bool is_paused, is_closed;
	int n_starttls;
	struct teller_conn *conn;
};

struct fake {
	const struct teller_services *services;
	struct teller_host *host;
	void *self;		   /* of the plugin, once it is open */
	struct teller_words words; /* of open() or start() */
	int64_t now_us;
	enum teller_health_state health;
	char health_words[256];
	struct buf log; /* "level line\n" each, and refusals */
	bool is_stopped;

	struct fake_message *messages[1000];
	size_t n_messages;
	struct fake_outcome *outcomes[1000];
	size_t n_outcomes;
	struct fake_fetch *fetches[2000];
	size_t n_fetches;
	struct fake_conn *conns[100];
	size_t n_conns;

	/* How on_stored() comes by fake_run(); STORED at first.  With is_held
	 * it comes only by fake_store(). */
	enum teller_stored_status stored_status;
	bool is_held;

	const char *key;		  /* that is good to ask; NULL: none */
	const char *starters[7];	  /* of the desk's pack, up to NULL */
	const struct teller_front *front; /* NULL: there is no pack */
	/* What the bot would answer, of any conversation; NULL: nothing. */
	const struct teller_suggestion *suggestion;
	/* Who the last conversation was opened as, "id name"; "": nobody. */
	const char *opened_as;

	/* Of the last fake_check(): "grade about: words -> remedy\n" each. */
	struct buf found;
	bool is_checked; /* and it is over */

	struct arena arena; /* until fake_free(), for the test too */
	struct fake_inside *inside;
};

/* With every option at its fallback. */
struct fake *fake_new(const struct teller_plugin *);
void fake_free(struct fake *);

/* Set an option, before or after it is open; a list's texts are parted by
 * commas.  Sections of tables come into being by being named. */
void fake_set(struct fake *, const char *path, const char *value);
void fake_set_secret(struct fake *, const char *name, const char *value);
void fake_set_state(struct fake *, const char *key, const char *value);
/* NULL: there is none. */
const char *fake_get_state(struct fake *, const char *key);
const char *fake_get_secret(struct fake *, const char *name);

/* open() and start(); what the last of them returned.  self tells how far it
 * came; words why not. */
int fake_start(struct fake *);
/* stop() alone. */
void fake_begin_stop(struct fake *);
/* stop(), unless that was, all that is due, close(); what was left is taken
 * away. */
void fake_stop(struct fake *);
/* At once: of what is due nothing comes any more. */
void fake_close(struct fake *);

/* Call back everything that is due now: posts, work, what the store has to
 * say, timers; until nothing is. */
void fake_run(struct fake *);
/* The same while ms pass. */
void fake_advance(struct fake *, int64_t ms);
/* Let it look whether all works; post: "" for no trial. */
void fake_check(struct fake *, const char *post);
/* The descriptor is ready: its watches are called. */
void fake_ready(struct fake *, int fd, int events);

/* The i-th message's fate. */
void fake_store(struct fake *, size_t i, const struct teller_stored *);
/* Give it a job: id, key, conversation and text, the rest as of a reply of the
 * bot.  fake_job() makes one that the test may change. */
struct teller_job fake_job(const char *id, const char *conversation,
			   const char *text);
void fake_send(struct fake *, const struct teller_job *);
/* What history() answers for that key, borrowed until fake_free(). */
void fake_set_history(struct fake *, const char *key,
		      const struct teller_history *);

/* What explain() says of a reply in the conversation of that key. */
void fake_set_explained(struct fake *, const char *key, const char *reply,
			const char *json);

/* A request from outside; headers end with name NULL, or are NULL.  The query
 * stands in the path; names and values are taken as they are. */
struct fake_answer *fake_request(struct fake *, const char *method,
				 const char *path,
				 const struct teller_header *headers,
				 const void *body, size_t len);
/* Its client goes away. */
void fake_leave(struct fake *, struct fake_answer *);

/* Answer the i-th fetch: a status and a body, or status 0 and words. */
void fake_fetched(struct fake *, size_t i, int status, const char *body);
void fake_fetched_whole(struct fake *, size_t i, const struct teller_fetched *);

/* Something happens to the i-th connection. */
void fake_conn_event(struct fake *, size_t i, enum teller_conn_event,
		     const void *data, size_t len, const char *words);
void fake_conn_text(struct fake *, size_t i, const char *text);

#endif
