/* What a plugin says of itself is checked before it is used. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "host/check.h"

static int
open_nothing(const struct teller_services *services, struct teller_host *host,
	     void **self_r, struct teller_words *words)
{
	(void)services, (void)host, (void)self_r, (void)words;
	return 0;
}

static int
start_nothing(void *self, struct teller_words *words)
{
	(void)self, (void)words;
	return 0;
}

static void
send_nothing(void *self, const struct teller_job *job)
{
	(void)self, (void)job;
}

static void
end_nothing(void *self)
{
	(void)self;
}

static const struct teller_plugin good = {
	.size = sizeof good,
	.abi_major = TELLER_ABI_MAJOR,
	.abi_minor = TELLER_ABI_MINOR,
	.name = "good",
	.version = "1",
	.open = open_nothing,
	.start = start_nothing,
	.send = send_nothing,
	.stop = end_nothing,
	.close = end_nothing,
};

/* clang-format off */
#define ROW .name = "a", .type = TELLER_INT, .help = "A number."
/* clang-format on */

static struct err err;

static void
assert_refused(const struct teller_plugin *plugin, const char *words)
{
	err = (struct err){0};
	assert_int_equal(check_plugin(plugin, "good", &err), -1);
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
}

static void
assert_row_refused(struct teller_option row, const char *words)
{
	const struct teller_option table[] = {row, {.name = NULL}};

	err = (struct err){0};
	assert_int_equal(check_options(table, &err), -1);
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
}

static void
test_names_are_lower_case_words(void **state)
{
	(void)state;
	assert_true(check_is_name("web", 32));
	assert_true(check_is_name("a_1", 3));
	assert_false(check_is_name("", 32));
	assert_false(check_is_name("a_12", 3));
	assert_false(check_is_name("1a", 32));
	assert_false(check_is_name("_a", 32));
	assert_false(check_is_name("Web", 32));
	assert_false(check_is_name("../web", 32));
	assert_false(check_is_name("w\xc3\xa9", 32));
}

static void
test_a_plugin_in_order_is_accepted(void **state)
{
	struct teller_plugin later = good;

	(void)state;
	assert_int_equal(check_plugin(&good, "good", &err), 0);
	later.size += 64;
	later.abi_minor += 1;
	assert_int_equal(check_plugin(&later, "good", &err), 0);
}

static void
test_another_abi_is_refused(void **state)
{
	struct teller_plugin plugin = good;

	(void)state;
	plugin.abi_major++;
	plugin.name = NULL;
	assert_refused(&plugin, "ABI 2");
}

static void
test_a_small_size_is_refused(void **state)
{
	struct teller_plugin plugin = good;

	(void)state;
	plugin.size = 4;
	assert_refused(&plugin, "too small");
	plugin.size = offsetof(struct teller_plugin, desk_option) - 1;
	assert_refused(&plugin, "too small");
	plugin.size++;
	plugin.desk_option = "of none";
	assert_int_equal(check_plugin(&plugin, "good", &err), 0);
}

static void
test_names_versions_and_functions_are_needed(void **state)
{
	struct teller_plugin plugin = good;

	(void)state;
	plugin.name = "other";
	assert_refused(&plugin, "'other'");
	plugin.name = NULL;
	assert_refused(&plugin, "name");
	plugin = good;
	plugin.version = "";
	assert_refused(&plugin, "version");
	plugin = good;
	plugin.burst_ms = -1;
	assert_refused(&plugin, "burst_ms");
	plugin = good;
	plugin.close = NULL;
	assert_refused(&plugin, "missing");
	plugin = good;
	plugin.capabilities = TELLER_CAN_TYPING;
	assert_refused(&plugin, "typing");
}

static void
test_a_desk_is_one_by_a_table_that_it_has(void **state)
{
	static const struct teller_option fields[] = {
		{ROW, .fallback = "3"},
		{.name = NULL},
	};
	static const struct teller_option table[] = {
		{ROW, .fallback = "3"},
		{.name = "desk",
		 .type = TELLER_TABLE,
		 .fields = fields,
		 .help = "A table."},
		{.name = NULL},
	};
	struct teller_plugin plugin = good;

	(void)state;
	plugin.options = table;
	plugin.desk_option = "desk";
	assert_int_equal(check_plugin(&plugin, "good", &err), 0);
	plugin.desk_option = "a";
	assert_refused(&plugin, "desk_option");
	plugin.desk_option = "none";
	assert_refused(&plugin, "desk_option");
	plugin.options = NULL;
	assert_refused(&plugin, "desk_option");
}

