/* Settings: files, command lines and fallbacks become typed values. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/options.h"

/* clang-format off */
static const struct teller_option turn_options[] = {
	{.name = "workers", .type = TELLER_INT, .min = 1, .max = 64,
	 .fallback = "2"},
	{.name = "deadline", .type = TELLER_DURATION, .fallback = "10 s"},
	{.name = "is_on", .type = TELLER_BOOL, .fallback = "true"},
	{.name = NULL},
};
static const struct teller_option retrieval_options[] = {
	{.name = "threshold", .type = TELLER_REAL, .max = 1,
	 .fallback = "0.60"},
	{.name = "max_body", .type = TELLER_SIZE, .fallback = "64 KiB"},
	{.name = "names", .type = TELLER_LIST, .max = 3, .fallback = "a, b"},
	{.name = "level", .type = TELLER_CHOICE, .fallback = "info",
	 .choices = "warn info"},
	{.name = "title", .type = TELLER_TEXT, .fallback = ""},
	{.name = NULL},
};
static const struct teller_option account_options[] = {
	{.name = "token", .type = TELLER_SECRET,
	 .help = "The bot's token."},
	{.name = "retries", .type = TELLER_INT, .fallback = "5"},
	{.name = NULL},
};
static const struct teller_option slack_options[] = {
	{.name = "accounts", .type = TELLER_TABLE, .max = 2,
	 .fields = account_options},
	{.name = "pause", .type = TELLER_DURATION, .fallback = "1 s"},
	{.name = NULL},
};
static const struct teller_option mail_options[] = {
	{.name = "from", .type = TELLER_TEXT, .help = "The address."},
	{.name = NULL},
};
static const struct option_section sections[] = {
	{"turn", "", turn_options},
	{"retrieval", "", retrieval_options},
	{"plugins.slack", "", slack_options},
	{"plugins.mail", "", mail_options},
};
/* clang-format on */

/* How many of the sections: the daemon's, with slack's, with all. */
enum { DAEMON = 2, SLACK = 3, ALL = 4 };

static struct err err;

static struct settings *
read_text(const char *text, size_t n)
{
	err = (struct err){0};
	return settings_read_text("t.yaml", text, strlen(text), sections, n,
				  &err);
}

static struct settings *
must_read(const char *text, size_t n)
{
	struct settings *settings = read_text(text, n);

	assert_string_equal(err.text, "");
	assert_non_null(settings);
	return settings;
}

static void
expect_words(const char *text, size_t n, const char *words)
{
	assert_null(read_text(text, n));
	assert_string_equal(err.text, words);
}

static void
expect_written(const struct settings *settings, const char *text)
{
	struct buf out;

	buf_init(&out, 10000);
	assert_int_equal(settings_write(settings, &out), 0);
	assert_string_equal(buf_str(&out), text);
	buf_release(&out);
}

static void
test_without_a_file_there_are_fallbacks(void **state)
{
	(void)state;
	struct settings *s = settings_read(NULL, sections, DAEMON, &err);
	assert_non_null(s);
	assert_int_equal(settings_int(s, "turn.workers"), 2);
	assert_int_equal(settings_int(s, "turn.deadline"), 10000);
	assert_true(settings_bool(s, "turn.is_on"));
	assert_true(settings_real(s, "retrieval.threshold") > 0.59);
	assert_int_equal(settings_int(s, "retrieval.max_body"), 65536);
	assert_int_equal(settings_count(s, "retrieval.names"), 2);
	assert_string_equal(settings_item(s, "retrieval.names", 1), "b");
	assert_null(settings_item(s, "retrieval.names", 2));
	assert_string_equal(settings_text(s, "retrieval.level"), "info");
	assert_string_equal(settings_text(s, "retrieval.title"), "");
	assert_int_equal(settings_line(s, "turn.workers"), 0);
	assert_null(settings_plugin_name(s, 0));
	settings_free(s);
	settings_free(NULL);
}

