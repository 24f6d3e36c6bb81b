/* The parts of one rehearsal, for the files of rehearsal.h. */
#ifndef DIALOG_REHEARSAL_PARTS_H
#define DIALOG_REHEARSAL_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "dialog/knowledge.h"
#include "dialog/script.h"
#include "dialog/turn.h"
#include "store/conversation.h"

struct index_scratch;
struct recent;

/* What came of one thing that somebody did. */
struct heard {
	size_t n_turns;		   /* 0: nothing was decided */
	struct turn_result result; /* of the last one */
	struct buf text;	   /* all that the customer got */
	size_t n_replies;	   /* to him */
	json_t *options;	   /* of his last reply, or NULL */
	json_t *failures;	   /* what, expected, got */
};

struct playing {
	const struct script *script;
	struct knowledge knowledge;
	int64_t claim_ms;
	struct arena arena;
	struct recent *recent;
	struct index_scratch *scratch;
	struct conversation conversation;
	json_t *options; /* that the customer was given last, or NULL */
	int64_t now_us;
	int64_t next_id;      /* of a message */
	struct idmap derived; /* by message: what is kept with it */
};

/* rehearsal_act.c */

/* Let it happen. */
void rehearsal_act(struct playing *, const struct script_turn *,
		   struct heard *);

/* rehearsal_check.c */

void rehearsal_fail(struct heard *, const char *what, const char *expected,
		    const char *got);
/* Was it as expected? */
void rehearsal_expect(struct playing *, struct heard *,
		      const struct script_expect *);
/* What holds for every turn, whatever is expected of it. */
void rehearsal_watch(struct playing *, const struct turn_input *,
		     const struct turn_result *, struct heard *);
/* Does the reply go to the customer? */
bool rehearsal_is_customers(const struct reply *);

#endif
