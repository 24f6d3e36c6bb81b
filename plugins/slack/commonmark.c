#include "commonmark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commonmark_line.h"
#include "commonmark_text.h"

#define FENCE "```"
#define QUOTE "&gt;"
#define LEVELS_MAX 8 /* of lists within lists */
#define INDENT 4     /* Slack's, of each */
#define NUMBER_MAX 9 /* digits */

enum line { LINE_BLANK, LINE_TEXT, LINE_ITEM, LINE_QUOTE };

struct level {
	size_t column; /* at which what an item says begins */
	long number;   /* of the next item; 0: there are bullets */
};

struct writer {
	struct commonmark to;
	enum line last;
	bool has_text;			 /* that the next line is parted from */
	bool is_quoting;		 /* up to the end */
	struct level levels[LEVELS_MAX]; /* of the list that is open */
	size_t n_levels;
};

/* ---- Lines */

static size_t
blanks_of(const char *text, const char *end)
{
	size_t n = 0;
	while (text + n < end && commonmark_is_blank(text[n]))
		n++;
	return n;
}

/* Part it from what stands before: a line's end between two is no blank, and
 * what follows a list or a quote is no more of it. */
static void
begin_line(struct writer *w, enum line line)
{
	bool is_same = line == w->last;
	if (is_same && (line == LINE_TEXT || line == LINE_QUOTE))
		fputs("  ", w->to.out);
	if (line == LINE_TEXT && w->last != line && w->last != LINE_BLANK)
		putc('\n', w->to.out);
	if (w->has_text)
		putc('\n', w->to.out);
	w->has_text = true;
	w->last = line;
	if (line == LINE_TEXT || line == LINE_QUOTE)
		w->n_levels = 0;
}

static void
write_line(struct writer *w, const char *text, const char *end)
{
	commonmark_add_line(&w->to, text + blanks_of(text, end), end);
}

static void
write_quote(struct writer *w, const char *text, const char *end)
{
	begin_line(w, LINE_QUOTE);
	fputs(blanks_of(text, end) < (size_t)(end - text) ? "> " : ">",
	      w->to.out);
	write_line(w, text, end);
}

/* The length of what begins an item, with the blank behind it; *number_r: 0
 * without one.  0: it is none. */
static size_t
read_bullet(const char *text, const char *end, long *number_r)
{
	static const char *const bullets[] = {"\u2022 ", "\u25E6 ", "\u25AA ",
					      "\u25AA\uFE0E "};
	size_t len = strspn(text, "0123456789");
	*number_r = 0;
	for (size_t i = 0; i < sizeof(bullets) / sizeof(*bullets); i++) {
		size_t n = strlen(bullets[i]);
		if (strncmp(text, bullets[i], n) == 0 &&
		    n + blanks_of(text + n, end) < (size_t)(end - text))
			return n;
	}
	if (len == 0 || len > NUMBER_MAX || *text == '0' ||
	    strncmp(text + len, ". ", 2) != 0)
		return 0;
	len += 2;
	*number_r = strtol(text, NULL, 10);
	return len + blanks_of(text + len, end) < (size_t)(end - text) ? len
								       : 0;
}

/* Numbers are counted anew by who reads them: what does not count on is text,
 * "24. December" above all. */
static bool
write_item(struct writer *w, const char *text, const char *end)
{
	size_t indent = blanks_of(text, end), depth = indent / INDENT;
	long number;
	size_t len = read_bullet(text + indent, end, &number);
	if (depth > w->n_levels)
		depth = w->n_levels;
	if (len == 0 || depth >= LEVELS_MAX)
		return false;
	struct level *level = &w->levels[depth];
	bool is_counted = depth < w->n_levels && level->number > 0;
	if (number > 0 && number != (is_counted ? level->number : 1))
		return false;
	size_t column = depth > 0 ? level[-1].column : 0;
	begin_line(w, LINE_ITEM);
	int n = number > 0 ? fprintf(w->to.out, "%*s%ld. ", (int)column, "",
				     number)
			   : fprintf(w->to.out, "%*s- ", (int)column, "");
	*level = (struct level){.column = n > 0 ? (size_t)n : column,
				.number = number > 0 ? number + 1 : 0};
	w->n_levels = depth + 1;
	write_line(w, text + indent + len, end);
	return true;
}

static void
write_any_line(struct writer *w, const char *text, const char *end)
{
	bool is_blank = blanks_of(text, end) == (size_t)(end - text);
	size_t quote = strlen(QUOTE);
	if (strncmp(text, QUOTE QUOTE QUOTE, 3 * quote) == 0) {
		w->is_quoting = true;
		write_quote(w, text + 3 * quote, end);
	} else if (w->is_quoting) {
		write_quote(w, text, end);
	} else if (strncmp(text, QUOTE, quote) == 0) {
		write_quote(w, text + quote, end);
	} else if (is_blank) {
		begin_line(w, LINE_BLANK);
		fwrite(text, 1, (size_t)(end - text), w->to.out);
	} else if (!write_item(w, text, end)) {
		begin_line(w, LINE_TEXT);
		write_line(w, text, end);
	}
}

static void
write_lines(struct writer *w, const char *text, const char *end)
{
	while (text <= end) {
		const char *next = memchr(text, '\n', (size_t)(end - text));
		write_any_line(w, text, next ? next : end);
		text = (next ? next : end) + 1;
	}
}

/* ---- The whole */

/* Code of lines of its own, wherever it begins.  NULL: there is none. */
static const char *
find_block(const char *text, const char **end_r)
{
	size_t fence = strlen(FENCE);
	const char *start = strstr(text, FENCE);
	*end_r = start ? strstr(start + fence, FENCE) : NULL;
	return *end_r && *end_r > start + fence ? start : NULL;
}

static void
write_block(struct writer *w, const char *text, const char *end)
{
	begin_line(w, LINE_BLANK);
	w->n_levels = 0;
	text += *text == '\n';
	end -= end > text && end[-1] == '\n';
	char *code = commonmark_say(&w->to, text, end);
	if (code)
		commonmark_add_block(w->to.out, code);
	free(code);
}

static void
write_text(struct writer *w, const char *text)
{
	size_t fence = strlen(FENCE);
	const char *start, *end;
	for (; (start = find_block(text, &end)); text = end + fence) {
		bool is_there = start > text && start[-1] == '\n';
		text += w->has_text && *text == '\n';
		if (start > text)
			write_lines(w, text, start - is_there);
		write_block(w, start + fence, end);
	}
	text += w->has_text && *text == '\n';
	if (*text)
		write_lines(w, text, text + strlen(text));
}

char *
commonmark_of_mrkdwn(const char *mrkdwn, const struct decode_self *self)
{
	char *text = NULL;
	size_t len;
	struct writer w = {.to = {.self = self}};
	w.to.out = open_memstream(&text, &len);
	if (!w.to.out)
		return NULL;
	write_text(&w, mrkdwn);
	if (fclose(w.to.out) == 0 && !w.to.has_failed)
		return text;
	free(text);
	return NULL;
}
