/* The outbox: committed replies on their way to the plugins that deliver them,
 * in order and one at a time a conversation, until they say sent, or fail for
 * good.  On the loop thread. */
#ifndef DIALOG_OUTBOX_H
#define DIALOG_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

#include "store/turn.h"

struct err;
struct host;
struct loop;
struct store;

struct outbox_config {
	struct loop *loop;
	struct store *store;
	struct host *host; /* NULL: every reply goes to nobody, as sent */
	void *arg;
	/* A customer could not be reached where he was to go on; that message
	 * tells the conversation he came from. */
	void (*unreached)(void *arg, int64_t conversation_id,
			  int64_t message_id);
};

struct outbox;
struct outbox *outbox_new(const struct outbox_config *);
void outbox_free(struct outbox *);
void outbox_set_host(struct outbox *, struct host *);
/* From now on nothing more is sent or marked. */
void outbox_stop(struct outbox *);

/* A reply was committed; copied.  words: what it says if its row does not, as
 * case_words() has it. */
void outbox_add(struct outbox *, const struct conversation *,
		enum conversation_state state, const struct reply *,
		const char *words, const int64_t *in_reply_to,
		size_t n_in_reply_to);
/* Take up what an earlier process left in the store.  Before the loop runs.  0,
 * or -1 and *err. */
int outbox_recover(struct outbox *, struct store *, struct err *);
size_t outbox_length(const struct outbox *);
/* Is a plugin at work on a reply, or about to be, or a mark on its way to disk?
 * Replies that only wait for their time, or for their plugin, do not count. */
bool outbox_is_busy(const struct outbox *);

/* Those replies were withdrawn in the store, of whatever lanes and in any
 * order: what is not with its plugin is not sent, and a plugin that has one is
 * told to cancel it. */
void outbox_withdraw(struct outbox *, const int64_t *replies, size_t n);

/* What the plugins say, each of the jobs that it has; see host_events. */
void outbox_progress(struct outbox *, const char *plugin, const char *job,
		     const void *state, size_t len);
void outbox_sent(struct outbox *, const char *plugin, const char *job,
		 const char *external_id);
void outbox_failed(struct outbox *, const char *plugin, const char *job,
		   enum teller_failure, int64_t not_before_us,
		   const char *words);
/* A plugin runs now, or no longer. */
void outbox_plugin_changed(struct outbox *, const char *plugin,
			   bool is_running);

#endif
