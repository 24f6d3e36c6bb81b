/* The daemon's own settings, and the file that shows them: etc/tellerd.yaml. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/options.h"
#include "conf/units.h"
#include "conf/yaml.h"

static struct err err;

static size_t
count_sections(void)
{
	size_t n = 0;

	while (conf_daemon_sections[n].name)
		n++;
	return n;
}

static struct settings *
fallbacks(void)
{
	struct settings *s = settings_read(NULL, conf_daemon_sections,
					   count_sections(), &err);
	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static char *
read_shipped_file(void)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	struct buf text;

	snprintf(path, sizeof path, "%s/etc/tellerd.yaml", top ? top : ".");
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	buf_init(&text, (size_t)1 << 20);
	for (int c; (c = getc(file)) != EOF;)
		buf_addc(&text, (char)c);
	fclose(file);
	assert_false(text.failed);
	return buf_take(&text);
}

/* "# workers: 2" is prose; "#workers: 2" is a setting that is switched off. */
static bool
is_switched_off(const char *line)
{
	size_t indent = strspn(line, " ");

	return line[indent] == '#' && line[indent + 1] >= 'a' &&
	       line[indent + 1] <= 'z';
}

static size_t
line_len(const char *line)
{
	return strcspn(line, "\n") + 1;
}

static char *
switch_all_on(const char *text)
{
	struct buf out;

	buf_init(&out, (size_t)1 << 20);
	for (; *text; text += line_len(text)) {
		size_t indent = strspn(text, " ");
		if (is_switched_off(text))
			buf_addf(&out, "%.*s%.*s", (int)indent, text,
				 (int)(line_len(text) - indent - 1),
				 text + indent + 1);
		else
			buf_add(&out, text, line_len(text));
	}
	return buf_take(&out);
}

static char *
written(const struct settings *settings)
{
	struct buf out;

	buf_init(&out, (size_t)1 << 20);
	assert_int_equal(settings_write(settings, &out), 0);
	return buf_take(&out);
}

static void
expect_fallbacks(const char *text)
{
	struct settings *s = settings_read_text(
		"tellerd.yaml", text, strlen(text), conf_daemon_sections,
		count_sections(), &err);
	struct settings *expected = fallbacks();

	if (!s)
		fail_msg("%s", err.text);
	char *is = written(s), *should = written(expected);
	assert_string_equal(is, should);
	assert_string_equal(settings_plugin_name(s, 0), "web");
	assert_null(settings_plugin_name(s, 1));
	free(is);
	free(should);
	settings_free(s);
	settings_free(expected);
}

static void
test_the_shipped_file_gives_the_fallbacks(void **state)
{
	(void)state;
	char *text = read_shipped_file();
	expect_fallbacks(text);
	free(text);
}

static void
test_the_shipped_file_with_all_settings_on_gives_them_too(void **state)
{
	(void)state;
	char *text = read_shipped_file();
	char *all = switch_all_on(text);
	assert_true(strlen(all) < strlen(text));
	expect_fallbacks(all);
	free(all);
	free(text);
}

/* What the file says about an option's limits, behind its value. */
static void
add_limits(struct buf *out, const struct teller_option *option)
{
	char min[UNITS_TEXT_SIZE], max[UNITS_TEXT_SIZE];
	const char *unit = option->unit ? option->unit : "";

	switch (option->type) {
	case TELLER_INT:
	case TELLER_REAL:
		buf_addf(out, "  # %s to %s%s%s",
			 units_write_int(option->min, min),
			 units_write_int(option->max, max), unit[0] ? " " : "",
			 unit);
		break;
	case TELLER_DURATION:
		buf_addf(out, "  # %s to %s",
			 units_write_duration(option->min, min),
			 units_write_duration(option->max, max));
		break;
	case TELLER_SIZE:
		buf_addf(out, "  # %s to %s",
			 units_write_size(option->min, min),
			 units_write_size(option->max, max));
		break;
	case TELLER_LIST:
		buf_addf(out, "  # up to %s entries%s%s",
			 units_write_int(option->max, max),
			 unit[0] ? ", each " : "", unit);
		break;
	case TELLER_CHOICE:
		buf_addf(out, "  # one of: %s", option->choices);
		break;
	default:
		break;
	}
}

/* The prose above a line of the file, as one line. */
static void
add_prose(struct buf *out, const char *text, const char *line)
{
	const char *start = line;

	while (start > text) {
		const char *above = start - 1;
		while (above > text && above[-1] != '\n')
			above--;
		size_t indent = strspn(above, " ");
		if (above[indent] != '#' || is_switched_off(above))
			break;
		start = above;
	}
	while (start < line) {
		size_t skipped = strspn(start, " #");
		buf_addf(out, "%s%.*s", out->len ? " " : "",
			 (int)(line_len(start) - skipped - 1), start + skipped);
		start += line_len(start);
	}
}

