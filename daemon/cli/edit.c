#include "cli/edit.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/client.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/screen.h"

#define TEXT_MAX ((size_t)1 << 20)
#define PATH_SIZE 4096

extern char **environ;

struct edit {
	struct client *client;
	struct arguments *arguments;
	char path[PATH_SIZE]; /* of the text; "": it is not there yet */
	int64_t version;      /* that the text was made of */
	const char *original; /* what the editor was given */
	struct buf text;      /* and what it left */
};

bool
edit_is_wanted(const struct arguments *arguments)
{
	return arguments->command->flags & ADMIN_EDITS && !arguments->input &&
	       !json_object_get(arguments->values, "set") &&
	       isatty(STDIN_FILENO) && !arguments->is_json;
}

static int
call(struct edit *edit, json_t *values, json_t **result_r, struct err *err)
{
	struct client_call client_call = {
		.command = edit->arguments->command,
		.arguments = values,
		.input = edit->text.data,
		.input_len = edit->text.len,
	};
	int rc = client_run(edit->client, &client_call, err);
	json_decref(values);
	*result_r = rc ? NULL : client_call.result;
	return rc;
}

/* ---- The file */

static int
write_all(int fd, const char *text)
{
	for (size_t len = strlen(text); len;) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return -1;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Its ending tells the editor what it is. */
static int
write_file(struct edit *edit, const char *text, struct err *err)
{
	const char *dir = getenv("TMPDIR");
	snprintf(edit->path, sizeof(edit->path), "%s/tellerctl-XXXXXX.yaml",
		 dir && *dir ? dir : "/tmp");
	int fd = mkstemps(edit->path, (int)strlen(".yaml"));
	if (fd < 0) {
		err_errno(err, "%s", edit->path);
		*edit->path = '\0';
		return -1;
	}
	int rc = write_all(fd, text);
	if (rc) {
		err_errno(err, "%s", edit->path);
		unlink(edit->path);
		*edit->path = '\0';
	}
	close(fd);
	return rc;
}

static int
read_file(struct edit *edit, struct err *err)
{
	FILE *file = fopen(edit->path, "re");
	char block[8192];
	size_t n;
	if (!file)
		return err_errno(err, "%s", edit->path);
	buf_clear(&edit->text);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		buf_add(&edit->text, block, n);
	int rc = ferror(file) ? err_errno(err, "%s", edit->path) : 0;
	fclose(file);
	return edit->text.failed ? err_set(err, "the text is too long") : rc;
}

/* ---- The editor */

/* As it is with git and crontab: the variable may hold options, so that a
 * shell reads it.  The terminal's signals are the editor's affair. */
static int
run_editor(const char *path, struct err *err)
{
	static char command[] = "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"";
	char name[] = "sh", option[] = "-c";
	char *copy = mem_strdup(path);
	char *const argv[] = {name, option, command, name, copy, NULL};
	struct sigaction ignored = {.sa_handler = SIG_IGN}, was;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	pid_t pid;
	int status = 0;
	sigaction(SIGINT, &ignored, &was);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	errno = posix_spawn(&pid, "/bin/sh", NULL, &attributes, argv, environ);
	int rc = errno ? err_errno(err, "/bin/sh") : 0;
	while (!rc && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			rc = err_errno(err, "the editor");
	posix_spawnattr_destroy(&attributes);
	sigaction(SIGINT, &was, NULL);
	free(copy);
	if (!rc && status)
		rc = err_set(err, "the editor failed: nothing is changed");
	return rc;
}

/* ---- Asking */

/* At the end of the input nobody says yes. */
static bool
says_yes(const char *question)
{
	char *line = NULL;
	size_t size = 0;
	printf("%s [y/n] ", question);
	fflush(stdout);
	bool is_yes = getline(&line, &size, stdin) > 0 &&
		      (*line == 'y' || *line == 'Y');
	free(line);
	return is_yes;
}

/* The command's arguments, with the file, and the version it was made of. */
static json_t *
values_for(const struct edit *edit, bool is_preview)
{
	json_t *values = json_deep_copy(edit->arguments->values);
	json_set_text(values, "file", edit->path);
	json_set_int(values, "version", edit->version);
	json_set_bool(values, "preview", is_preview);
	return values;
}

/* What is wrong with the text may be mended.  1: there is something to keep;
 * 0: there is not; -1 and *err. */
static int
edit_until_good(struct edit *edit, struct err *err)
{
	for (;;) {
		struct err why = {0};
		json_t *result;
		if (run_editor(edit->path, err) || read_file(edit, err))
			return -1;
		if (!call(edit, values_for(edit, true), &result, &why)) {
			bool is_changed = json_array_size(json_object_get(
						  result, "diff")) > 0;
			int rc = screen_show(result, SCREEN_WORDS,
					     edit->arguments->command->print,
					     stdout, err);
			json_decref(result);
			return rc ? -1 : is_changed;
		}
		screen_fail(why.text, 1, false, stderr);
		if (!says_yes("Edit it again?"))
			return err_set(err, "nothing is changed");
	}
}

static int
edit_text(struct edit *edit, const char *text, json_t **result_r,
	  struct err *err)
{
	bool approve = json_get_bool(edit->arguments->values, "approve", false);
	edit->original = text;
	if (write_file(edit, text, err))
		return -1;
	int is_changed = edit_until_good(edit, err);
	if (is_changed <= 0)
		return is_changed;
	if (!says_yes(approve ? "Keep and approve it?" : "Keep it as a draft?"))
		return 0;
	return call(edit, values_for(edit, false), result_r, err);
}

/* Nobody writes a thing twice because it could not be kept. */
static bool
has_written(struct edit *edit)
{
	struct err err = {0};
	return *edit->path &&
	       (read_file(edit, &err) ||
		strcmp(buf_str(&edit->text), edit->original) != 0);
}

static void
tell_where(const struct edit *edit, struct err *err)
{
	struct err why = *err;
	err_set(err, "%s; what you wrote is in %s", why.text, edit->path);
}

int
edit_run(struct client *client, struct arguments *arguments, json_t **result_r,
	 struct err *err)
{
	struct edit edit = {.client = client, .arguments = arguments};
	json_t *result;
	buf_init(&edit.text, TEXT_MAX);
	*result_r = NULL;
	int rc = call(&edit, json_deep_copy(arguments->values), &result, err);
	if (!rc) {
		edit.version = json_get_int(result, "version", 0);
		rc = edit_text(&edit, json_get_text(result, "text", ""),
			       result_r, err);
		if (rc && has_written(&edit))
			tell_where(&edit, err);
		else if (*edit.path)
			unlink(edit.path);
		json_decref(result);
	}
	buf_release(&edit.text);
	return rc;
}
