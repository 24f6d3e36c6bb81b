/* Lines of stdin, taken in while other things are shown.
 *
 * At a terminal the line that is being typed is drawn here and not by the
 * terminal, so that it can be taken away for what is to be shown above it and
 * stands whole again below that.  Elsewhere lines are only parted. */
#ifndef CLI_TYPING_H
#define CLI_TYPING_H

#include <stdbool.h>

#include "base/buf.h"

struct err;

struct typing {
	const char *prompt; /* at a terminal; "": none */
	bool is_terminal;   /* the line and its prompt are drawn */
	bool is_shown;	    /* they are drawn now */
	bool is_over;	    /* nothing more will be typed */
	int escape;	    /* how far a key that is no character has come */
	struct buf line;    /* at a terminal: what is being typed */
	struct buf text;    /* whole lines, and, elsewhere, part of one */
};

void typing_begin(struct typing *, const char *prompt);
/* The terminal is as it was before. */
void typing_end(struct typing *);

/* The next whole line without its end, which the caller frees; NULL: there is
 * none yet.  The last one needs no end. */
char *typing_next(struct typing *);
/* Draw the line; wait so long for more of it, unless one is whole already.  0,
 * or -1 and *err: it cannot be read, or is too long. */
int typing_wait(struct typing *, int ms, struct err *);
/* Take the line away, as something else will be shown. */
void typing_hide(struct typing *);

#endif
