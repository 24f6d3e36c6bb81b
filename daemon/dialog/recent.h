/* What customers wrote a moment ago, redacted: "my pin is" in one message makes
 * the number in the next one a secret.  A fixed number of conversations, each
 * for some minutes, the oldest out; in memory alone, so that a restart forgets
 * them, and wiped when it is too old.  On the loop thread. */
#ifndef DIALOG_RECENT_H
#define DIALOG_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recent;

#define RECENT_CONVERSATIONS 1024
#define RECENT_TAIL_BYTES 160
#define RECENT_US (10 * 60 * (int64_t)1000000)

struct recent *recent_new(void);
void recent_free(struct recent *);

/* What was written in that conversation before this message, its last bytes;
 * "": nothing, or too long ago.  Conversation and message are hashes; message
 * 0: it has no id.  The last message, brought again, gets what it got first.
 * Borrowed until the next call. */
const char *recent_before(struct recent *, uint64_t conversation,
			  uint64_t message, int64_t now_us);

/* That message's text, redacted, goes behind what was written before. */
void recent_keep(struct recent *, uint64_t conversation, uint64_t message,
		 const char *text, int64_t now_us);

/* A turn that ended with those words of his asks for the last four digits of a
 * number, or no longer.  Of a conversation that is not remembered, or where
 * more was written meanwhile, that is not known. */
void recent_ask_digits(struct recent *, uint64_t conversation, bool asks,
		       const char *words);
/* What was written before this message since that was asked, as above; NULL: it
 * is not asked. */
const char *recent_since_asked(struct recent *, uint64_t conversation,
			       uint64_t message, int64_t now_us);

/* A conversation that is remembered goes by another name, too: the channel
 * began it under one of its own and goes on by ours. */
void recent_also(struct recent *, uint64_t conversation, uint64_t name);

#endif
