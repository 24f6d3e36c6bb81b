/* One reply on its way out, with all that its plugin is told of it. */
#ifndef DIALOG_DELIVERY_H
#define DIALOG_DELIVERY_H

#include <stdbool.h>

#include <tellerd/plugin.h>

#include "base/mem.h"
#include "store/turn.h"

/* Name of the channel that is no plugin: tellerctl, which waits itself. */
#define CHANNEL_TERMINAL "terminal"

#define DELIVERY_MARKED (-1)

#define JOB_AGENT_TEXT "agent_text"
#define JOB_RECEIPT "receipt"

struct delivery {
	struct delivery *next;
	struct arena arena; /* all texts below */
	struct reply reply;
	const char *account, *key, *public_id, *state;
	const void *route;
	size_t route_len;
	const char **in_reply_to;
	size_t n_in_reply_to;
	struct teller_choice *options;
	size_t n_options;
	struct teller_source *sources;
	size_t n_sources;
	int64_t due_us;	   /* when the next attempt is, monotonic */
	bool is_announced; /* the attempt is on disk, as two do harm */
	bool is_withdrawn; /* as its row says: nobody wants it any more */
	int unmarked;	   /* enum reply_outcome that is to be marked yet, or
			    * DELIVERY_MARKED */
	const char *external_id, *error;
	char id[MESSAGE_ID_SIZE];
};

/* words: of the jobs whose rows hold none (outbox_add()). */
struct delivery *delivery_new(const struct conversation *,
			      enum conversation_state, const struct reply *,
			      const char *words, const int64_t *in_reply_to,
			      size_t n_in_reply_to);
/* What tells a desk of the end of another one. */
struct delivery *delivery_receipt(const struct delivery *of,
				  const struct reply *receipt);
void delivery_free(struct delivery *);
/* The job as the plugin sees it; borrows from the delivery. */
void delivery_job(const struct delivery *, struct teller_job *out);
void delivery_set_progress(struct delivery *, const void *state, size_t len);
/* The next attempt is at that time, whatever becomes of the clock. */
void delivery_put_off(struct delivery *, int64_t at_us);
int64_t delivery_wait_ms(const struct delivery *); /* 0: now */
bool delivery_is_internal(const struct delivery *);
/* A desk works on conversations of every channel, and knows them by our id; so
 * does who is told of cases. */
bool delivery_is_for_any_channel(const char *job);

#endif
