/* The log.  Any thread: a line is built on the caller's stack, and one write
 * keeps lines of several threads apart (none is longer than PIPE_BUF). */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "base/utf8.h"

#define LINE_SIZE 4096
#define CUT_MARK "..."

static const struct {
	const char *name;
	int priority; /* of syslog(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", 3},
	[LOG_LEVEL_WARN] = {"warn", 4},
	[LOG_LEVEL_INFO] = {"info", 6},
	[LOG_LEVEL_DEBUG] = {"debug", 7},
};
#define N_LEVELS (sizeof levels / sizeof *levels)

static atomic_int current_level = LOG_LEVEL_INFO;
static atomic_bool is_journal;

/* Whether JOURNAL_STREAM, "device:inode", is what stderr goes to: it stays in
 * the environment when someone redirects us. */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

void
log_open(enum log_level level)
{
	atomic_store(&current_level, (int)level);
	atomic_store(&is_journal, stderr_is_journal());
}

bool
log_level_by_name(const char *name, enum log_level *level_r)
{
	for (size_t i = 0; i < N_LEVELS; i++) {
		if (strcmp(name, levels[i].name) != 0)
			continue;
		*level_r = (enum log_level)i;
		return true;
	}
	return false;
}

struct line {
	char text[LINE_SIZE];
	size_t len;
};

/* Add it whole and leave room for the mark and the line's end, or nothing. */
static bool
add(struct line *line, const char *bytes, size_t len)
{
	if (len > sizeof line->text - sizeof CUT_MARK - line->len)
		return false;
	memcpy(line->text + line->len, bytes, len);
	line->len += len;
	return true;
}

static bool
add_character(struct line *line, uint32_t c)
{
	char text[16];

	if (!utf8_is_control(c))
		return add(line, text, utf8_encode(c, text));
	int n;
	if (c == '\n')
		n = snprintf(text, sizeof text, "\\n");
	else if (c == '\t')
		n = snprintf(text, sizeof text, "\\t");
	else
		n = snprintf(text, sizeof text,
			     c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
	return add(line, text, (size_t)n);
}

static void
add_head(struct line *line, enum log_level level)
{
	char head[64], now[TIME_TEXT_SIZE];
	int n;

	if (atomic_load(&is_journal))
		n = snprintf(head, sizeof head, "<%d>", levels[level].priority);
	else
		n = snprintf(head, sizeof head, "%s %-5s ",
			     time_format(time_now_us(), now),
			     levels[level].name);
	add(line, head, (size_t)n);
}

static void
add_text(struct line *line, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t c;
		i += utf8_decode(text + i, len - i, &c);
		if (!add_character(line, c)) {
			memcpy(line->text + line->len, CUT_MARK,
			       strlen(CUT_MARK));
			line->len += strlen(CUT_MARK);
			return;
		}
	}
}

static void
write_line(enum log_level level, const char *fmt, va_list args)
{
	int saved_errno = errno;
	char text[LINE_SIZE];
	struct line line;

	/* A level that a plugin made up is above them all. */
	if ((unsigned)level > (unsigned)atomic_load(&current_level))
		return;
	line.len = 0;
	add_head(&line, level);
	int n = vsnprintf(text, sizeof text, fmt, args);
	if (n < 0)
		n = 0;
	/* A longer text is as long as a line here, and is cut for its head. */
	size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
	add_text(&line, text, len);
	line.text[line.len++] = '\n';
	/* There is nobody to tell that the log cannot be written. */
	while (write(STDERR_FILENO, line.text, line.len) < 0 && errno == EINTR)
		;
	errno = saved_errno;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(level, fmt, args);
	va_end(args);
}

void
log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_LEVEL_ERROR, fmt, args);
	va_end(args);
}

void
log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_LEVEL_WARN, fmt, args);
	va_end(args);
}

void
log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_LEVEL_INFO, fmt, args);
	va_end(args);
}

void
log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_LEVEL_DEBUG, fmt, args);
	va_end(args);
}
