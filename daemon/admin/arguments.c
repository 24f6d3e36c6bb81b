#include "admin/arguments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/arguments_line.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "conf/yaml.h"

static const struct admin_argument *
find_option(const struct admin_command *command, const char *word)
{
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		if (argument_is_option(row) && strcmp(row->name, word) == 0)
			return row;
	return NULL;
}

/* The n-th argument that stands by its place. */
static const struct admin_argument *
find_place(const struct admin_command *command, size_t n)
{
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		if (!argument_is_option(row) && n-- == 0)
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
	json_set_int(arguments->values, argument_key(row), number);
	return 0;
}

static void
add_text(struct arguments *arguments, const struct admin_argument *row,
	 const char *word)
{
	const char *key = argument_key(row);
	json_t *list = json_object_get(arguments->values, key);
	if (!list) {
		list = json_array();
		json_object_set_new(arguments->values, key, list);
	}
	json_add_text(list, word);
}

static int
set_value(struct arguments *arguments, const struct admin_argument *row,
	  const char *word, struct err *err)
{
	switch (row->type) {
	case ADMIN_NUMBER:
		return set_number(arguments, row, word, err);
	case ADMIN_TEXTS:
		add_text(arguments, row, word);
		return 0;
	case ADMIN_INPUT:
		arguments->input = word;
		json_set_text(arguments->values, argument_key(row), word);
		return 0;
	case ADMIN_OUTPUT:
		arguments->output = word;
		return 0;
	default:
		json_set_text(arguments->values, argument_key(row), word);
		return 0;
	}
}

/* ---- Reading the line */

/* The word without its value, "--limit=5", which is then line->value. */
static char *
split_option(struct line *line, const char *word)
{
	size_t len = strcspn(word, "=");
	line->value = word[len] ? word + len + 1 : NULL;
	return mem_strndup(word, len);
}

static const char *
value_of(struct line *line, const char *option, struct err *err)
{
	if (line->value) {
		const char *value = line->value;
		line->value = NULL;
		return value;
	}
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
unknown_option(const struct admin_command *command, const char *word,
	       struct err *err)
{
	const char *names[NAMES_MAX] = {"--json", "--config", "--state",
					"--help"};
	size_t n = 4;
	const struct admin_argument *row = command->arguments;
	for (; row && row->name && n < NAMES_MAX; row++)
		if (argument_is_option(row))
			names[n++] = row->name;
	const char *near = conf_nearest(word, names, n);
	return err_set(err, "%s%s%s has no option %s%s%s%s", command->noun,
		       command->verb ? " " : "",
		       command->verb ? command->verb : "", word,
		       near ? "; did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
}

static int
read_option(struct arguments *arguments, struct line *line, const char *word,
	    struct err *err)
{
	const struct admin_argument *row =
		find_option(arguments->command, word);
	if (!row)
		return unknown_option(arguments->command, word, err);
	if (row->type == ADMIN_FLAG) {
		json_set_bool(arguments->values, argument_key(row), true);
		return 0;
	}
	const char *value = value_of(line, word, err);
	return value ? set_value(arguments, row, value, err) : -1;
}

/* Behind its noun and verb an option of the command comes before one of the
 * same name that all have: `conversations list --state waiting`. */
static int
read_named_option(struct arguments *arguments, struct line *line,
		  const char *name, bool is_behind, struct err *err)
{
	bool is_own = is_behind && arguments->command &&
		      find_option(arguments->command, name);
	int common = is_own ? 0 : read_common(arguments, line, name, err);
	if (common)
		return common < 0 ? -1 : 0;
	if (arguments->command)
		return read_option(arguments, line, name, err);
	return err_set(err, "there is no option %s", name);
}

static int
read_any_option(struct arguments *arguments, struct line *line,
		const char *word, bool is_behind, struct err *err)
{
	char *name = split_option(line, word);
	int rc = read_named_option(arguments, line, name, is_behind, err);
	if (!rc && line->value)
		rc = err_set(err, "%s takes no value", name);
	free(name);
	return rc;
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

static int
read_line(struct arguments *arguments, struct line *line, struct err *err)
{
	int noun, verb;
	if (arguments_find(arguments, line, &noun, &verb, err))
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
	if (!rc && arguments->command && !arguments->wants_help)
		rc = read_places(arguments, words, n, err);
	free(words);
	return rc;
}

/* NULL: the command has none. */
static const struct admin_argument *
find_type(const struct admin_command *command, enum admin_argument_type type)
{
	const struct admin_argument *row = command->arguments;
	while (row && row->name && row->type != type)
		row++;
	return row && row->name ? row : NULL;
}

/* Where a command's bytes come from and go to is tellerctl's own affair. */
static int
check_files(struct arguments *arguments, struct err *err)
{
	const struct admin_argument *row =
		find_type(arguments->command, ADMIN_INPUT);
	if (row && !arguments->input && !argument_is_option(row))
		arguments->input = "-";
	row = find_type(arguments->command, ADMIN_OUTPUT);
	if (!row && arguments->is_forced)
		return unknown_option(arguments->command, "--force", err);
	if (!row || arguments->output)
		return 0;
	if (row->is_required)
		return err_set(
			err, "%s%s%s needs %s: %s", arguments->command->noun,
			arguments->command->verb ? " " : "",
			arguments->command->verb ? arguments->command->verb
						 : "",
			row->name, row->help);
	arguments->output = "-";
	return 0;
}

int
arguments_read(struct arguments *arguments, int argc, char *const argv[],
	       struct err *err)
{
	struct line line = {.argc = argc, .argv = argv};
	/* Also how a wrong line is told of depends on it. */
	*arguments = (struct arguments){
		.values = json_object(),
		.is_json = line_has_word(&line, "--json"),
	};
	if (read_line(arguments, &line, err))
		return -1;
	if (arguments->wants_help || arguments->wants_version)
		return 0;
	if (!arguments->command)
		return err_set(err, "what shall it do?  'tellerctl help' lists "
				    "what there is");
	if (arguments_check(arguments->command, arguments->values, err))
		return -1;
	return check_files(arguments, err);
}

void
arguments_release(struct arguments *arguments)
{
	json_decref(arguments->values);
	arguments->values = NULL;
}