static void
test_a_file_says_otherwise(void **state)
{
	(void)state;
	struct settings *s = must_read("turn:\n"
				       "  workers: 8\n"
				       "  is_on: false\n"
				       "retrieval:\n"
				       "  threshold: 0.5\n"
				       "  names: [x, 'y, z']\n"
				       "  title: |\n"
				       "    two\n"
				       "    lines\n",
				       DAEMON);
	assert_int_equal(settings_int(s, "turn.workers"), 8);
	assert_int_equal(settings_line(s, "turn.workers"), 2);
	assert_int_equal(settings_line(s, "turn.deadline"), 0);
	assert_false(settings_bool(s, "turn.is_on"));
	assert_string_equal(settings_item(s, "retrieval.names", 1), "y, z");
	assert_int_equal(settings_line(s, "retrieval.names"), 6);
	expect_written(s, "retrieval.level: info\n"
			  "retrieval.max_body: 64 KiB\n"
			  "retrieval.names: x, \"y, z\"\n"
			  "retrieval.threshold: 0.5\n"
			  "retrieval.title: \"two\\nlines\\n\"\n"
			  "turn.deadline: 10 s\n"
			  "turn.is_on: false\n"
			  "turn.workers: 8\n");
	settings_free(s);
}

static void
test_a_file_may_leave_everything_out(void **state)
{
	static const char *const texts[] = {
		"",
		"# nothing\n",
		"turn:\n",
		"turn: {}\nplugins:\n",
		"retrieval:\n  # names: x\n",
	};
	(void)state;
	struct settings *none = settings_read(NULL, sections, DAEMON, &err);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct settings *s = must_read(texts[i], DAEMON);
		assert_true(settings_same(s, none, "turn"));
		assert_true(settings_same(s, none, "retrieval"));
		settings_free(s);
	}
	settings_free(none);
}

static void
test_a_list_may_be_empty_or_one_text(void **state)
{
	(void)state;
	struct settings *s = must_read("retrieval: {names: []}", DAEMON);
	assert_int_equal(settings_count(s, "retrieval.names"), 0);
	expect_written(s, "retrieval.level: info\n"
			  "retrieval.max_body: 64 KiB\n"
			  "retrieval.names:\n"
			  "retrieval.threshold: 0.6\n"
			  "retrieval.title: \"\"\n"
			  "turn.deadline: 10 s\n"
			  "turn.is_on: true\n"
			  "turn.workers: 2\n");
	settings_free(s);
	s = must_read("retrieval:\n  names:\n", DAEMON);
	assert_int_equal(settings_count(s, "retrieval.names"), 0);
	settings_free(s);
	s = must_read("retrieval:\n  names: a.b:80, c\n", DAEMON);
	assert_string_equal(settings_item(s, "retrieval.names", 0), "a.b:80");
	settings_free(s);
}

static void
test_an_unknown_key_names_the_nearest(void **state)
{
	(void)state;
	expect_words("turn:\n  workers: 2\n  wrokers: 3\n", DAEMON,
		     "t.yaml:3: unknown key 'turn.wrokers', did you mean "
		     "'turn.workers'?");
	expect_words("retrieval:\n  treshold: 0.5\n", DAEMON,
		     "t.yaml:2: unknown key 'retrieval.treshold', did you mean "
		     "'retrieval.threshold'?");
	expect_words("retreival:\n  threshold: 0.5\n", DAEMON,
		     "t.yaml:1: unknown key 'retreival', did you mean "
		     "'retrieval'?");
	expect_words("pluggins:\n", DAEMON,
		     "t.yaml:1: unknown key 'pluggins', did you mean "
		     "'plugins'?");
	expect_words("turn:\n  colour: red\n", DAEMON,
		     "t.yaml:2: unknown key 'turn.colour'");
	expect_words("colour: red\n", DAEMON, "t.yaml:1: unknown key 'colour'");
}

static void
test_a_key_in_the_wrong_place_names_the_right_one(void **state)
{
	(void)state;
	expect_words("workers: 3\n", DAEMON,
		     "t.yaml:1: unknown key 'workers', did you mean "
		     "'turn.workers'?");
	expect_words("retrieval:\n  deadline: 5 s\n", DAEMON,
		     "t.yaml:2: unknown key 'retrieval.deadline', did you mean "
		     "'turn.deadline'?");
	expect_words("slack:\n", SLACK,
		     "t.yaml:1: unknown key 'slack', did you mean "
		     "'plugins.slack'?");
	expect_words("turn.workers: 3\n", DAEMON,
		     "t.yaml:1: unknown key 'turn.workers': write a map in a "
		     "map, such as 'http: {listen: ...}', for each '.'");
	expect_words("plugins.slack: {}\n", SLACK,
		     "t.yaml:1: unknown key 'plugins.slack': write a map in a "
		     "map, such as 'http: {listen: ...}', for each '.'");
}

