/* Do the questions that a pack offers have their answers? */
#ifndef DIALOG_STARTERS_H
#define DIALOG_STARTERS_H

struct err;
struct findings;
struct pack;

/* Decide each of them, those of topics too, as a desk with the pack in dir
 * would that nothing was set of; a warning for one that does not get an answer.
 * 0, or -1 and *err. */
int starters_check(const char *dir, const struct pack *, struct findings *,
		   struct err *);

#endif
