/* For tests of settings: the file that shows them all, etc/tellerd.yaml. */
#ifndef TESTS_UNIT_SHIPPED_FILE_H
#define TESTS_UNIT_SHIPPED_FILE_H

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "base/buf.h"
#include "conf/units.h"

static inline char *
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
static inline bool
is_switched_off(const char *line)
{
	size_t indent = strspn(line, " ");

	return line[indent] == '#' && line[indent + 1] >= 'a' &&
	       line[indent + 1] <= 'z';
}

static inline size_t
line_len(const char *line)
{
	return strcspn(line, "\n") + 1;
}

/* What the file says about an option's limits, behind its value. */
static inline void
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
	case TELLER_DIGESTS:
	case TELLER_ORIGINS:
		buf_addf(out, "  # %s to %s entries%s%s",
			 option->min ? units_write_int(option->min, min) : "up",
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
static inline void
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
static inline const char *
find_line(const char *text, const char *start)
{
	for (; *text; text += line_len(text))
		if (strncmp(text, start, strlen(start)) == 0)
			return text;
	return NULL;
}

/* Below the line of its section, the option stands there with its default and
 * limits, and its sentence above it. */
static inline void
expect_described(const char *text, const char *section, const char *indent,
		 const struct teller_option *option)
{
	struct buf line, prose;
	bool is_empty = option->fallback[0] == '\0';

	buf_init(&line, 1000);
	buf_init(&prose, 1000);
	buf_addf(&line, "%s#%s: %s", indent, option->name,
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

#endif