static void
test_a_wrong_value_names_its_line_and_key(void **state)
{
	(void)state;
	expect_words("turn:\n  deadline: 10\n", DAEMON,
		     "t.yaml:2: 'turn.deadline' needs a unit behind the number "
		     "10: ms, s, min, h or d, as in '10 s'");
	expect_words("turn:\n  workers: 65\n", DAEMON,
		     "t.yaml:2: 'turn.workers' must be from 1 to 64, not 65");
	expect_words("turn:\n  workers:\n", DAEMON,
		     "t.yaml:2: 'turn.workers' must be a whole number, not "
		     "''");
	expect_words("turn:\n  workers:\n    - 3\n", DAEMON,
		     "t.yaml:2: 'turn.workers' must be one value, not a list");
	expect_words("turn:\n  workers: {a: 3}\n", DAEMON,
		     "t.yaml:2: 'turn.workers' must be one value, not a "
		     "section");
	expect_words("retrieval:\n  names: {a: 3}\n", DAEMON,
		     "t.yaml:2: 'retrieval.names' must be one value, not a "
		     "section");
	expect_words("retrieval:\n  names:\n  - a\n  - [b]\n", DAEMON,
		     "t.yaml:4: 'retrieval.names' may hold only texts, one a "
		     "'-'");
	expect_words("retrieval:\n  names: [a, b, c, d]\n", DAEMON,
		     "t.yaml:2: 'retrieval.names' may have at most 3 entries, "
		     "not 4");
	expect_words("retrieval:\n  names:\n  - a\n  -\n", DAEMON,
		     "t.yaml:2: 'retrieval.names' has an empty entry");
	expect_words("turn: 5\n", DAEMON,
		     "t.yaml:1: 'turn' is a section: put its settings on lines "
		     "below it, indented");
	expect_words("turn: [a]\n", DAEMON,
		     "t.yaml:1: 'turn' is a section: put its settings on lines "
		     "below it, indented");
	expect_words("- turn\n", DAEMON,
		     "t.yaml:1: expected sections here: 'desk:', and its "
		     "settings on lines below it, indented");
	expect_words("turn:\n  workers: 1\n  workers: 2\n", DAEMON,
		     "t.yaml:3: the key 'workers' stands in line 2 already");
}

static void
test_tables_have_named_sections(void **state)
{
	(void)state;
	struct settings *s = must_read("plugins:\n"
				       "  slack:\n"
				       "    accounts:\n"
				       "      bank-2: {token: 'file:/b'}\n"
				       "      acme:\n"
				       "        token: credential:slack\n"
				       "        retries: 9\n",
				       SLACK);
	assert_int_equal(settings_count(s, "plugins.slack.accounts"), 2);
	assert_string_equal(settings_item(s, "plugins.slack.accounts", 0),
			    "bank-2");
	assert_string_equal(settings_item(s, "plugins.slack.accounts", 1),
			    "acme");
	assert_string_equal(
		settings_text(s, "plugins.slack.accounts.acme.token"),
		"credential:slack");
	assert_int_equal(settings_int(s, "plugins.slack.accounts.acme.retries"),
			 9);
	assert_int_equal(
		settings_int(s, "plugins.slack.accounts.bank-2.retries"), 5);
	assert_int_equal(
		settings_line(s, "plugins.slack.accounts.acme.retries"), 7);
	assert_ptr_equal(
		settings_option(s, "plugins.slack.accounts.acme.retries"),
		&account_options[1]);
	assert_null(settings_option(s, "plugins.slack.accounts.acme"));
	assert_null(settings_option(s, "plugins.slack.accounts.x.retries"));
	settings_free(s);
	s = must_read("plugins: {slack: }", SLACK);
	assert_int_equal(settings_count(s, "plugins.slack.accounts"), 0);
	settings_free(s);
}