static void
test_rows_in_order_are_accepted(void **state)
{
	static const struct teller_option fields[] = {
		{.name = "token", .type = TELLER_SECRET, .help = "A token."},
		{.name = NULL},
	};
	static const struct teller_option table[] = {
		{ROW, .min = 1, .max = 9, .fallback = "3"},
		{.name = "b",
		 .type = TELLER_CHOICE,
		 .choices = "low high",
		 .fallback = "high",
		 .help = "A word."},
		{.name = "c",
		 .type = TELLER_TABLE,
		 .fields = fields,
		 .help = "A table."},
		{.name = NULL},
	};

	(void)state;
	assert_int_equal(check_options(table, &err), 0);
}

static void
test_malformed_rows_are_refused(void **state)
{
	(void)state;
	assert_row_refused((struct teller_option){ROW, .min = 2, .max = 1},
			   "minimum");
	assert_row_refused((struct teller_option){.name = "A b",
						  .type = TELLER_INT,
						  .help = "x"},
			   "name");
	assert_row_refused(
		(struct teller_option){.name = "a", .type = TELLER_INT},
		"help");
	assert_row_refused((struct teller_option){.name = "a",
						  .type = TELLER_ORIGINS + 1,
						  .help = "x"},
			   "type");
	assert_row_refused((struct teller_option){.name = "a",
						  .type = TELLER_CHOICE,
						  .help = "x"},
			   "choices");
	assert_row_refused((struct teller_option){.name = "a",
						  .type = TELLER_CHOICE,
						  .choices = "low high",
						  .fallback = "lo",
						  .help = "x"},
			   "none of its choices");
	assert_row_refused((struct teller_option){.name = "a",
						  .type = TELLER_BOOL,
						  .fallback = "yes",
						  .help = "x"},
			   "true or false");
	assert_row_refused((struct teller_option){.name = "a",
						  .type = TELLER_TABLE,
						  .help = "x"},
			   "fields");
	assert_row_refused((struct teller_option){ROW, .fallback = "\xff"},
			   "UTF-8");
	assert_row_refused((struct teller_option){.name = "burst",
						  .type = TELLER_INT,
						  .help = "x"},
			   "host's own");
}

static void
test_a_table_without_end_is_refused(void **state)
{
	static char names[300][16];
	static struct teller_option table[300];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(names[i], sizeof names[i], "o%d", i);
		table[i] = (struct teller_option){ROW};
		table[i].name = names[i];
	}
	assert_int_equal(check_options(table, &err), -1);
	assert_non_null(strstr(err.text, "no end"));
}

static void
test_a_table_in_itself_is_refused(void **state)
{
	struct teller_option table[] = {{.name = "a",
					 .type = TELLER_TABLE,
					 .fields = table,
					 .help = "Itself."},
					{.name = NULL}};

	(void)state;
	assert_int_equal(check_options(table, &err), -1);
	assert_non_null(strstr(err.text, "deeper"));
}

static void
test_an_option_twice_is_refused(void **state)
{
	static const struct teller_option table[] = {
		{ROW}, {ROW}, {.name = NULL}};

	(void)state;
	assert_int_equal(check_options(table, &err), -1);
	assert_non_null(strstr(err.text, "twice"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_lower_case_words),
		cmocka_unit_test(test_a_plugin_in_order_is_accepted),
		cmocka_unit_test(test_another_abi_is_refused),
		cmocka_unit_test(test_a_small_size_is_refused),
		cmocka_unit_test(test_names_versions_and_functions_are_needed),
		cmocka_unit_test(test_a_desk_is_one_by_a_table_that_it_has),
		cmocka_unit_test(test_rows_in_order_are_accepted),
		cmocka_unit_test(test_malformed_rows_are_refused),
		cmocka_unit_test(test_a_table_without_end_is_refused),
		cmocka_unit_test(test_a_table_in_itself_is_refused),
		cmocka_unit_test(test_an_option_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
