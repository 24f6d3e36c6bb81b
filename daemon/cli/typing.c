#include "cli/typing.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES (64 * 1024)
#define BLOCK 4096
#define COLUMNS_DEFAULT 80

enum { KEY_WORD = 'W' - '@', KEY_LINE = 'U' - '@', KEY_END = 'D' - '@' };
enum { KEY_BACK = '\b', KEY_ESCAPE = 0x1b, KEY_DELETE = 0x7f };
enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_ONE_MORE, ESCAPE_MANY };

/* ---- The terminal's own way with a line, which is given back however we end
 */

static struct termios terminal_was, terminal_is;
static const int fatal_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void
on_fatal(int number)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal_was);
	signal(number, SIG_DFL);
	raise(number);
}

/* Stopped by its user, who wants his terminal meanwhile. */
static void
on_stop(int number)
{
	int errno_was = errno;
	(void)number;
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal_was);
	raise(SIGSTOP);
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal_is);
	errno = errno_was;
}

static void
catch_signals(void (*fatal)(int), void (*stop)(int))
{
	size_t n = sizeof(fatal_signals) / sizeof(*fatal_signals);
	struct sigaction action = {.sa_handler = fatal};
	for (size_t i = 0; i < n; i++)
		sigaction(fatal_signals[i], &action, NULL);
	action.sa_handler = stop;
	sigaction(SIGTSTP, &action, NULL);
}

static bool
take_terminal(void)
{
	const char *name = getenv("TERM");
	if (!name || strcmp(name, "dumb") == 0 || !isatty(STDIN_FILENO) ||
	    !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &terminal_was))
		return false;
	terminal_is = terminal_was;
	terminal_is.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	terminal_is.c_cc[VMIN] = 1;
	terminal_is.c_cc[VTIME] = 0;
	catch_signals(on_fatal, on_stop);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &terminal_is) == 0)
		return true;
	catch_signals(SIG_DFL, SIG_DFL);
	return false;
}

void
typing_begin(struct typing *typing, const char *prompt)
{
	*typing = (struct typing){.prompt = prompt};
	buf_init(&typing->line, LINE_MAX_BYTES);
	buf_init(&typing->text, LINE_MAX_BYTES + BLOCK);
	typing->is_terminal = take_terminal();
}

void
typing_end(struct typing *typing)
{
	typing_hide(typing);
	if (typing->is_terminal) {
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal_was);
		catch_signals(SIG_DFL, SIG_DFL);
	}
	buf_release(&typing->line);
	buf_release(&typing->text);
}

/* ---- Drawing */

/* How wide a character is at most. */
static size_t
width_of(uint32_t c)
{
	return c < 0x1100 ? 1 : 2;
}

/* Where the end of the line begins that has room in one row. */
static size_t
cut_for(const struct typing *typing)
{
	struct winsize window;
	bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0;
	size_t columns =
		is_known && window.ws_col ? window.ws_col : COLUMNS_DEFAULT;
	size_t used = strlen(typing->prompt) + 1, total = used;
	const char *text = buf_str(&typing->line);
	size_t len = typing->line.len, at = 0;
	uint32_t c;
	for (size_t i = 0; i < len; total += width_of(c))
		i += utf8_decode(text + i, len - i, &c);
	while (at < len && total > columns) {
		at += utf8_decode(text + at, len - at, &c);
		total -= width_of(c);
	}
	return at;
}

static void
draw_from(struct typing *typing, size_t at)
{
	fprintf(stdout, "\r%s%s\033[K", typing->prompt,
		buf_str(&typing->line) + at);
	fflush(stdout);
}

static void
show(struct typing *typing)
{
	if (!typing->is_terminal || typing->is_over)
		return;
	draw_from(typing, cut_for(typing));
	typing->is_shown = true;
}

void
typing_hide(struct typing *typing)
{
	if (!typing->is_shown)
		return;
	fputs("\r\033[K", stdout);
	fflush(stdout);
	typing->is_shown = false;
}

/* ---- Keys */

static void
cut_character(struct buf *line)
{
	while (line->len && (line->data[line->len - 1] & 0xc0) == 0x80)
		buf_cut(line, line->len - 1);
	if (line->len)
		buf_cut(line, line->len - 1);
}