static void
test_wrong_tables_are_told(void **state)
{
	(void)state;
	expect_words("plugins:\n  slack:\n    accounts:\n      a: {}\n", SLACK,
		     "t.yaml:4: 'plugins.slack.accounts.a.token' must be "
		     "given: The bot's token.");
	expect_words("plugins:\n  slack:\n    accounts:\n      a:\n"
		     "        token: xoxb-very-secret\n",
		     SLACK,
		     "t.yaml:5: 'plugins.slack.accounts.a.token' must say "
		     "where the secret is, never the secret itself: file:/PATH "
		     "or credential:NAME");
	expect_words("plugins:\n  slack:\n    accounts:\n      a:\n"
		     "        tokens: x\n",
		     SLACK,
		     "t.yaml:5: unknown key 'plugins.slack.accounts.a.tokens', "
		     "did you mean 'plugins.slack.accounts.a.token'?");
	expect_words("plugins:\n  slack:\n    accounts: [a]\n", SLACK,
		     "t.yaml:3: 'plugins.slack.accounts' holds sections: put "
		     "each name on a line below it, indented, its settings "
		     "below the name");
	expect_words("plugins:\n  slack:\n    accounts: {a b: {}}\n", SLACK,
		     "t.yaml:3: 'plugins.slack.accounts.a b' must have a name "
		     "of letters, digits, '_' and '-'");
	expect_words("plugins:\n  slack:\n    accounts: {a.b: {}}\n", SLACK,
		     "t.yaml:3: 'plugins.slack.accounts.a.b' must have a name "
		     "of letters, digits, '_' and '-'");
	expect_words("plugins:\n  slack:\n    accounts: {a: , b: , c: }\n",
		     SLACK,
		     "t.yaml:3: 'plugins.slack.accounts' may have at most 2 "
		     "entries, not 3");
	expect_words("plugins:\n  slack:\n    accounts: {a: 5}\n", SLACK,
		     "t.yaml:3: 'plugins.slack.accounts.a' is a section: put "
		     "its settings on lines below it, indented");
}

static void
test_what_must_be_given_is_named(void **state)
{
	(void)state;
	expect_words("plugins:\n  mail:\n", ALL,
		     "t.yaml:2: 'plugins.mail.from' must be given: The "
		     "address.");
	expect_words("", ALL,
		     "t.yaml: 'plugins.mail.from' must be given: The address.");
	assert_null(settings_read(NULL, sections, ALL, &err));
	assert_string_equal(err.text, "'plugins.mail.from' must be given: The "
				      "address.");
}

static void
test_plugins_that_are_not_loaded_are_kept_aside(void **state)
{
	static const char text[] = "plugins:\n"
				   "  web:\n"
				   "    any: [thing]\n"
				   "  slack:\n"
				   "    pause: 5 s\n"
				   "  mail: {from: x}\n";
	(void)state;
	struct settings *s = must_read(text, DAEMON);
	assert_string_equal(settings_plugin_name(s, 0), "web");
	assert_string_equal(settings_plugin_name(s, 1), "slack");
	assert_string_equal(settings_plugin_name(s, 2), "mail");
	assert_null(settings_plugin_name(s, 3));
	assert_int_equal(settings_plugin_line(s, 1), 4);
	assert_int_equal(settings_plugin_line(s, 3), 0);
	assert_null(settings_option(s, "plugins.slack.pause"));
	settings_free(s);
	s = must_read(text, SLACK);
	assert_string_equal(settings_plugin_name(s, 0), "web");
	assert_int_equal(settings_int(s, "plugins.slack.pause"), 5000);
	assert_null(settings_option(s, "plugins.mail.from"));
	settings_free(s);
	expect_words("plugins:\n  ../x:\n", DAEMON,
		     "t.yaml:2: 'plugins.../x' must have a name of letters, "
		     "digits, '_' and '-'");
	expect_words("plugins: [web]\n", DAEMON,
		     "t.yaml:1: 'plugins' holds sections: put each plugin's "
		     "name on a line below it, indented, with a ':'");
	expect_words("plugins: web\n", DAEMON,
		     "t.yaml:1: 'plugins' holds sections: put each plugin's "
		     "name on a line below it, indented, with a ':'");
}

