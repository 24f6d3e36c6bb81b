/* tellerctl: everything that is asked of a desk, from a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/client.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/config_path.h"
#include "cli/output_file.h"

#define BLOCK (64 * 1024)

enum { EXIT_DONE, EXIT_FAILED, EXIT_MISUSED, EXIT_NO_DAEMON };

static int
fail(int code, const char *words)
{
	fprintf(stderr, "tellerctl: %s\n", words);
	return code;
}

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

static void
print_result(const struct arguments *arguments, const json_t *result)
{
	/* Where the command's bytes go to stdout, words go beside them. */
	bool is_beside = arguments->command && arguments->output &&
			 strcmp(arguments->output, "-") == 0;
	FILE *out = is_beside ? stderr : stdout;
	if (arguments->is_json) {
		json_dumpf(result, out,
			   JSON_INDENT(2) | JSON_REAL_PRECISION(6));
		fputc('\n', out);
	} else {
		arguments->command->print(result, out);
	}
	fflush(out);
}

static int
run_once(struct client *client, struct arguments *arguments,
	 const struct buf *input, struct err *err)
{
	struct output_file file;
	bool has_output = arguments->output != NULL;
	if (has_output && output_file_open(&file, arguments->output,
					   arguments->is_forced, err))
		return -1;
	struct client_call call = {
		.command = arguments->command,
		.arguments = arguments->values,
		.input = input->data,
		.input_len = input->len,
		.sink = output_file_add,
		.arg = &file,
	};
	int rc = client_run(client, &call, err);
	if (has_output)
		rc = output_file_close(&file, rc == 0, err);
	if (!rc)
		print_result(arguments, call.result);
	json_decref(call.result);
	return rc;
}

/* A conversation: every line of stdin is what the customer writes. */
static int
run_dialogue(struct client *client, struct arguments *arguments,
	     struct err *err)
{
	char line[64 * 1024];
	bool is_terminal = isatty(STDIN_FILENO);
	const struct admin_command *ask = admin_find("ask", NULL);
	while (is_terminal ? (fputs("> ", stdout), fflush(stdout)) : 0,
	       fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!*line)
			continue;
		json_set_text(arguments->values, "TEXT", line);
		struct client_call call = {
			.command = ask,
			.arguments = arguments->values,
		};
		if (client_run(client, &call, err))
			return -1;
		print_result(arguments, call.result);
		json_set_text(arguments->values, "conversation",
			      json_get_text(call.result, "conversation", ""));
		json_decref(call.result);
	}
	return 0;
}

static int
run(struct arguments *arguments, bool *needs_daemon_r, struct err *err)
{
	struct client client;
	struct buf input;
	char config[PATH_MAX];
	bool is_plain = arguments->command->flags & ADMIN_NO_DESK;
	const char *path =
		is_plain ? NULL : config_path(arguments->config, config);
	if (client_init(&client, path, arguments->state, err))
		return -1;
	buf_init(&input, ADMIN_INPUT_MAX);
	int rc = 0;
	if (arguments->input)
		rc = read_input(arguments->input, &input, err);
	if (!rc && arguments->command->flags & ADMIN_DIALOGUE)
		rc = run_dialogue(&client, arguments, err);
	else if (!rc)
		rc = run_once(&client, arguments, &input, err);
	*needs_daemon_r = client.needs_daemon;
	client_release(&client);
	buf_release(&input);
	return rc;
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

static int
run_and_tell(struct arguments *arguments)
{
	struct err err = {""};
	bool needs_daemon = false;
	if (!run(arguments, &needs_daemon, &err))
		return EXIT_DONE;
	return fail(needs_daemon ? EXIT_NO_DAEMON : EXIT_FAILED, err.text);
}

int
main(int argc, char *argv[])
{
	struct arguments arguments;
	struct err err = {""};
	int code;
	log_open(LOG_LEVEL_WARN);
	if (arguments_read(&arguments, argc, argv, &err))
		code = fail(EXIT_MISUSED, err.text);
	else if (arguments.wants_help || arguments.wants_version)
		code = show_help(&arguments);
	else
		code = run_and_tell(&arguments);
	arguments_release(&arguments);
	return code;
}
