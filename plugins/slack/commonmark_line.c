#include "commonmark_line.h"

#include <stdlib.h>
#include <string.h>

#include "commonmark_text.h"
#include "decode.h"
#include "emoji.h"
#include "mrkdwn.h"

#define MARKS "*_`"
#define NO_BREAK "\u00A0" /* a blank that is none to CommonMark */

/* Some of a line, or all of it. */
struct part {
	const char *text, *end;
	const char *line, *line_end;
	bool is_in[sizeof(MARKS)];	/* which marks it stands in */
	bool is_missing[sizeof(MARKS)]; /* which it has no end of */
	enum beside before;
};

char *
commonmark_say(struct commonmark *w, const char *text, const char *end)
{
	char *copy = strndup(text, (size_t)(end - text));
	char *said = copy ? decode_part(copy, w->self) : NULL;
	free(copy);
	w->has_failed |= !said;
	return said;
}

static bool
read_span(const struct part *part, const char *at, struct decode_span *span,
	  const char **end_r)
{
	return *at == '<' && decode_read_span(at, span, end_r) &&
	       *end_r <= part->end;
}

/* Is that what a mark may stand beside?  Blanks and signs are, letters are not;
 * of what is not ASCII some: U+00A0, quotation marks, dashes and the like. */
static bool
is_edge(const char *c, size_t len)
{
	static const char *const signs[] = {"\xC2\xA0", "\xC2\xAB", "\xC2\xBB"};
	if (len == 1)
		return commonmark_is_blank(*c) || commonmark_is_sign(*c);
	for (size_t i = 0; len == 2 && i < sizeof(signs) / sizeof(*signs); i++)
		if (memcmp(c, signs[i], 2) == 0)
			return true;
	return len == 3 && memcmp(c, "\xE2\x80", 2) == 0 &&
	       (unsigned char)c[2] >= 0x90 && (unsigned char)c[2] <= 0xA7;
}

static bool
may_open(const struct part *part, const char *at)
{
	bool is_free = at == part->line;
	if (*at == '`')
		return true;
	for (size_t n = 1; n <= 3 && n <= (size_t)(at - part->line); n++)
		is_free |= is_edge(at - n, n);
	return is_free && !commonmark_is_blank(at[1]);
}

static bool
may_close(const struct part *part, const char *at)
{
	bool is_free = at + 1 == part->line_end;
	if (*at == '`')
		return true;
	for (size_t n = 1; n <= 3 && n < (size_t)(part->line_end - at); n++)
		is_free |= is_edge(at + 1, n);
	return is_free && !commonmark_is_blank(at[-1]);
}

/* How many of that sign stand there, if it is a mark's: several are none. */
static size_t
run_of(const struct part *part, const char *at)
{
	size_t n = 1;
	while (strchr(MARKS, *at) && at + n < part->end && at[n] == *at)
		n++;
	return n;
}

static const char *
find_code_end(const struct part *part, const char *mark)
{
	size_t n = run_of(part, mark);
	for (const char *at = mark + 1; n == 1 && at < part->end; at += n) {
		n = run_of(part, at);
		if (*at == '`' && n == 1)
			return at;
	}
	return NULL;
}

/* Behind what stands there, of which links and code are one. */
static const char *
skip(const struct part *part, const char *at)
{
	struct decode_span span;
	const char *end;
	if (read_span(part, at, &span, &end))
		return end;
	end = *at == '`' ? find_code_end(part, at) : NULL;
	return end ? end + 1 : at + run_of(part, at);
}

static const char *
find_close(const struct part *part, const char *mark)
{
	if (*mark == '`')
		return find_code_end(part, mark);
	for (const char *at = mark + 1; at < part->end; at = skip(part, at))
		if (*at == *mark && run_of(part, at) == 1 &&
		    may_close(part, at))
			return at;
	return NULL;
}

static void
write_words(struct commonmark *w, struct part *part, const char *text,
	    const char *end, enum beside after)
{
	char *said = text < end ? commonmark_say(w, text, end) : NULL;
	if (!said)
		return;
	if (*text != '<')
		emoji_decode(said);
	/* A date without words, say: marks around nothing would be others. */
	bool is_nothing = *text == '<' && !said[strspn(said, " \t\r\n")];
	commonmark_add_words(w->out, is_nothing ? NO_BREAK : said, part->before,
			     after);
	part->before = BESIDE_MARK;
	free(said);
}

/* Of an address that is none for customers what it looks like. */
static void
write_span(struct commonmark *w, struct part *part,
	   const struct decode_span *span, const char *words, const char *at,
	   const char *end)
{
	char *url = commonmark_say(w, span->body, span->body + span->body_len);
	char *label = span->label
			      ? commonmark_say(w, span->label,
					       span->label + span->label_len)
			      : NULL;
	if (url && mrkdwn_is_address(url)) {
		write_words(w, part, words, at, BESIDE_LINK);
		commonmark_add_link(w->out, url, label ? label : "");
		part->before = BESIDE_MARK;
	} else {
		write_words(w, part, words, at, BESIDE_WORDS);
		if (part->before != BESIDE_END)
			part->before = BESIDE_WORDS;
		write_words(w, part, at, end, BESIDE_WORDS);
		part->before = BESIDE_WORDS;
	}
	free(label);
	free(url);
}

static void write_part(struct commonmark *, struct part *);

static void
write_marked(struct commonmark *w, struct part *part, const char *mark,
	     const char *close)
{
	struct part inner = *part;
	char *code;
	inner.text = mark + 1;
	inner.end = close;
	inner.before = BESIDE_MARK;
	inner.is_in[strchr(MARKS, *mark) - MARKS] = true;
	memset(inner.is_missing, 0, sizeof(inner.is_missing));
	part->before = BESIDE_MARK;
	if (*mark != '`') {
		fputs(*mark == '*' ? "**" : "_", w->out);
		write_part(w, &inner);
		fputs(*mark == '*' ? "**" : "_", w->out);
	} else if ((code = commonmark_say(w, inner.text, inner.end))) {
		commonmark_add_code(w->out, code);
		free(code);
	}
}

/* The end of what is marked there; NULL: nothing is.  A mark that is not closed
 * is looked for once. */
static const char *
read_mark(struct part *part, const char *at)
{
	const char *mark = strchr(MARKS, *at);
	if (!mark || part->is_in[mark - MARKS] ||
	    part->is_missing[mark - MARKS] || run_of(part, at) > 1 ||
	    !may_open(part, at))
		return NULL;
	const char *close = find_close(part, at);
	part->is_missing[mark - MARKS] = !close;
	return close;
}

static void
write_part(struct commonmark *w, struct part *part)
{
	const char *words = part->text, *end;
	struct decode_span span;
	for (const char *at = words; at < part->end; at = end) {
		const char *close = read_mark(part, at);
		end = at + run_of(part, at);
		if (close) {
			write_words(w, part, words, at, BESIDE_MARK);
			write_marked(w, part, at, close);
			words = end = close + 1;
		} else if (read_span(part, at, &span, &end)) {
			write_span(w, part, &span, words, at, end);
			words = end;
		}
	}
	write_words(w, part, words, part->end,
		    part->end == part->line_end ? BESIDE_END : BESIDE_MARK);
}

void
commonmark_add_line(struct commonmark *w, const char *text, const char *end)
{
	struct part part = {
		.text = text,
		.end = end,
		.line = text,
		.line_end = end,
		.before = BESIDE_END,
	};
	write_part(w, &part);
}
