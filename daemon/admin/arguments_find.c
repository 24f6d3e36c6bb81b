/* Which command a line is about: it must be known before its options can be
 * told from others'. */
#include <string.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/arguments_line.h"
#include "base/err.h"
#include "conf/yaml.h"

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
	const char *nouns[NAMES_MAX];
	size_t n = 0;
	const struct admin_command *command;
	for (size_t i = 0; (command = admin_command(i)) && n < NAMES_MAX; i++)
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

static int
unknown_verb(const char *noun, const char *word, struct err *err)
{
	const char *verbs[NAMES_MAX];
	size_t n = 0;
	const struct admin_command *command;
	for (size_t i = 0; (command = admin_command(i)) && n < NAMES_MAX; i++)
		if (strcmp(command->noun, noun) == 0)
			verbs[n++] = command->verb;
	const char *near = conf_nearest(word, verbs, n);
	if (near)
		return err_set(err, "%s has no verb '%s'; did you mean '%s'?",
			       noun, word, near);
	return err_set(err,
		       "%s has no verb '%s'; 'tellerctl help %s' lists what "
		       "there is",
		       noun, word, noun);
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

bool
line_has_word(const struct line *line, const char *word)
{
	for (int i = 1; i < line->argc; i++) {
		if (strcmp(line->argv[i], "--") == 0)
			return false;
		if (strcmp(line->argv[i], word) == 0)
			return true;
	}
	return false;
}

/* `help faq import`: words behind help say of what. */
static int
find_help(struct arguments *arguments, const struct line *line, int help,
	  struct err *err)
{
	const char *words[2] = {NULL, NULL};
	for (int i = help + 1, n = 0; i < line->argc && n < 2; i++)
		if (strncmp(line->argv[i], "--", 2) != 0)
			words[n++] = line->argv[i];
	bool has_verb;
	if (!words[0])
		return 0;
	if (!is_noun(words[0]))
		return unknown_noun(words[0], err);
	arguments->noun = words[0];
	arguments->command = choose(words[0], words[1], &has_verb);
	return 0;
}

int
arguments_find(struct arguments *arguments, const struct line *line,
	       int *noun_r, int *verb_r, struct err *err)
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
		return find_help(arguments, line, places[0], err);
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
	if (!arguments->command && !line_has_word(line, "--help") &&
	    !line_has_word(line, "--version"))
		return n > 1 ? unknown_verb(noun, line->argv[places[1]], err)
			     : err_set(err,
				       "%s needs a verb; 'tellerctl help %s' "
				       "lists what there is",
				       noun, noun);
	return 0;
}
