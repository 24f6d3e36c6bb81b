#include "conf/options.h"
#include "admin/admin.h"
#include "admin/commands.h"
#include "base/json.h"

static const char *const type_names[] = {
	[TELLER_BOOL] = "true or false", [TELLER_INT] = "whole number",
	[TELLER_REAL] = "number",	 [TELLER_TEXT] = "text",
	[TELLER_CHOICE] = "one of",	 [TELLER_DURATION] = "duration",
	[TELLER_SIZE] = "size",		 [TELLER_SECRET] = "secret",
	[TELLER_LIST] = "list",		 [TELLER_TABLE] = "table",
};

static void
add_rows(json_t *list, const char *section, const struct teller_option *option)
{
	for (; option->name; option++) {
		char path[256];
		json_t *row = json_object();
		snprintf(path, sizeof(path), "%s.%s", section, option->name);
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
		json_array_append_new(list, row);
	}
}

static int
run_options(struct admin_call *call, struct err *err)
{
	(void)err;
	json_t *list = json_array();
	for (const struct option_section *section = conf_daemon_sections;
	     section->name; section++)
		add_rows(list, section->name, section->options);
	call->result = json_pack("{s:o}", "options", list);
	return 0;
}

static void
print_options(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "options"), i, row) {
		const char *choices = json_get_text(row, "choices", "");
		fprintf(out, "%s (%s%s%s; default: %s)\n    %s\n",
			json_get_text(row, "path", ""),
			json_get_text(row, "type", ""), *choices ? " " : "",
			choices, json_get_text(row, "default", "none"),
			json_get_text(row, "help", ""));
	}
}

const struct admin_command admin_options_commands[] = {
	{"options", NULL, "Every setting of tellerd.yaml, with its default.",
	 ADMIN_NO_DESK, NULL, run_options, print_options},
	{0},
};
