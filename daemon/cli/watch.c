#include "cli/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/client.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/screen.h"

#define LOOK_EVERY_MS 500
#define LINE_MAX_BYTES (64 * 1024)

struct watch {
	struct client *client;
	struct arguments *arguments;
	bool is_claimed; /* lines are read, and acted upon */
	bool is_over;
	bool is_away; /* the daemon is, and that was said */
	bool has_begun;
	struct buf typed; /* what is no whole line yet */
};

static enum screen_form
form_of(const struct watch *watch)
{
	return watch->arguments->is_json ? SCREEN_JSON_LINE : SCREEN_WORDS;
}

/* The daemon may be starting anew: what was there before will be there again.
 * true: it is to be tried again. */
static bool
is_passing(struct watch *watch, const struct client_call *call,
	   const struct err *err)
{
	watch->client->needs_daemon &= !watch->has_begun;
	if (call->is_answered || !watch->has_begun)
		return false;
	if (!watch->is_away)
		fprintf(stderr, "tellerctl: %s; waiting for it\n", err->text);
	watch->is_away = true;
	return true;
}

/* Run it; 1: the daemon is away.  0, or -1 and *err. */
static int
call_daemon(struct watch *watch, struct client_call *call, struct err *err)
{
	int rc = client_run(watch->client, call, err);
	if (rc && is_passing(watch, call, err))
		return 1;
	if (!rc && watch->is_away)
		fprintf(stderr, "tellerctl: the daemon is there again\n");
	if (!rc)
		watch->is_away = false;
	return rc;
}

static int
show_news(struct watch *watch, const json_t *result, struct err *err)
{
	bool has_news = json_array_size(json_object_get(result, "events")) ||
			json_object_get(result, "queue");
	if (!has_news)
		return 0;
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
	int rc = call_daemon(watch, &call, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	watch->has_begun = true;
	json_set_text(watch->arguments->values, "after",
		      json_get_text(call.result, "after", ""));
	if (watch->is_claimed)
		watch->is_over = strcmp(json_get_text(call.result, "state", ""),
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

/* Its id makes it harmless that it is tried again when the daemon was killed
 * before it answered. */
static json_t *
act_arguments(const struct watch *watch, const char *text)
{
	uint8_t random[16];
	char id[32];
	json_t *arguments = json_object();
	crypto_random(random, sizeof(random));
	crypto_base64url(random, sizeof(random), id);
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
	int rc;
	while ((rc = call_daemon(watch, &call, err)) > 0)
		usleep(LOOK_EVERY_MS * 1000);
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
			     "'%.40s': /return, /close, //TEXT for a note; "
			     "all else goes to the customer",
			     line);
	else if (line[strspn(line, " \t")])
		rc = act(watch, "say", line, &err);
	if (rc)
		screen_fail(err.text, EXIT_FAILED, watch->arguments->is_json,
			    stdout);
}

static void
act_on_lines(struct watch *watch)
{
	const char *begin = buf_str(&watch->typed);
	const char *end;
	struct buf rest;
	while ((end = strchr(begin, '\n'))) {
		char *line = strndup(begin, (size_t)(end - begin));
		if (line) {
			line[strcspn(line, "\r")] = '\0';
			act_on_line(watch, line);
		}
		free(line);
		begin = end + 1;
	}
	buf_init(&rest, LINE_MAX_BYTES);
	buf_adds(&rest, begin);
	buf_release(&watch->typed);
	watch->typed = rest;
}

/* 0, or -1 and *err: stdin cannot be read. */
static int
read_typed(struct watch *watch, struct err *err)
{
	char block[4096];
	ssize_t n = read(STDIN_FILENO, block, sizeof(block));
	if (n < 0)
		return errno == EINTR ? 0 : err_errno(err, "standard input");
	if (!n && watch->typed.len)
		buf_addc(&watch->typed, '\n');
	if (n && buf_add(&watch->typed, block, (size_t)n) < 0)
		return err_set(err, "a line is longer than %d bytes",
			       LINE_MAX_BYTES);
	act_on_lines(watch);
	watch->is_over |= n == 0;
	return 0;
}

/* Until it is time to look again, or a line was typed. */
static int
wait(struct watch *watch, struct err *err)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	int n = poll(&fd, watch->is_claimed, LOOK_EVERY_MS);
	if (n < 0 && errno != EINTR)
		return err_errno(err, "poll");
	return n > 0 ? read_typed(watch, err) : 0;
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

int
watch_run(struct client *client, struct arguments *arguments, struct err *err)
{
	struct watch watch = {.client = client, .arguments = arguments};
	buf_init(&watch.typed, LINE_MAX_BYTES);
	int rc = claim(&watch, err);
	if (!rc)
		rc = look(&watch, err);
	while (!rc && !watch.is_over) {
		rc = wait(&watch, err);
		if (!rc)
			rc = look(&watch, err);
	}
	buf_release(&watch.typed);
	return rc;
}
