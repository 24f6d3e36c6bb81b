#include "admin/arguments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "base/err.h"
#include "base/json.h"
#include "conf/yaml.h"

#define NOUNS_MAX 64

static bool
is_option(const struct admin_argument *argument)
{
	return strncmp(argument->name, "--", 2) == 0;
}

/* The name under which the value is kept: without the dashes. */
static const char *
key_of(const struct admin_argument *argument)
{
	return is_option(argument) ? argument->name + 2 : argument->name;
}

static const struct admin_argument *
find_option(const struct admin_command *command, const char *word)
{
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		if (is_option(row) && strcmp(row->name, word) == 0)
			return row;
	return NULL;
}

/* The n-th argument that stands by its place. */
static const struct admin_argument *
find_place(const struct admin_command *command, size_t n)
{
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		if (!is_option(row) && n-- == 0)
			return row;
	return NULL;
}

static int
set_number(struct arguments *arguments, const struct admin_argument *row,
	   const char *word, struct err *err)
{
	char *end;
	errno = 0;
	long long number = strtoll(word, &end, 10);
	if (errno || end == word || *end)
		return err_set(err, "%s: '%s' is no whole number", row->name,
			       word);
	json_set_int(arguments->values, key_of(row), number);
	return 0;
}

static int
set_value(struct arguments *arguments, const struct admin_argument *row,
	  const char *word, struct err *err)
{
	switch (row->type) {
	case ADMIN_NUMBER:
		return set_number(arguments, row, word, err);
	case ADMIN_INPUT:
		arguments->input = word;
		json_set_text(arguments->values, key_of(row), word);
		return 0;
	case ADMIN_OUTPUT:
		arguments->output = word;
		return 0;
	default:
		json_set_text(arguments->values, key_of(row), word);
		return 0;
	}
}

/* ---- Finding the command ----------------------------------------------------
 */

static bool
is_noun(const char *word)
{
	const struct admin_command *command;
	for (size_t i = 0; (command = admin_command(i)); i++)
		if (strcmp(command->noun, word) == 0)
			return true;
	return false;
}

static int
unknown_noun(const char *word, struct err *err)
{
	const char *nouns[NOUNS_MAX];
	size_t n = 0;
	const struct admin_command *command;
	for (size_t i = 0; (command = admin_command(i)) && n < NOUNS_MAX; i++)
		nouns[n++] = command->noun;
	const char *near = conf_nearest(word, nouns, n);
	if (near)
		return err_set(err, "there is no '%s'; did you mean '%s'?",
			       word, near);
	return err_set(err,
		       "there is no '%s'; 'tellerctl help' lists what "
		       "there is",
		       word);
}

/* A noun may have verbs, or be all: `ask`, `faq import`. */
static const struct admin_command *
choose(const char *noun, const char *word, bool *has_verb_r)
{
	const struct admin_command *command =
		word ? admin_find(noun, word) : NULL;
	*has_verb_r = command != NULL;
	return command ? command : admin_find(noun, NULL);
}

/* ---- Reading the line */

struct line {
	int argc;
	char *const *argv;
	int at;
};

static const char *
value_of(struct line *line, const char *option, struct err *err)
{
	if (line->at + 1 >= line->argc) {
		err_set(err, "%s needs a value", option);
		return NULL;
	}
	return line->argv[++line->at];
}

/* Options that every command has.  1: it is one; 0: it is none; -1. */
static int
read_common(struct arguments *arguments, struct line *line, const char *word,
	    struct err *err)
{
	if (strcmp(word, "--json") == 0) {
		arguments->is_json = true;
	} else if (strcmp(word, "--help") == 0) {
		arguments->wants_help = true;
	} else if (strcmp(word, "--version") == 0) {
		arguments->wants_version = true;
	} else if (strcmp(word, "--force") == 0) {
		arguments->is_forced = true;
	} else if (strcmp(word, "--config") == 0) {
		arguments->config = value_of(line, word, err);
		return arguments->config ? 1 : -1;
	} else if (strcmp(word, "--state") == 0) {
		arguments->state = value_of(line, word, err);
		return arguments->state ? 1 : -1;
	} else {
		return 0;
	}
	return 1;
}

static int
read_option(struct arguments *arguments, struct line *line, const char *word,
	    struct err *err)
{
	const struct admin_argument *row =
		find_option(arguments->command, word);
	if (!row)
		return err_set(
			err, "%s %s has no option %s", arguments->command->noun,
			arguments->command->verb ? arguments->command->verb
						 : "",
			word);
	if (row->type == ADMIN_FLAG) {
		json_set_bool(arguments->values, key_of(row), true);
		return 0;
	}
	const char *value = value_of(line, word, err);
	return value ? set_value(arguments, row, value, err) : -1;
}

/* Behind its noun and verb an option of the command comes before one of the
 * same name that all have: `conversations list --state waiting`. */