/* The line of the file that begins with start; NULL: none. */
static const char *
find_line(const char *text, const char *start)
{
	for (; *text; text += line_len(text))
		if (strncmp(text, start, strlen(start)) == 0)
			return text;
	return NULL;
}

static void
expect_described(const char *text, const char *section,
		 const struct teller_option *option)
{
	struct buf line, prose;
	bool is_empty = option->fallback[0] == '\0';

	buf_init(&line, 1000);
	buf_init(&prose, 1000);
	buf_addf(&line, "  #%s: %s", option->name,
		 is_empty ? "\"\"" : option->fallback);
	add_limits(&line, option);
	buf_adds(&line, "\n");
	const char *at = find_line(section, buf_str(&line));
	if (!at)
		fail_msg("etc/tellerd.yaml lacks '%s'", buf_str(&line));
	add_prose(&prose, text, at);
	assert_string_equal(buf_str(&prose), option->help);
	buf_release(&line);
	buf_release(&prose);
}

static void
test_the_shipped_file_describes_every_setting(void **state)
{
	(void)state;
	char *text = read_shipped_file();
	for (size_t i = 0; i < count_sections(); i++) {
		const struct option_section *s = &conf_daemon_sections[i];
		char name[100];
		struct buf prose;
		snprintf(name, sizeof name, "%s:\n", s->name);
		const char *section = find_line(text, name);
		if (!section)
			fail_msg("etc/tellerd.yaml lacks '%s:'", s->name);
		buf_init(&prose, 1000);
		add_prose(&prose, text, section);
		assert_string_equal(buf_str(&prose), s->help);
		buf_release(&prose);
		for (const struct teller_option *o = s->options; o->name; o++)
			expect_described(text, section, o);
	}
	free(text);
}

static void
test_lines_of_the_shipped_file_are_short(void **state)
{
	(void)state;
	char *text = read_shipped_file();
	for (const char *line = text; *line; line += line_len(line)) {
		assert_true(line_len(line) <= 80);
		assert_null(memchr(line, '\t', line_len(line)));
	}
	free(text);
}

static void
test_every_setting_says_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_sections(); i++) {
		const struct option_section *s = &conf_daemon_sections[i];
		assert_int_equal(s->help[strlen(s->help) - 1], '.');
		for (const struct teller_option *o = s->options; o->name; o++) {
			assert_int_equal(o->help[strlen(o->help) - 1], '.');
			assert_non_null(o->fallback);
			assert_int_equal(
				strspn(o->name, "abcdefghijklmnopqrstuvwxyz_"),
				strlen(o->name));
		}
	}
}

static void
test_the_fallbacks_are_what_the_daemon_expects(void **state)
{
	(void)state;
	struct settings *s = fallbacks();
	char *text = written(s);
	assert_string_equal(text, "admin.group: \"\"\n"
				  "daemon.plugin_dir: \"\"\n"
				  "daemon.state_dir: /var/lib/tellerd\n"
				  "desk.claim: 3 min\n"
				  "desk.pack: banking\n"
				  "desk.packs_dir: \"\"\n"
				  "http.answer_timeout: 1 min\n"
				  "http.body_timeout: 30 s\n"
				  "http.head_timeout: 10 s\n"
				  "http.hosts:\n"
				  "http.idle_timeout: 30 s\n"
				  "http.listen: 127.0.0.1:8080\n"
				  "http.max_body: 64 KiB\n"
				  "http.max_connections: 10000\n"
				  "http.max_per_address: 1000\n"
				  "http.max_streams_per_address: 100\n"
				  "http.stream_max: 1 h\n"
				  "log.level: info\n"
				  "log.turns: true\n"
				  "retrieval.candidates: 5\n"
				  "retrieval.floor: 0.25\n"
				  "retrieval.threshold: 0.6\n"
				  "store.min_free: 64 MiB\n"
				  "store.queue: 10000\n"
				  "store.wal_limit: 64 MiB\n"
				  "turn.crashes: 5\n"
				  "turn.max_chars: 8000\n"
				  "turn.restarts: 3\n"
				  "turn.workers: 2\n");
	free(text);
	settings_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_shipped_file_gives_the_fallbacks),
		cmocka_unit_test(
			test_the_shipped_file_with_all_settings_on_gives_them_too),
		cmocka_unit_test(test_the_shipped_file_describes_every_setting),
		cmocka_unit_test(test_lines_of_the_shipped_file_are_short),
		cmocka_unit_test(test_every_setting_says_what_it_is),
		cmocka_unit_test(
			test_the_fallbacks_are_what_the_daemon_expects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
