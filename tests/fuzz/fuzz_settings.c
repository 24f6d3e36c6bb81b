/* Any bytes as a file of settings, and as settings of a command line: up to
 * the first 0xFF the file, then up to 10 PATH=VALUE parted by 0xFF. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/options.h"

/* clang-format off */
static const struct teller_option account_options[] = {
	{.name = "token", .type = TELLER_SECRET},
	{.name = "address", .type = TELLER_TEXT, .min = 1, .max = 20,
	 .fallback = "x"},
	{.name = "spare", .type = TELLER_SECRET, .fallback = ""},
	{.name = NULL},
};
static const struct teller_option slack_options[] = {
	{.name = "accounts", .type = TELLER_TABLE, .max = 4,
	 .fields = account_options},
	{.name = "names", .type = TELLER_LIST, .min = 1, .max = 4,
	 .fallback = "a, b"},
	{.name = "burst", .type = TELLER_DURATION, .fallback = "600 ms"},
	{.name = NULL},
};
/* clang-format on */

#define SECTIONS_MAX 32

static size_t
all_sections(struct option_section sections[SECTIONS_MAX])
{
	size_t n = 0;

	for (; conf_daemon_sections[n].name; n++)
		sections[n] = conf_daemon_sections[n];
	sections[n++] = (struct option_section){
		.name = "plugins.slack",
		.options = slack_options,
	};
	return n;
}

static char *
written(const struct settings *settings)
{
	struct buf out;

	buf_init(&out, (size_t)64 << 20);
	assert(settings_write(settings, &out) == 0);
	return buf_take(&out);
}

/* What was refused changes nothing. */
static void
set(struct settings *settings, char *text)
{
	char *value = strchr(text, '=');
	char *before = written(settings);
	struct err err = {0};

	if (value)
		*value++ = '\0';
	if (settings_set(settings, text, value ? value : "", &err) < 0) {
		char *after = written(settings);
		assert(err.text[0] && strcmp(before, after) == 0);
		free(after);
	}
	free(before);
}

static void
set_all(struct settings *settings, const uint8_t *data, size_t size)
{
	for (int i = 0; i < 10 && size > 0; i++) {
		const uint8_t *end = memchr(data, 0xFF, size);
		size_t len = end ? (size_t)(end - data) : size;
		char *text = mem_strndup((const char *)data, len);
		set(settings, text);
		free(text);
		data += len + (end != NULL);
		size -= len + (end != NULL);
	}
}

static void
check_tables(const struct settings *settings)
{
	size_t n = settings_count(settings, "plugins.slack.accounts");

	assert(n <= 4 && settings_count(settings, "plugins.slack.names") >= 1);
	for (size_t i = 0; i < n; i++) {
		struct buf buf;
		buf_init(&buf, 200);
		buf_addf(&buf, "plugins.slack.accounts.%s.token",
			 settings_item(settings, "plugins.slack.accounts", i));
		const char *token = settings_text(settings, buf_str(&buf));
		assert(strncmp(token, "file:/", 6) == 0 ||
		       strncmp(token, "credential:", 11) == 0);
		buf_release(&buf);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct option_section sections[SECTIONS_MAX];
	size_t n = all_sections(sections);
	const uint8_t *end = memchr(data, 0xFF, size);
	size_t len = end ? (size_t)(end - data) : size;
	struct err err = {0};

	struct settings *settings = settings_read_text("f", (const char *)data,
						       len, sections, n, &err);
	if (!settings) {
		assert(strncmp(err.text, "f:", 2) == 0 || err.text[0] == '\'');
		return 0;
	}
	struct settings *again = settings_read_text("f", (const char *)data,
						    len, sections, n, &err);
	for (size_t i = 0; i < n; i++)
		assert(settings_same(settings, again, sections[i].name));
	settings_free(again);
	if (end)
		set_all(settings, end + 1, size - len - 1);
	check_tables(settings);
	settings_free(settings);
	return 0;
}
