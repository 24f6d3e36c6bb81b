/* A line of words that is being read.  Private to the files of arguments.h. */
#ifndef ADMIN_ARGUMENTS_LINE_H
#define ADMIN_ARGUMENTS_LINE_H

#include <stdbool.h>

struct arguments;
struct err;

struct line {
	int argc;
	char *const *argv;
	int at;
	const char *value; /* behind the '=' of an option, until it is taken */
};

/* Does it stand on the line, as an option? */
bool line_has_word(const struct line *, const char *word);

/* The command and the places of its noun and its verb, -1: there is none.  A
 * line that asks for help may name no command.  0, or -1 and *err. */
int arguments_find(struct arguments *, const struct line *, int *noun_r,
		   int *verb_r, struct err *);

/* At most so many names are looked through for one that was probably meant. */
#define NAMES_MAX 64

#endif
