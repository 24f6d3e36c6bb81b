/* tellerctl: everything that is asked of a desk, from a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/client.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/config_path.h"
#include "cli/dialogue.h"
#include "cli/edit.h"
#include "cli/output_file.h"
#include "cli/screen.h"
#include "cli/standard.h"
#include "cli/watch.h"

#define BLOCK (64 * 1024)

enum { EXIT_DONE, EXIT_MISUSED = 2, EXIT_NO_DAEMON };

/* The whole of a file, or of stdin. */
static int
read_input(const char *path, struct buf *out, struct err *err)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO
					: open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	char block[BLOCK];
	ssize_t n;
	int rc = 0;
	while (!rc && (n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0)
			rc = err_errno(err, "%s", path);
		else if (buf_add(out, block, (size_t)n))
			rc = err_set(err, "%s is too large", path);
	}
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

/* Where the result goes: where the command's bytes go to stdout, beside them.
 */
static FILE *
out_of(const struct arguments *arguments)
{
	bool is_beside = arguments->command && arguments->output &&
			 strcmp(arguments->output, "-") == 0;
	return is_beside ? stderr : stdout;
}

static int
run_once(struct client *client, struct arguments *arguments,
	 const struct buf *input, struct err *err)
{
	struct output_file file;
	const struct admin_command *command = arguments->command;
	bool has_output = arguments->output != NULL;
	if (has_output &&
	    output_file_open(&file, arguments->output, client->state_dir,
			     arguments->is_forced, err))
		return -1;
	struct client_call call = {
		.command = command,
		.arguments = arguments->values,
		.input = input->data,
		.input_len = input->len,
		.sink = output_file_add,
		.arg = &file,
	};
	file.is_public = command->flags & ADMIN_PUBLIC;
	int rc = client_run(client, &call, err);
	if (has_output)
		rc = output_file_close(&file, rc == 0, err);
	if (!rc)
		rc = screen_show(call.result,
				 arguments->is_json ? SCREEN_JSON
						    : SCREEN_WORDS,
				 command->print, out_of(arguments), err);
	client->has_failed = command->flags & ADMIN_VERDICT &&
			     !json_get_bool(call.result, "ok", true);
	json_decref(call.result);
	return rc;
}

static int
run_edit(struct client *client, struct arguments *arguments, struct err *err)
{
	json_t *result;
	if (edit_run(client, arguments, &result, err))
		return -1;
	int rc = result ? screen_show(result, SCREEN_WORDS,
				      arguments->command->print, stdout, err)
			: 0;
	json_decref(result);
	return rc;
}

static int
exit_code(const struct client *client, int rc, const struct err *err)
{
	if (!rc)
		return client->has_failed ? EXIT_FAILED : EXIT_DONE;
	if (client->needs_daemon)
		return EXIT_NO_DAEMON;
	return err->is_misuse ? EXIT_MISUSED : EXIT_FAILED;
}

static int
run(struct arguments *arguments, struct err *err)
{
	struct client client;
	struct buf input;
	char config[PATH_MAX];
	int flags = arguments->command->flags;
	client_init(&client, config_path(arguments->config, config),
		    arguments->state);
	buf_init(&input, ADMIN_INPUT_MAX);
	bool is_plain = admin_is_plain(arguments->command, arguments->values);
	int rc = is_plain ? 0 : client_find_state(&client, err);
	if (!rc && arguments->input)
		rc = read_input(arguments->input, &input, err);
	if (!rc && flags & ADMIN_DIALOGUE)
		rc = dialogue_run(&client, arguments, err);
	else if (!rc && flags & ADMIN_WATCH)
		rc = watch_run(&client, arguments, err);
	else if (!rc && edit_is_wanted(arguments))
		rc = run_edit(&client, arguments, err);
	else if (!rc)
		rc = run_once(&client, arguments, &input, err);
	int code = exit_code(&client, rc, err);
	client_release(&client);
	buf_release(&input);
	return code;
}

static int
show_help(const struct arguments *arguments)
{
	const struct admin_command *command = arguments->command;
	if (arguments->wants_version)
		printf("tellerctl %s\n", PACKAGE_VERSION);
	else
		arguments_help(stdout, arguments->noun,
			       command ? command->verb : NULL);
	return EXIT_DONE;
}

int
main(int argc, char *argv[])
{
	struct arguments arguments;
	struct err err = {0};
	int code = EXIT_DONE;
	standard_hold();
	log_open(LOG_LEVEL_WARN);
	if (arguments_read(&arguments, argc, argv, &err))
		code = EXIT_MISUSED;
	else if (arguments.wants_help || arguments.wants_version)
		code = show_help(&arguments);
	else
		code = run(&arguments, &err);
	if (code && *err.text)
		screen_fail(err.text, code, arguments.is_json,
			    out_of(&arguments));
	arguments_release(&arguments);
	return code;
}
