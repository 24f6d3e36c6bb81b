#include "cli/watch.h"

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
#include "cli/patience.h"
#include "cli/screen.h"
#include "cli/typing.h"

struct watch {
	struct patience patience;
	struct arguments *arguments;
	struct typing typing;
	bool is_claimed; /* lines are read, and acted upon */
	bool is_over;
};

static enum screen_form
form_of(const struct watch *watch)
{
	return watch->arguments->is_json ? SCREEN_JSON_LINE : SCREEN_TALK;
}

static int
show_news(struct watch *watch, const json_t *result, struct err *err)
{
	bool has_news = json_array_size(json_object_get(result, "events")) ||
			json_object_get(result, "queue");
	if (!has_news)
		return 0;
	typing_hide(&watch->typing);
	return screen_show(result, form_of(watch),
			   watch->arguments->command->print, stdout, err);
}

static int
look(struct watch *watch, struct err *err)
{
	struct client_call call = {
		.command = watch->arguments->command,
		.arguments = watch->arguments->values,
	};
	int rc = patience_call(&watch->patience, &call, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	json_set_text(watch->arguments->values, "after",
		      json_get_text(call.result, "after", ""));
	if (watch->is_claimed)
		watch->is_over |=
			strcmp(json_get_text(call.result, "state", ""),
			       "person") != 0;
	rc = show_news(watch, call.result, err);
	json_decref(call.result);
	return rc;
}

/* ---- Acting */

static void
copy_argument(const struct watch *watch, json_t *arguments, const char *name)
{
	json_t *value = json_object_get(watch->arguments->values, name);
	if (value)
		json_object_set(arguments, name, value);
}

static json_t *
act_arguments(const struct watch *watch, const char *text)
{
	char id[PATIENCE_ID_SIZE];
	json_t *arguments = json_object();
	patience_make_id(id);
	copy_argument(watch, arguments, "ID");
	copy_argument(watch, arguments, "actor");
	json_set_text(arguments, "id", id);
	if (text)
		json_set_text(arguments, "TEXT", text);
	return arguments;
}

/* 0, or -1 and *err. */
static int
act(struct watch *watch, const char *verb, const char *text, struct err *err)
{
	struct client_call call = {
		.command = admin_find("desk", verb),
		.arguments = act_arguments(watch, text),
	};
	int rc = patience_insist(&watch->patience, &call, err);
	json_decref(call.arguments);
	json_decref(call.result);
	return rc;
}

/* What failed is told, and the agent goes on. */
static void
act_on_line(struct watch *watch, const char *line)
{
	struct err err = {0};
	int rc = 0;
	if (strcmp(line, "/return") == 0 || strcmp(line, "/close") == 0)
		rc = act(watch, line + 1, NULL, &err);
	else if (strncmp(line, "//", 2) == 0)
		rc = act(watch, "note", line + 2 + strspn(line + 2, " "), &err);
	else if (line[0] == '/')
		rc = err_set(&err,
			     "there is no '%.40s'; there is: /return, /close, "
			     "//TEXT for a note; all else goes to the customer",
			     line);
	else if (line[strspn(line, " \t")])
		rc = act(watch, "say", line, &err);
	if (rc)
		screen_fail(err.text, EXIT_FAILED, watch->arguments->is_json,
			    stdout);
}

/* Until it is time to look again, or a line was typed. */
static int
wait(struct watch *watch, struct err *err)
{
	char *line;
	if (!watch->is_claimed) {
		usleep(PATIENCE_MS * 1000);
		return 0;
	}
	if (typing_wait(&watch->typing, PATIENCE_MS, err))
		return -1;
	while ((line = typing_next(&watch->typing))) {
		act_on_line(watch, line);
		free(line);
	}
	watch->is_over |= watch->typing.is_over;
	return 0;
}

static int
claim(struct watch *watch, struct err *err)
{
	if (!json_get_bool(watch->arguments->values, "claim", false))
		return 0;
	if (!json_get_text(watch->arguments->values, "ID", NULL))
		return err_misuse(err, "--claim needs to know which one: ID");
	if (act(watch, "claim", NULL, err))
		return -1;
	watch->is_claimed = true;
	return 0;
}

/* At a terminal, below what there is by now: how one goes on. */
static void
tell_how(const struct watch *watch)
{
	if (watch->typing.is_terminal)
		fputs("What you write goes to the customer; //TEXT is a note, "
		      "/return and /close end it.\n",
		      stderr);
	else if (!json_get_text(watch->arguments->values, "ID", NULL) &&
		 isatty(STDERR_FILENO))
		fputs("'tellerctl desk watch ID --claim' takes one who waits; "
		      "Ctrl-C ends this.\n",
		      stderr);
}

int
watch_run(struct client *client, struct arguments *arguments, struct err *err)
{
	struct watch watch = {.arguments = arguments};
	watch.patience =
		(struct patience){.client = client, .typing = &watch.typing};
	int rc = claim(&watch, err);
	if (!rc && watch.is_claimed)
		typing_begin(&watch.typing, "");
	if (!rc)
		rc = look(&watch, err);
	if (!rc)
		tell_how(&watch);
	while (!rc && !watch.is_over) {
		rc = wait(&watch, err);
		if (!rc)
			rc = look(&watch, err);
	}
	if (watch.is_claimed)
		typing_end(&watch.typing);
	return rc;
}