static void
must_set(struct settings *s, const char *path, const char *value)
{
	err = (struct err){0};
	int ret = settings_set(s, path, value, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(ret, 0);
}

static void
expect_not_set(struct settings *s, const char *path, const char *value,
	       const char *words)
{
	assert_int_equal(settings_set(s, path, value, &err), -1);
	assert_string_equal(err.text, words);
}

static void
test_a_command_line_comes_before_the_file(void **state)
{
	(void)state;
	struct settings *s = must_read("turn:\n  workers: 8\n"
				       "retrieval: {names: [x]}\n",
				       DAEMON);
	must_set(s, "turn.workers", "5");
	must_set(s, "turn.workers", "6");
	must_set(s, "retrieval.names", "p, q");
	must_set(s, "retrieval.title", "");
	assert_int_equal(settings_int(s, "turn.workers"), 6);
	assert_int_equal(settings_line(s, "turn.workers"), 0);
	assert_int_equal(settings_count(s, "retrieval.names"), 2);
	assert_string_equal(settings_item(s, "retrieval.names", 1), "q");
	must_set(s, "retrieval.names", "");
	assert_int_equal(settings_count(s, "retrieval.names"), 0);
	settings_free(s);
}

static void
test_what_cannot_be_set_changes_nothing(void **state)
{
	(void)state;
	struct settings *s = must_read("turn: {workers: 8}\n", SLACK);
	must_set(s, "turn.deadline", "5 s");
	expect_not_set(s, "turn.workers", "0",
		       "'turn.workers' must be from 1 to 64, not 0");
	expect_not_set(s, "turn.deadline", "5",
		       "'turn.deadline' needs a unit behind the number 5: ms, "
		       "s, min, h or d, as in '10 s'");
	expect_not_set(s, "retreival.treshold", "1",
		       "unknown setting 'retreival.treshold', did you mean "
		       "'retrieval.threshold'?");
	expect_not_set(s, "workers", "1",
		       "unknown setting 'workers', did you mean "
		       "'turn.workers'?");
	expect_not_set(s, "colour", "1", "unknown setting 'colour'");
	expect_not_set(s, "", "1", "unknown setting ''");
	expect_not_set(s, "turn", "1", "unknown setting 'turn'");
	expect_not_set(s, "retrieval.title", "\xFF",
		       "'retrieval.title' holds a byte (0xFF) that is not "
		       "UTF-8, which is not allowed");
	expect_not_set(s, "plugins.slack.paus", "1 s",
		       "unknown setting 'plugins.slack.paus', did you mean "
		       "'plugins.slack.pause'?");
	expect_not_set(s, "plugins.slack.accounts", "a",
		       "'plugins.slack.accounts' holds sections: name one of "
		       "them and its setting, as in accounts.NAME.SETTING");
	expect_not_set(s, "plugins.../x.y", "1",
		       "'plugins.' must have a name of letters, digits, '_' "
		       "and '-'");
	assert_int_equal(settings_int(s, "turn.workers"), 8);
	assert_int_equal(settings_int(s, "turn.deadline"), 5000);
	assert_null(settings_plugin_name(s, 0));
	must_set(s, "turn.workers", "9");
	assert_int_equal(settings_int(s, "turn.workers"), 9);
	settings_free(s);
}

static void
test_a_command_line_may_name_sections_of_a_table(void **state)
{
	(void)state;
	struct settings *s = must_read("plugins: {slack: }", SLACK);
	expect_not_set(s, "plugins.slack.accounts.acme.retries", "7",
		       "t.yaml: 'plugins.slack.accounts.acme.token' must be "
		       "given: The bot's token.");
	must_set(s, "plugins.slack.accounts.acme.token", "file:/x");
	must_set(s, "plugins.slack.accounts.acme.retries", "7");
	assert_int_equal(settings_count(s, "plugins.slack.accounts"), 1);
	assert_string_equal(settings_item(s, "plugins.slack.accounts", 0),
			    "acme");
	assert_int_equal(settings_int(s, "plugins.slack.accounts.acme.retries"),
			 7);
	expect_not_set(s, "plugins.slack.accounts.acme.retry", "7",
		       "unknown setting 'plugins.slack.accounts.acme.retry', "
		       "did you mean 'plugins.slack.accounts.acme.retries'?");
	expect_not_set(s, "plugins.slack.accounts.acme", "7",
		       "unknown setting 'plugins.slack.accounts.acme', did you "
		       "mean 'plugins.slack.accounts'?");
	settings_free(s);
}

static void
test_a_command_line_may_name_plugins(void **state)
{
	(void)state;
	struct settings *s = must_read("plugins: {web: }", DAEMON);
	must_set(s, "plugins.slack.pause", "any");
	must_set(s, "plugins.slack.other", "thing");
	must_set(s, "plugins.mail", "");
	must_set(s, "plugins.web.x", "1");
	assert_string_equal(settings_plugin_name(s, 0), "web");
	assert_string_equal(settings_plugin_name(s, 1), "slack");
	assert_string_equal(settings_plugin_name(s, 2), "mail");
	assert_null(settings_plugin_name(s, 3));
	assert_int_equal(settings_plugin_line(s, 1), 0);
	expect_not_set(s, "plugins.mail", "x",
		       "unknown setting 'plugins.mail'");
	settings_free(s);
}

static void
test_sections_are_compared_by_value(void **state)
{
	(void)state;
	struct settings *a = must_read("turn: {deadline: 60 s}\n"
				       "plugins: {slack: {accounts: {x: "
				       "{token: 'file:/t'}}}}\n",
				       SLACK);
	struct settings *b = must_read("turn:\n  deadline: 1 min\n"
				       "retrieval: {names: ['a, b']}\n"
				       "plugins: {slack: }\n",
				       SLACK);
	assert_true(settings_same(a, b, "turn"));
	assert_true(settings_same(a, a, "plugins.slack"));
	assert_false(settings_same(a, b, "retrieval"));
	assert_false(settings_same(a, b, "plugins.slack"));
	assert_false(settings_same(b, a, "plugins.slack"));
	must_set(b, "turn.workers", "3");
	assert_false(settings_same(a, b, "turn"));
	assert_true(settings_same(a, b, "tur"));
	settings_free(a);
	settings_free(b);
}

static void
test_a_wrong_fallback_is_told(void **state)
{
	static const struct teller_option options[] = {
		{.name = "x", .type = TELLER_INT, .fallback = "many"},
		{.name = NULL},
	};
	static const struct option_section section = {"plugins.p", "", options};
	(void)state;
	assert_null(settings_read(NULL, &section, 1, &err));
	assert_string_equal(err.text,
			    "'plugins.p.x' must be a whole number, not 'many'");
}

static void
test_a_file_that_is_not_there_is_an_error(void **state)
{
	char path[] = "/tmp/test_options.XXXXXX";
	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "turn: {workers: 7}\n", 19), 19);
	close(fd);
	struct settings *s = settings_read(path, sections, DAEMON, &err);
	assert_non_null(s);
	assert_int_equal(settings_int(s, "turn.workers"), 7);
	settings_free(s);
	unlink(path);
	assert_null(settings_read("/nonexistent.yaml", sections, DAEMON, &err));
	assert_string_equal(err.text, "/nonexistent.yaml: cannot open it: No "
				      "such file or directory");
}

