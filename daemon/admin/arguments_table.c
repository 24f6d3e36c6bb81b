/* What the tables of commands say of arguments: checking them, and help. */
#include "admin/arguments.h"

#include <string.h>

#include "admin/admin.h"
#include "base/err.h"

bool
argument_is_option(const struct admin_argument *argument)
{
	return strncmp(argument->name, "--", 2) == 0;
}

const char *
argument_key(const struct admin_argument *argument)
{
	return argument_is_option(argument) ? argument->name + 2
					    : argument->name;
}

/* ---- Checking */

static bool
is_list_of_texts(const json_t *value)
{
	const json_t *text;
	size_t i;
	json_array_foreach (value, i, text)
		if (!json_is_string(text))
			return false;
	return json_is_array(value);
}

static bool
has_type(const json_t *value, enum admin_argument_type type)
{
	switch (type) {
	case ADMIN_FLAG:
		return json_is_boolean(value);
	case ADMIN_TEXTS:
		return is_list_of_texts(value);
	case ADMIN_NUMBER:
		return json_is_integer(value);
	default:
		return json_is_string(value);
	}
}

static const struct admin_argument *
find_key(const struct admin_command *command, const char *key)
{
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		if (strcmp(argument_key(row), key) == 0)
			return row;
	return NULL;
}

int
arguments_check(const struct admin_command *command, const json_t *values,
		struct err *err)
{
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)values, key, value) {
		const struct admin_argument *row = find_key(command, key);
		if (!row || !has_type(value, row->type))
			return err_set(err,
				       "argument '%s' is unknown, or of "
				       "the wrong type",
				       key);
	}
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		if (row->is_required && row->type != ADMIN_OUTPUT &&
		    !json_object_get(values, argument_key(row)))
			return err_set(err, "%s%s%s needs %s: %s",
				       command->noun, command->verb ? " " : "",
				       command->verb ? command->verb : "",
				       row->name, row->help);
	return 0;
}

/* ---- Help */

static void
help_usage(FILE *out, const struct admin_command *command)
{
	fprintf(out, "  tellerctl %s%s%s", command->noun,
		command->verb ? " " : "", command->verb ? command->verb : "");
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		fprintf(out, row->is_required ? " %s%s%s" : " [%s%s%s]",
			row->name, row->value ? " " : "",
			row->value ? row->value : "");
	fprintf(out, "\n      %s\n", command->help);
}

static void
help_arguments(FILE *out, const struct admin_command *command)
{
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		fprintf(out, "      %-16s %s\n", row->name, row->help);
}

void
arguments_help(FILE *out, const char *noun, const char *verb)
{
	fprintf(out, "tellerctl NOUN [VERB] [ARGUMENTS] [--json] "
		     "[--config FILE] [--state DIR]\n\n");
	const struct admin_command *command;
	for (size_t i = 0; (command = admin_command(i)); i++) {
		if (noun && strcmp(command->noun, noun) != 0)
			continue;
		if (verb &&
		    (!command->verb || strcmp(command->verb, verb) != 0))
			continue;
		help_usage(out, command);
		if (noun)
			help_arguments(out, command);
	}
	if (!noun)
		fprintf(out,
			"\n'tellerctl help NOUN' explains the arguments.  "
			"Exit: 0 done, 1 failed, 2 misused,\n3 needs a running "
			"daemon.\n");
}
