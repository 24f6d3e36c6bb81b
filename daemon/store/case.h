/* Cases: what the forms left that customers filled in, for a person to read.
 *
 * A case is made by the turn that ends its form, in that turn's transaction
 * (store_finish_turn).  Its reference is told to the customer by a reply of the
 * same turn, so it must be known when the turn is decided, and be the same when
 * it is decided again: it is made of the conversation and of how many turns
 * that had (case_reference() of text/reference.h), not drawn or counted here.
 * No two turns of a conversation have that number, as each adds one to it in
 * its own transaction; a turn that is refused as stale leaves no case, and the
 * one that takes its place may use the same reference. */
#ifndef STORE_CASE_H
#define STORE_CASE_H

#include "store/store.h"

struct arena;

/* As a turn makes it; slots as in form_result. */
struct case_draft {
	const char *reference, *form, *title, *slots_json;
	bool is_complete;
};

struct form_case {
	int64_t id;
	int64_t turn_id;
	struct case_draft draft;
	const char *conversation; /* "cnv_..." */
	const char *channel;
	int64_t created_at_us;
	int64_t closed_at_us; /* 0: open */
	const char *closed_by, *note;
};

/* The case of that reference, written as reference_read() does, and the one
 * that a turn made.  1: it is there; 0, and *found_r is NULL: it is not; -1 and
 * *err. */
int store_get_case(struct store_reader *, struct arena *, const char *reference,
		   const struct form_case **found_r, struct err *);
int store_case_of_turn(struct store_reader *, struct arena *, int64_t turn_id,
		       const struct form_case **found_r, struct err *);
/* The cases of a conversation, oldest first.  Returns how many, or -1 and *err.
 */
long store_cases_of(struct store_reader *, struct arena *,
		    int64_t conversation_id, const struct form_case **list_r,
		    struct err *);

enum case_choice { CASES_OPEN, CASES_CLOSED, CASES_ALL };
/* Newest first, those with an id below `before` (0: all), at most limit; form
 * NULL or "": any.  Returns how many, or -1 and *err. */
long store_list_cases(struct store_reader *, struct arena *, enum case_choice,
		      const char *form, int64_t before, size_t limit,
		      const struct form_case **list_r, struct err *);

/* Those that came after the one with that id, closed since or not, oldest
 * first, at most limit.  Returns how many, or -1 and *err. */
long store_new_cases(struct store_reader *, struct arena *, int64_t after,
		     size_t limit, const struct form_case **list_r,
		     struct err *);

/* A person is done with it; written with its row of the audit.  NOT_FOUND when
 * there is no such case, STALE when it is closed. */
struct store_close_case {
	struct store_write write;
	const char *reference, *actor;
	const char *note; /* NULL: none */
	int64_t now_us;
};
extern const struct store_verb store_verb_close_case;

#endif
