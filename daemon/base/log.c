/* The log.  Any thread: a line is built on the caller's stack, and one write
 * keeps lines of several threads apart (none is longer than PIPE_BUF); an entry
 * of the journal is one datagram. */
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

#include "base/journal.h"
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
static struct journal journal; /* whoever sees has_journal may use it */
static atomic_bool has_journal;

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
log_to_journal(const char *path)
{
	if (atomic_exchange(&has_journal, false))
		journal_close(&journal);
	if (path && journal_open(&journal, path) == 0)
		atomic_store(&has_journal, true);
}

/* Once it is the journal it stays so: others may be logging by now. */
void
log_open(enum log_level level)
{
	atomic_store(&current_level, (int)level);
	if (!atomic_load(&has_journal) && stderr_is_journal())
		log_to_journal(JOURNAL_SOCKET);
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
add_character(struct line *line, uint32_t c, bool has_breaks)
{
	char text[16];

	if (!utf8_is_control(c) || (has_breaks && c == '\n'))
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

	if (atomic_load(&has_journal))
		n = snprintf(head, sizeof head, "<%d>", levels[level].priority);
	else
		n = snprintf(head, sizeof head, "%s %-5s ",
			     time_format(time_now_us(), now),
			     levels[level].name);
	add(line, head, (size_t)n);
}

static void
add_text(struct line *line, const char *text, size_t len, bool has_breaks)
{
	for (size_t i = 0; i < len;) {
		uint32_t c;
		i += utf8_decode(text + i, len - i, &c);
		if (!add_character(line, c, has_breaks)) {
			memcpy(line->text + line->len, CUT_MARK,
			       strlen(CUT_MARK));
			line->len += strlen(CUT_MARK);
			return;
		}
	}
}

static void
write_line(enum log_level level, const char *text, size_t len)
{
	struct line line;

	line.len = 0;
	add_head(&line, level);
	add_text(&line, text, len, false);
	line.text[line.len++] = '\n';
	/* There is nobody to tell that the log cannot be written. */
	while (write(STDERR_FILENO, line.text, line.len) < 0 && errno == EINTR)
		;
}

static void
add_number(struct journal_entry *entry, const char *name, int number)
{
	char text[16];

	snprintf(text, sizeof text, "%d", number);
	journal_add_text(entry, name, text);
}

/* false: it does not take it. */
static bool
write_entry(const struct log_place *place, enum log_level level,
	    const struct log_about *about, const char *text, size_t len)
{
	static const struct log_about nothing;
	struct journal_entry entry;
	struct line line;

	line.len = entry.len = 0;
	add_text(&line, text, len, true);
	journal_add(&entry, "MESSAGE", line.text, line.len);
	add_number(&entry, "PRIORITY", levels[level].priority);
	journal_add_text(&entry, "SYSLOG_IDENTIFIER",
			 program_invocation_short_name);
	journal_add_text(&entry, "CODE_FILE", place->file);
	add_number(&entry, "CODE_LINE", place->line);
	journal_add_text(&entry, "CODE_FUNC", place->function);
	about = about ? about : &nothing;
	journal_add_text(&entry, "TELLERD_CONVERSATION", about->conversation);
	journal_add_text(&entry, "TELLERD_CHANNEL", about->channel);
	journal_add_text(&entry, "TELLERD_PLUGIN", about->plugin);
	journal_add_text(&entry, "REQUEST_ID", about->request);
	return journal_send(&journal, &entry) == 0;
}

void
log_at(const struct log_place *place, enum log_level level,
       const struct log_about *about, const char *fmt, ...)
{
	int saved_errno = errno;
	char text[LINE_SIZE];
	va_list args;

	/* A level that a plugin made up is above them all. */
	if ((unsigned)level > (unsigned)atomic_load(&current_level))
		return;
	va_start(args, fmt);
	int n = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (n < 0)
		n = 0;
	/* A longer text is as long as a line here, and is cut for its head. */
	size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
	if (!atomic_load(&has_journal) ||
	    !write_entry(place, level, about, text, len))
		write_line(level, text, len);
	errno = saved_errno;
}
