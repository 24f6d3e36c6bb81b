/* The daemon's own settings, and the file that shows them: etc/tellerd.yaml. */
#include "shipped_file.h"

#include "base/err.h"
#include "conf/options.h"
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
			expect_described(text, section, "  ", o);
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
				  "desk.keep_hours: true\n"
				  "desk.lease: 30 min\n"
				  "desk.pack: banking\n"
				  "desk.packs_dir: \"\"\n"
				  "desk.people: false\n"
				  "generator.deadline: 20 s\n"
				  "generator.kv_memory: 64 MiB\n"
				  "generator.kv_type: int8\n"
				  "generator.lookup: 2\n"
				  "generator.max_tokens: 160\n"
				  "generator.mode: off\n"
				  "generator.model: \"\"\n"
				  "generator.parallel: 4\n"
				  "generator.queue: 8\n"
				  "generator.shared: 50\n"
				  "generator.step: 128\n"
				  "generator.threads: 0\n"
				  "generator.weights: int8\n"
				  "http.answer_timeout: 1 min\n"
				  "http.body_timeout: 30 s\n"
				  "http.client_header: x-forwarded-for\n"
				  "http.head_timeout: 10 s\n"
				  "http.hosts:\n"
				  "http.hsts: 0 ms\n"
				  "http.idle_timeout: 30 s\n"
				  "http.listen: 127.0.0.1:8080\n"
				  "http.max_body: 64 KiB\n"
				  "http.max_connections: 10000\n"
				  "http.max_per_address: 1000\n"
				  "http.max_streams_per_address: 100\n"
				  "http.proxies:\n"
				  "http.rate_loopback: true\n"
				  "http.rate_per_address: 3000\n"
				  "http.rate_per_token: 600\n"
				  "http.rate_total: 0\n"
				  "http.stream_max: 1 h\n"
				  "http.tls_certificate: \"\"\n"
				  "http.tls_key: \"\"\n"
				  "knowledge.four_eyes: false\n"
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
