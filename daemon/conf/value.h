/* One value of a setting: from text, within its option's limits, and back. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

struct arena;
struct err;

struct value {
	int64_t number;		  /* BOOL, INT, DURATION (ms), SIZE (bytes) */
	double real;		  /* REAL */
	const char *text;	  /* TEXT, CHOICE, SECRET */
	const char *const *items; /* LIST and its like: texts; TABLE: names */
	size_t n_items;
	const char *shown; /* the value on one line, the same for the same */
};

/* Read text as a value of the option's type, any but TELLER_TABLE; a list's
 * entries are parted by commas.  The value's texts are in the arena.  0, or -1
 * and *err, words that go on from the setting's name: "must be true or false,
 * not 'yes'". */
int value_read(struct value *, const struct teller_option *, const char *text,
	       struct arena *, struct err *);
/* The same from entries, for TELLER_LIST, TELLER_DIGESTS and TELLER_TABLE;
 * they are borrowed by the value. */
int value_read_items(struct value *, const struct teller_option *,
		     const char *const *items, size_t n, struct arena *,
		     struct err *);

#endif
