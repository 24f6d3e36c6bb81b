/* The noun `completion`: the tables of commands as lines, by which a shell
 * completes tellerctl's command line; see etc/completions/tellerctl. */
#include <string.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/commands.h"
#include "base/json.h"

/* Those that arguments.c reads with every command; an option of a command
 * itself, which goes before them, stands before them here too. */
static const char *const common[][2] = {
	{"--config", "file"}, {"--state", "dir"},    {"--json", "flag"},
	{"--help", "flag"},   {"--version", "flag"},
};

static const char *
kind_of(const struct admin_argument *row)
{
	const char *takes = argument_is_option(row) ? row->value : row->name;
	switch (row->type) {
	case ADMIN_FLAG:
		return "flag";
	case ADMIN_INPUT:
	case ADMIN_PATH:
	case ADMIN_OUTPUT:
		return "file";
	default:
		break;
	}
	if (strcmp(takes, "DIR") == 0 || strcmp(takes, "PACK") == 0)
		return "dir";
	return strcmp(takes, "WHAT") == 0 ? "file" : "word";
}

static void
add_line(json_t *lines, const struct admin_command *command,
	 const char *argument, const char *kind)
{
	json_t *line = json_object();
	json_set_text(line, "noun", command ? command->noun : NULL);
	json_set_text(line, "verb", command ? command->verb : NULL);
	json_set_text(line, "argument", argument);
	json_set_text(line, "kind", kind);
	json_array_append_new(lines, line);
}

static void
add_command(json_t *lines, const struct admin_command *command)
{
	const struct admin_argument *row = command->arguments;
	bool has_output = false;
	if (!row || !row->name)
		add_line(lines, command, NULL, NULL);
	for (; row && row->name; row++) {
		add_line(lines, command, row->name, kind_of(row));
		has_output |= row->type == ADMIN_OUTPUT;
	}
	if (has_output)
		add_line(lines, command, "--force", "flag");
}

static int
run_completion(struct admin_call *call, struct err *err)
{
	(void)err;
	json_t *lines = json_array();
	const struct admin_command *command;
	for (size_t i = 0; (command = admin_command(i)); i++)
		add_command(lines, command);
	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		add_line(lines, NULL, common[i][0], common[i][1]);
	call->result = json_pack("{s:o}", "lines", lines);
	return 0;
}

static void
print_completion(const json_t *result, FILE *out)
{
	size_t i;
	json_t *line;
	json_array_foreach (json_object_get(result, "lines"), i, line)
		fprintf(out, "%s %s %s %s\n", json_get_text(line, "noun", "-"),
			json_get_text(line, "verb", "-"),
			json_get_text(line, "argument", "-"),
			json_get_text(line, "kind", "-"));
}

const struct admin_command admin_completion_commands[] = {
	{"completion", NULL,
	 "Every command and argument, a line each, for the completion of a "
	 "shell.",
	 ADMIN_NO_DESK, NULL, run_completion, print_completion},
	{0},
};
