/* What is said of a case: to the desk, in words, and to the firm's other
 * programs, as JSON.  Pure. */
#ifndef DIALOG_CASE_H
#define DIALOG_CASE_H

#include <stdint.h>

#include "store/case.h"

struct arena;
struct buf;
struct conversation;
struct form_result;

/* The job of a row of the outbox that is about a case and goes to a plugin
 * which can TELLER_CAN_CASES.  The row has the reference alone. */
#define JOB_CASE "case"

/* The case that a turn makes of a form; texts are borrowed. */
struct form_case case_of_form(const struct form_result *,
			      const struct conversation *, int64_t now_us);

/* For people, CommonMark: its title and reference, then what was answered, a
 * line each.  What the customer wrote cannot change how it looks. */
void case_text(struct buf *out, const struct form_case *);

/* For programs: {"type": "case.opened", "timestamp": ..., "data": {"reference",
 * "form", "title", "complete", "conversation", "channel", "slots"}}, slots as
 * in form_result. */
void case_json(struct buf *out, const struct form_case *);

/* What a delivery says whose row holds no text of its own: the case of the turn
 * (NULL: it made none), the customer's words, or both, each where it belongs.
 * In the arena, or the question itself. */
const char *case_words(struct arena *, const char *job, const char *question,
		       const struct form_case *);

#endif