static void
cut_word(struct buf *line)
{
	while (line->len && line->data[line->len - 1] == ' ')
		buf_cut(line, line->len - 1);
	while (line->len && line->data[line->len - 1] != ' ')
		cut_character(line);
}

/* It stays on the screen, whole. */
static void
end_line(struct typing *typing)
{
	draw_from(typing, 0);
	fputs("\n", stdout);
	fflush(stdout);
	typing->is_shown = false;
	buf_add(&typing->text, buf_str(&typing->line), typing->line.len);
	buf_addc(&typing->text, '\n');
	buf_clear(&typing->line);
}

/* Is it part of an arrow or the like?  Those do nothing. */
static bool
is_escaped(struct typing *typing, unsigned char key)
{
	switch (typing->escape) {
	case ESCAPE_NONE:
		typing->escape = key == KEY_ESCAPE ? ESCAPE_BEGUN : ESCAPE_NONE;
		return key == KEY_ESCAPE;
	case ESCAPE_BEGUN:
		typing->escape = key == '['   ? ESCAPE_MANY
				 : key == 'O' ? ESCAPE_ONE_MORE
					      : ESCAPE_NONE;
		return true;
	case ESCAPE_MANY:
		if (key >= '@' && key <= '~')
			typing->escape = ESCAPE_NONE;
		return true;
	default:
		typing->escape = ESCAPE_NONE;
		return true;
	}
}

static void
press(struct typing *typing, unsigned char key)
{
	struct buf *line = &typing->line;
	if (is_escaped(typing, key))
		return;
	if (key == '\n' || key == '\r')
		end_line(typing);
	else if (key == KEY_DELETE || key == KEY_BACK)
		cut_character(line);
	else if (key == KEY_WORD)
		cut_word(line);
	else if (key == KEY_LINE)
		buf_clear(line);
	else if (key == KEY_END)
		typing->is_over |= line->len == 0;
	else if (key >= ' ' && line->len + 1 < line->max)
		buf_addc(line, (char)key);
}

/* ---- Reading */

static const char *
end_of_first(const struct typing *typing)
{
	const struct buf *text = &typing->text;
	return text->len ? memchr(text->data, '\n', text->len) : NULL;
}

char *
typing_next(struct typing *typing)
{
	const char *begin = typing->text.data;
	const char *end = end_of_first(typing);
	if (!end)
		return NULL;
	size_t len = (size_t)(end - begin);
	bool has_cr = len && begin[len - 1] == '\r';
	char *line = mem_strndup(begin, len - has_cr);
	struct buf rest;
	buf_init(&rest, typing->text.max);
	buf_add(&rest, end + 1, typing->text.len - len - 1);
	buf_release(&typing->text);
	typing->text = rest;
	return line;
}

static int
take_in(struct typing *typing, const char *block, size_t n, struct err *err)
{
	for (size_t i = 0; typing->is_terminal && i < n; i++)
		press(typing, (unsigned char)block[i]);
	if (!typing->is_terminal)
		buf_add(&typing->text, block, n);
	bool is_long =
		typing->text.len > LINE_MAX_BYTES && !end_of_first(typing);
	if (typing->text.failed || is_long)
		return err_set(err, "a line is longer than %d bytes",
			       LINE_MAX_BYTES);
	return 0;
}

static int
read_more(struct typing *typing, struct err *err)
{
	char block[BLOCK];
	ssize_t n = read(STDIN_FILENO, block, sizeof(block));
	if (n < 0)
		return errno == EINTR ? 0 : err_errno(err, "standard input");
	if (n)
		return take_in(typing, block, (size_t)n, err);
	size_t len = typing->text.len;
	if (len && typing->text.data[len - 1] != '\n')
		buf_addc(&typing->text, '\n');
	typing->is_over = true;
	return 0;
}

int
typing_wait(struct typing *typing, int ms, struct err *err)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	if (end_of_first(typing))
		return 0;
	show(typing);
	int n = poll(&fd, !typing->is_over, ms);
	if (n < 0 && errno != EINTR)
		return err_errno(err, "poll");
	return n > 0 ? read_more(typing, err) : 0;
}
