/* How intake.c redacts.  On the loop thread.  Texts are in the arena; *found
 * gets what was masked, as text_redact() gives it. */
#ifndef DIALOG_INTAKE_REDACT_H
#define DIALOG_INTAKE_REDACT_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct conversation;
struct recent;
struct teller_message;
struct turn_result;

/* NULL: it cannot be redacted whole, and so must not be kept.  text NULL: "" */
const char *intake_redact(struct arena *, const char *text, size_t len,
			  unsigned int *found);

/* A word or two of a channel; "" if it cannot be. */
const char *intake_redact_word(struct arena *, const char *text,
			       unsigned int *found);

/* What recent.h knows a conversation by. */
uint64_t intake_conversation_hash(const char *channel, const char *account,
				  const char *conversation);

/* A turn of that conversation is over: what follows may answer what it asks. */
void intake_asked(struct recent *, const struct conversation *,
		  const struct turn_result *);

/* A customer's words, redacted alone, as going on what he wrote in that
 * conversation a moment ago, or elsewhere before; they are remembered for what
 * follows.  The time is that of a clock that goes on, wherever it began.  NULL
 * as above. */
const char *intake_redact_spoken(struct arena *, struct recent *,
				 const char *channel,
				 const struct teller_message *,
				 const char *alone, int64_t mono_us,
				 unsigned int *found);

#endif
