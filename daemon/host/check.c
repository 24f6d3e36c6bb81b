/* What must be true of a plugin before it is used.  A plugin is code that is
 * trusted with the process; these checks find mistakes, not malice. */
#include "host/check.h"

#include <stddef.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "base/err.h"
#include "base/utf8.h"

#define MAX_DEPTH 3 /* tables in tables */
#define MAX_BURST_MS (10 * 60 * 1000)
#define MAX_WORDS 1000 /* bytes of a sentence or list of choices */

/* A later version may have more members, never fewer. */
#define SMALLEST_PLUGIN \
	(offsetof(struct teller_plugin, close) + sizeof(void (*)(void *)))

bool
check_is_name(const char *name, int max)
{
	int len = 0;

	for (; name[len]; len++) {
		char c = name[len];
		bool is_letter = c >= 'a' && c <= 'z';
		bool is_other = (c >= '0' && c <= '9') || c == '_';
		if (len == max || (!is_letter && (len == 0 || !is_other)))
			return false;
	}
	return len > 0;
}

bool
check_is_text(const char *text, size_t min, size_t max)
{
	size_t len = text ? strnlen(text, max + 1) : 0;

	return len >= min && len <= max && (!text || utf8_is_valid(text, len));
}

bool
check_is_line(const char *text, size_t min, size_t max)
{
	if (!check_is_text(text, min, max))
		return false;
	for (size_t len = text ? strlen(text) : 0, n; len > 0;
	     text += n, len -= n) {
		uint32_t c;
		n = utf8_decode(text, len, &c);
		if (utf8_is_control(c))
			return false;
	}
	return true;
}

bool
check_is_conversation(const char *account, const char *key)
{
	return check_is_text(account, 0, TELLER_KEY_MAX) &&
	       check_is_text(key, 1, TELLER_KEY_MAX);
}

static int
check_abi(const struct teller_plugin *plugin, struct err *err)
{
	if (plugin->size < offsetof(struct teller_plugin, abi_minor))
		return err_set(err, "its description is too small (%zu bytes)",
			       plugin->size);
	if (plugin->abi_major != TELLER_ABI_MAJOR)
		return err_set(err,
			       "it was built for plugin ABI %u, this is %u: "
			       "build it again with the header of this version",
			       plugin->abi_major, TELLER_ABI_MAJOR);
	if (plugin->size < SMALLEST_PLUGIN)
		return err_set(err,
			       "its description is too small (%zu bytes, "
			       "%zu are needed)",
			       plugin->size, SMALLEST_PLUGIN);
	return 0;
}

static int
check_data(const struct teller_plugin *plugin, const char *name,
	   struct err *err)
{
	if (!plugin->name || !check_is_name(plugin->name, CHECK_NAME_MAX))
		return err_set(err, "its name is not one of lower-case "
				    "letters, digits and '_'");
	if (strcmp(plugin->name, name) != 0)
		return err_set(err, "it calls itself '%s': name the file so",
			       plugin->name);
	if (!check_is_text(plugin->version, 1, CHECK_NAME_MAX))
		return err_set(err, "it has no version");
	if (plugin->burst_ms < 0 || plugin->burst_ms > MAX_BURST_MS)
		return err_set(err, "its burst_ms is not within 0 .. %d",
			       MAX_BURST_MS);
	return 0;
}

static int
check_functions(const struct teller_plugin *plugin, struct err *err)
{
	if (!plugin->open || !plugin->start || !plugin->send || !plugin->stop ||
	    !plugin->close)
		return err_set(err, "one of its functions open, start, send, "
				    "stop and close is missing");
	if ((plugin->capabilities & TELLER_CAN_TYPING) && !plugin->typing)
		return err_set(err, "it says it can show typing, but has no "
				    "function for that");
	return 0;
}

static int
check_desk_option(const struct teller_plugin *plugin, struct err *err)
{
	const struct teller_option *row = plugin->options;

	if (!TELLER_HAS(plugin, desk_option) || !plugin->desk_option)
		return 0;
	while (row && row->name && strcmp(row->name, plugin->desk_option) != 0)
		row++;
	if (row && row->name && row->type == TELLER_TABLE)
		return 0;
	return err_set(err,
		       "its desk_option '%.32s' is no table of its options",
		       plugin->desk_option);
}

int
check_plugin(const struct teller_plugin *plugin, const char *name,
	     struct err *err)
{
	if (check_abi(plugin, err) < 0 || check_data(plugin, name, err) < 0 ||
	    check_functions(plugin, err) < 0)
		return -1;
	if (plugin->options && check_options(plugin->options, err) < 0)
		return -1;
	return check_desk_option(plugin, err);
}

/* Is word one of the words, which blanks part? */
static bool
has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	while (*words) {
		size_t n = strcspn(words, " ");
		if (n == len && memcmp(words, word, n) == 0)
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

static int
check_type(const struct teller_option *option, struct err *err)
{
	const char *fallback = option->fallback;

	if ((int)option->type < TELLER_BOOL || option->type > TELLER_ORIGINS)
		return err_set(err, "its type (%d) is unknown",
			       (int)option->type);
	if (option->type == TELLER_CHOICE &&
	    !check_is_text(option->choices, 1, MAX_WORDS))
		return err_set(err, "it has no choices");
	if (option->type == TELLER_CHOICE && fallback &&
	    !has_word(option->choices, fallback))
		return err_set(err, "its fallback '%s' is none of its choices",
			       fallback);
	if (option->type == TELLER_BOOL && fallback &&
	    !has_word("true false", fallback))
		return err_set(err, "its fallback '%s' is not true or false",
			       fallback);
	if ((option->type == TELLER_TABLE) != (option->fields != NULL))
		return err_set(err, "a table has fields, nothing else has");
	return 0;
}

static int
check_row(const struct teller_option *option, struct err *err)
{
	if (!check_is_name(option->name, CHECK_NAME_MAX))
		return err_set(err, "its name is not one of lower-case "
				    "letters, digits and '_'");
	if (!check_is_text(option->help, 1, MAX_WORDS))
		return err_set(err, "it has no sentence of help");
	if (option->min > option->max)
		return err_set(err, "its minimum is above its maximum");
	if (!check_is_text(option->fallback, 0, MAX_WORDS))
		return err_set(err, "its fallback is not UTF-8, or too long");
	return check_type(option, err);
}

static bool
is_repeated(const struct teller_option *table, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(table[k].name, table[i].name) == 0)
			return true;
	return false;
}

static int
check_table(const struct teller_option *table, int depth, struct err *err)
{
	if (depth > MAX_DEPTH)
		return err_set(err, "tables are nested deeper than %d",
			       MAX_DEPTH);
	for (size_t i = 0; table[i].name; i++) {
		const struct teller_option *option = &table[i];
		if (i == CHECK_OPTIONS_MAX)
			return err_set(err,
				       "a table of options has no end, or "
				       "more than %d rows",
				       CHECK_OPTIONS_MAX);
		if (check_row(option, err) < 0)
			return err_prefix(err, "option %zu ('%.32s')", i + 1,
					  option->name);
		if (is_repeated(table, i))
			return err_set(err, "option '%s' is there twice",
				       option->name);
		if (option->fields &&
		    check_table(option->fields, depth + 1, err) < 0)
			return err_prefix(err, "in '%s'", option->name);
	}
	return 0;
}

int
check_options(const struct teller_option *table, struct err *err)
{
	if (check_table(table, 1, err) < 0)
		return -1;
	for (; table->name; table++)
		if (strcmp(table->name, "burst") == 0)
			return err_set(err, "option 'burst' is the host's own");
	return 0;
}
