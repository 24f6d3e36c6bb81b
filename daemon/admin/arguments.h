/* The command line of tellerctl, by the tables of admin.h. */
#ifndef ADMIN_ARGUMENTS_H
#define ADMIN_ARGUMENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct admin_argument;
struct admin_command;
struct err;

struct arguments {
	const struct admin_command *command; /* NULL: help or version */
	const char *noun;		     /* of the command, or of help */
	json_t *values;			     /* by name */
	const char *input, *output;	     /* file names, or NULL */
	const char *config, *state;
	bool is_json, wants_help, wants_version, is_forced;
};

/* 0, or -1 and *err: misused. */
int arguments_read(struct arguments *, int argc, char *const argv[],
		   struct err *);
void arguments_release(struct arguments *);
/* Is it "--name"?  The key under which the value is kept: without dashes. */
bool argument_is_option(const struct admin_argument *);
const char *argument_key(const struct admin_argument *);
/* Are the values those the command's table asks for?  What comes over the
 * socket is checked by this too. */
int arguments_check(const struct admin_command *, const json_t *values,
		    struct err *);

/* Every command, or all of one noun, or one with its arguments. */
void arguments_help(FILE *, const char *noun, const char *verb);

#endif
