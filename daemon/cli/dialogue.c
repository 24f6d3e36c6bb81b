#include "cli/dialogue.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/client.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/screen.h"

/* One line of a conversation, and what is said to it. */
static int
say(struct client *client, struct arguments *arguments, const char *line,
    struct err *err)
{
	struct client_call call = {
		.command = admin_find("ask", NULL),
		.arguments = arguments->values,
	};
	json_set_text(arguments->values, "TEXT", line);
	if (client_run(client, &call, err))
		return -1;
	json_set_text(arguments->values, "conversation",
		      json_get_text(call.result, "conversation", ""));
	int rc = screen_show(call.result,
			     arguments->is_json ? SCREEN_JSON_LINE
						: SCREEN_WORDS,
			     call.command->print, stdout, err);
	json_decref(call.result);
	return rc;
}

static ssize_t
read_line(char **line, size_t *size, bool is_terminal)
{
	if (is_terminal) {
		fputs("> ", stdout);
		fflush(stdout);
	}
	return getline(line, size, stdin);
}

/* Every line of stdin is what the customer writes.  To a person at a terminal
 * what failed is told, and he may write it otherwise. */
int
dialogue_run(struct client *client, struct arguments *arguments,
	     struct err *err)
{
	char *line = NULL;
	size_t size = 0;
	bool is_terminal = isatty(STDIN_FILENO);
	int rc = 0;
	while (!rc && read_line(&line, &size, is_terminal) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line)
			rc = say(client, arguments, line, err);
		if (rc && is_terminal) {
			screen_fail(err->text, EXIT_FAILED, false, stderr);
			rc = 0;
		}
	}
	free(line);
	return rc;
}
