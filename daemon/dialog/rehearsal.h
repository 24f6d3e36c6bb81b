/* Playing scripts: each turn is decided as a desk would, on a clock that is
 * moved by hand, and what it writes is what the next one begins with.  Nothing
 * is stored. */
#ifndef DIALOG_REHEARSAL_H
#define DIALOG_REHEARSAL_H

#include <jansson.h>

struct err;
struct script;
struct script_file;

struct rehearsal; /* the packs that were read; one thread at a time */
struct rehearsal *rehearsal_new(void);
void rehearsal_free(struct rehearsal *);

/* Play a script of the file with the pack in that directory, unless it names
 * one itself.  What came of it, which the caller decrefs:
 *
 *	name, file, line, tags, known (null, or why)
 *	outcome: passed, failed, known (it failed), unexpected (it passed)
 *	turns: line, act (says, chooses, agent, wait; with what), expected (is
 *	       anything), entries (that may answer), kind, rule, entry,
 *	       confidence, state, options, reply,
 *	       failures: what, expected, got
 *
 * NULL and *err: it cannot be played, as a pack is broken or has no entry of a
 * name that is expected. */
json_t *rehearsal_play(struct rehearsal *, const struct script_file *,
		       const struct script *, const char *pack_dir,
		       struct err *);

#endif