static int
read_any_option(struct arguments *arguments, struct line *line,
		const char *word, bool is_behind, struct err *err)
{
	bool is_own = is_behind && arguments->command &&
		      find_option(arguments->command, word);
	int common = is_own ? 0 : read_common(arguments, line, word, err);
	if (common)
		return common < 0 ? -1 : 0;
	if (arguments->command)
		return read_option(arguments, line, word, err);
	return err_set(err, "there is no option %s", word);
}

/* Words that stand by their place: noun and verb were two of them. */
static int
read_places(struct arguments *arguments, char *const *words, size_t n,
	    struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct admin_argument *row =
			find_place(arguments->command, i);
		if (!row)
			return err_set(err,
				       "'%s' is one word too many; put "
				       "texts in quotes",
				       words[i]);
		if (set_value(arguments, row, words[i], err))
			return -1;
	}
	return 0;
}

static bool
asks_for_help(const struct line *line)
{
	for (int i = 1; i < line->argc; i++)
		if (strcmp(line->argv[i], "--help") == 0)
			return true;
	return false;
}

/* The command must be known before its options can be told from others'. */
static int
find_command(struct arguments *arguments, const struct line *line, int *noun_r,
	     int *verb_r, struct err *err)
{
	int places[2], n = 0;
	for (int i = 1; i < line->argc && n < 2; i++) {
		const char *word = line->argv[i];
		if (strcmp(word, "--config") == 0 ||
		    strcmp(word, "--state") == 0)
			i++;
		else if (strncmp(word, "--", 2) != 0)
			places[n++] = i;
	}
	*noun_r = *verb_r = -1;
	if (!n)
		return 0;
	const char *noun = line->argv[places[0]];
	if (strcmp(noun, "help") == 0) {
		arguments->wants_help = true;
		return 0;
	}
	if (!is_noun(noun))
		return unknown_noun(noun, err);
	bool has_verb;
	arguments->command =
		choose(noun, n > 1 ? line->argv[places[1]] : NULL, &has_verb);
	*noun_r = places[0];
	if (has_verb)
		*verb_r = places[1];
	arguments->noun = noun;
	if (!arguments->command && !asks_for_help(line))
		return n > 1 ? err_set(err,
				       "%s has no verb '%s'; 'tellerctl "
				       "help' lists what there is",
				       noun, line->argv[places[1]])
			     : err_set(err,
				       "%s needs a verb; 'tellerctl help' "
				       "lists what there is",
				       noun);
	return 0;
}

static int
read_line(struct arguments *arguments, struct line *line, struct err *err)
{
	int noun, verb;
	if (find_command(arguments, line, &noun, &verb, err))
		return -1;
	char **words = calloc((size_t)line->argc, sizeof(*words));
	size_t n = 0;
	int rc = words ? 0 : err_errno(err, "tellerctl");
	bool is_rest = false; /* behind "--" everything is a text */
	for (line->at = 1; !rc && line->at < line->argc; line->at++) {
		char *word = line->argv[line->at];
		if (line->at == noun || line->at == verb)
			continue;
		if (!is_rest && strcmp(word, "--") == 0) {
			is_rest = true;
			continue;
		}
		if (is_rest || strncmp(word, "--", 2) != 0) {
			words[n++] = word;
			continue;
		}
		rc = read_any_option(arguments, line, word,
				     line->at > noun && line->at > verb, err);
	}
	if (!rc && arguments->command)
		rc = read_places(arguments, words, n, err);
	free(words);
	return rc;
}

/* Where a command's bytes go is tellerctl's own affair. */
static int
check_output(struct arguments *arguments, struct err *err)
{
	const struct admin_argument *row = arguments->command->arguments;
	while (row && row->name && row->type != ADMIN_OUTPUT)
		row++;
	if (!row || !row->name || arguments->output)
		return 0;
	if (row->is_required)
		return err_set(err, "%s needs %s: %s", arguments->command->noun,
			       row->name, row->help);
	arguments->output = "-";
	return 0;
}

int
arguments_read(struct arguments *arguments, int argc, char *const argv[],
	       struct err *err)
{
	*arguments = (struct arguments){.values = json_object()};
	struct line line = {.argc = argc, .argv = argv};
	if (read_line(arguments, &line, err))
		return -1;
	if (arguments->wants_help || arguments->wants_version)
		return 0;
	if (!arguments->command)
		return err_set(err, "what shall it do?  'tellerctl help' lists "
				    "what there is");
	if (arguments_check(arguments->command, arguments->values, err))
		return -1;
	return check_output(arguments, err);
}

void
arguments_release(struct arguments *arguments)
{
	json_decref(arguments->values);
	arguments->values = NULL;
}

/* ---- Checking */

static bool
has_type(const json_t *value, enum admin_argument_type type)
{
	switch (type) {
	case ADMIN_FLAG:
		return json_is_boolean(value);
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
		if (strcmp(key_of(row), key) == 0)
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
		    !json_object_get(values, key_of(row)))
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
			"\n'tellerctl NOUN --help' explains the arguments.  "
			"Exit: 0 done, 1 failed, 2 misused,\n3 needs a running "
			"daemon.\n");
}
