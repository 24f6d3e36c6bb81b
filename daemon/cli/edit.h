/* Commands that change a text in an editor: admin.h has ADMIN_EDITS. */
#ifndef CLI_EDIT_H
#define CLI_EDIT_H

#include <jansson.h>
#include <stdbool.h>

struct arguments;
struct client;
struct err;

/* Is it such a command, and does it say nothing of what the text should be? */
bool edit_is_wanted(const struct arguments *);
/* Run it on what a person makes of its text, once he has seen what that changes
 * and said yes; *result_r as the command gives it, NULL when he changed
 * nothing or said no.  0, or -1 and *err. */
int edit_run(struct client *, struct arguments *, json_t **result_r,
	     struct err *);

#endif
