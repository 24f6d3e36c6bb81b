#include "conf/options.h"

#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/desk.h"

#define PLUGINS "plugins."

static const char *const type_names[] = {
	[TELLER_BOOL] = "true or false",
	[TELLER_INT] = "whole number",
	[TELLER_REAL] = "number",
	[TELLER_TEXT] = "text",
	[TELLER_CHOICE] = "one of",
	[TELLER_DURATION] = "duration",
	[TELLER_SIZE] = "size",
	[TELLER_SECRET] = "secret",
	[TELLER_LIST] = "list",
	[TELLER_TABLE] = "table",
	[TELLER_DIGESTS] = "list of SHA-256",
	[TELLER_ORIGINS] = "list of origins",
};

static json_t *
row_of(const char *path, const struct teller_option *option)
{
	json_t *row = json_object();
	json_set_text(row, "path", path);
	json_set_text(row, "type", type_names[option->type]);
	json_set_text(row, "choices", option->choices);
	json_set_text(row, "default", option->fallback);
	json_set_text(row, "unit", option->unit);
	if (option->min || option->max) {
		json_set_int(row, "min", option->min);
		json_set_int(row, "max", option->max);
	}
	json_set_text(row, "help", option->help);
	return row;
}

/* The settings of a table stand behind it, below NAME. */
static void
add_rows(json_t *list, const char *section, const struct teller_option *option)
{
	for (; option && option->name; option++) {
		struct arena arena = {0};
		const char *path =
			arena_printf(&arena, "%s.%s", section, option->name);
		json_array_append_new(list, row_of(path, option));
		if (option->type == TELLER_TABLE)
			add_rows(list, arena_printf(&arena, "%s.NAME", path),
				 option->fields);
		arena_release(&arena);
	}
}

/* The daemon's sections, or the one of that name; is there any? */
static bool
add_daemon(json_t *list, const char *name)
{
	bool has_any = false;
	for (const struct option_section *section = conf_daemon_sections;
	     section->name; section++) {
		if (name && strcmp(section->name, name) != 0)
			continue;
		add_rows(list, section->name, section->options);
		has_any = true;
	}
	return has_any;
}

static void
add_plugin(void *arg, const char *plugin, const struct teller_option *options,
	   const char *why)
{
	json_t *result = arg;
	if (!options) {
		json_t *row = json_object();
		json_set_text(row, "plugin", plugin);
		json_set_text(row, "why", why);
		json_array_append_new(json_object_get(result, "failed"), row);
		return;
	}
	struct arena arena = {0};
	add_rows(json_object_get(result, "options"),
		 arena_printf(&arena, PLUGINS "%s", plugin), options);
	arena_release(&arena);
}

/* Why the one plugin that was asked for is not there. */
static int
check_failed(const json_t *result, struct err *err)
{
	const json_t *row =
		json_array_get(json_object_get(result, "failed"), 0);
	return row ? err_set(err, "%s", json_get_text(row, "why", "")) : 0;
}

static int
run_options(struct admin_call *call, struct err *err)
{
	const char *name = admin_text(call, "SECTION");
	call->result = json_pack("{s:[], s:[]}", "options", "failed");
	if (add_daemon(json_object_get(call->result, "options"), name) && name)
		return 0;
	if (name && strncmp(name, PLUGINS, strlen(PLUGINS)) == 0)
		name += strlen(PLUGINS);
	if (desk_list_options(call->config, name, add_plugin, call->result,
			      err))
		return -1;
	return name ? check_failed(call->result, err) : 0;
}

static void
print_options(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "options"), i, row) {
		const char *choices = json_get_text(row, "choices", "");
		const char *fallback = json_get_text(row, "default", NULL);
		fprintf(out, "%s (%s%s%s; %s%s)\n    %s\n",
			json_get_text(row, "path", ""),
			json_get_text(row, "type", ""), *choices ? " " : "",
			choices, fallback ? "default: " : "must be given",
			!fallback   ? ""
			: *fallback ? fallback
				    : "empty",
			json_get_text(row, "help", ""));
	}
	json_array_foreach (json_object_get(result, "failed"), i, row)
		fprintf(out, "The plugin %s cannot be looked at: %s\n",
			json_get_text(row, "plugin", ""),
			json_get_text(row, "why", ""));
}

static const struct admin_argument options_arguments[] = {
	{"SECTION", ADMIN_TEXT, false, NULL,
	 "only those of this section, or of the plugin of this name"},
	{0},
};

const struct admin_command admin_options_commands[] = {
	{"options", NULL,
	 "Every setting of tellerd.yaml, those of plugins too, with its "
	 "default.",
	 ADMIN_NO_DESK, options_arguments, run_options, print_options},
	{0},
};