static void
test_writing_stops_at_the_buffers_end(void **state)
{
	struct buf out;
	(void)state;
	struct settings *s = must_read("", DAEMON);
	buf_init(&out, 30);
	assert_int_equal(settings_write(s, &out), -1);
	buf_release(&out);
	settings_free(s);
}

/* How the process ends that asks with `ask`. */
static int
signal_of(void (*ask)(const struct settings *))
{
	struct settings *s = must_read("", DAEMON);
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		assert_non_null(freopen("/dev/null", "w", stderr));
		ask(s);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	settings_free(s);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
ask_for_a_number(const struct settings *s)
{
	settings_int(s, "turn.workers");
}

static void
ask_for_what_no_table_has(const struct settings *s)
{
	settings_int(s, "turn.wrokers");
}

static void
ask_for_another_type(const struct settings *s)
{
	settings_text(s, "turn.workers");
}

static void
test_asking_wrongly_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(signal_of(ask_for_a_number), 0);
	assert_int_equal(signal_of(ask_for_what_no_table_has), SIGABRT);
	assert_int_equal(signal_of(ask_for_another_type), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_file_there_are_fallbacks),
		cmocka_unit_test(test_a_file_says_otherwise),
		cmocka_unit_test(test_a_file_may_leave_everything_out),
		cmocka_unit_test(test_a_list_may_be_empty_or_one_text),
		cmocka_unit_test(test_an_unknown_key_names_the_nearest),
		cmocka_unit_test(
			test_a_key_in_the_wrong_place_names_the_right_one),
		cmocka_unit_test(test_a_wrong_value_names_its_line_and_key),
		cmocka_unit_test(test_tables_have_named_sections),
		cmocka_unit_test(test_wrong_tables_are_told),
		cmocka_unit_test(test_what_must_be_given_is_named),
		cmocka_unit_test(
			test_plugins_that_are_not_loaded_are_kept_aside),
		cmocka_unit_test(test_a_command_line_comes_before_the_file),
		cmocka_unit_test(test_what_cannot_be_set_changes_nothing),
		cmocka_unit_test(
			test_a_command_line_may_name_sections_of_a_table),
		cmocka_unit_test(test_a_command_line_may_name_plugins),
		cmocka_unit_test(test_sections_are_compared_by_value),
		cmocka_unit_test(test_a_wrong_fallback_is_told),
		cmocka_unit_test(test_a_file_that_is_not_there_is_an_error),
		cmocka_unit_test(test_writing_stops_at_the_buffers_end),
		cmocka_unit_test(test_asking_wrongly_ends_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
