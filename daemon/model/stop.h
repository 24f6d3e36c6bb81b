/* Strings that end a text, found as it comes. */
#ifndef MODEL_STOP_H
#define MODEL_STOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

#define STOP_STRINGS_MAX 16
#define STOP_BYTES_MAX 256

struct stop_string {
	char text[STOP_BYTES_MAX];
	int len;
	/* Of each of its beginnings, how much of it is an end of it, too
	 * (Knuth, Morris, Pratt 1977). */
	uint16_t again[STOP_BYTES_MAX];
};

/* Shared by whoever likes once it is full; zeroed, it is empty. */
struct stop_strings {
	struct stop_string strings[STOP_STRINGS_MAX];
	int n;
};

/* The text is copied.  0, or -1 and *err: it is empty, too long, no UTF-8, or
 * one too many. */
int stop_strings_add(struct stop_strings *, const char *text, size_t len,
		     struct err *);

/* One text.  Belongs to one thread at a time. */
struct stop {
	const struct stop_strings *strings;
	uint16_t matched[STOP_STRINGS_MAX]; /* of each, at the end so far */
	int found;			    /* which one, -1: none so far */
	char held[STOP_BYTES_MAX];	    /* what may begin one */
	int n_held;
};

/* The strings are borrowed. */
void stop_init(struct stop *, const struct stop_strings *);
/* Some more of the text, in any pieces; what of it no string can begin in goes
 * to out, at most that many bytes more than came.  Of a well-formed text in
 * whole characters, so is out.  true: a string is complete, the first to be,
 * of several the longest; out has all that is before it, and what comes
 * after is left alone, now and later. */
bool stop_add(struct stop *, const char *text, size_t len, struct buf *out);
/* There is no more: what was held back goes to out, unless a string was
 * found. */
void stop_end(struct stop *, struct buf *out);

#endif
