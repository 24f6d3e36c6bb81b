#include "commonmark_text.h"

#include <string.h>

#define DIGITS "0123456789"
#define NUMBER_MAX 9 /* digits of an item's number */
#define BLANKS " \t\r\n"

bool
commonmark_is_blank(char c)
{
	return c && strchr(BLANKS, c);
}

bool
commonmark_is_sign(char c)
{
	return c > ' ' && c < 127 && !(c >= '0' && c <= '9') &&
	       !((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool
is_word(char c)
{
	return c > ' ' && c < 127 && !commonmark_is_sign(c);
}

/* ---- What begins a block */

/* Does an item's number stand there?  The number of its digits, else 0. */
static size_t
number_len(const char *text)
{
	size_t n = strspn(text, DIGITS);
	bool is_one = n > 0 && n <= NUMBER_MAX &&
		      (text[n] == '.' || text[n] == ')') &&
		      (!text[n + 1] || commonmark_is_blank(text[n + 1]));
	return is_one ? n : 0;
}

/* A line of that sign alone, as between two chapters. */
static bool
is_rule(const char *text)
{
	const char set[] = {*text, ' ', '\t', '\r', '\n', '\0'};
	return strchr("-_*=", *text) && !text[strspn(text, set)];
}

/* At which byte a line would begin a block that it is not to; -1: nowhere. */
static long
find_block(const char *text)
{
	size_t hashes = strspn(text, "#"), number = number_len(text);
	bool is_alone = *text && (!text[1] || commonmark_is_blank(text[1]));
	if (!*text)
		return -1;
	if (number > 0)
		return (long)number;
	if (is_rule(text) || *text == '>' ||
	    (is_alone && strchr("-+*", *text)) ||
	    (*text == '~' && (!text[1] || text[1] == '~')))
		return 0;
	if (hashes > 0 && hashes <= 6 &&
	    (!text[hashes] || commonmark_is_blank(text[hashes])))
		return 0;
	return -1;
}

/* ---- What means something within a line */

struct words {
	const char *text;
	enum beside before, after;
	bool is_label; /* of a link */
};

/* How many stars or underscores stand there: what is said of one is said of all
 * of them.  1 of anything else. */
static size_t
run_of(const char *text)
{
	size_t n = 1;
	while ((*text == '*' || *text == '_') && text[n] == *text)
		n++;
	return n;
}

/* The run of them that begins there: with blanks on both sides, and, of
 * underscores, within a word, they are no marks. */
static bool
is_mark(const struct words *w, size_t i)
{
	size_t end = i + run_of(w->text + i);
	char before = i > 0			? w->text[i - 1]
		      : w->before == BESIDE_END ? ' '
						: '*';
	char after = w->text[end]	      ? w->text[end]
		     : w->after == BESIDE_END ? ' '
					      : '*';
	if (commonmark_is_blank(before) && commonmark_is_blank(after))
		return false;
	return w->text[i] == '*' || !is_word(before) || !is_word(after);
}

/* The end of the words may be what others go on behind. */
static bool
goes_on(const struct words *w, size_t i)
{
	return !w->text[i] && w->after != BESIDE_END;
}

static bool
is_entity(const struct words *w, size_t i)
{
	i += 1 + (w->text[i + 1] == '#');
	while (is_word(w->text[i]))
		i++;
	return w->text[i] == ';' || goes_on(w, i);
}

/* HTML, or an address between signs, which may begin with almost anything. */
static bool
is_tag(const struct words *w, size_t i)
{
	char next = w->text[i + 1];
	return goes_on(w, i + 1) || (next && !commonmark_is_blank(next));
}

/* What a bracket before it makes a link, and what a number an item. */
static bool
is_behind(const struct words *w, size_t i)
{
	if (i > 0)
		return w->text[i - 1] == ']' && strchr("([:", w->text[i]);
	return w->before == BESIDE_WORDS && strchr("([:.)", w->text[i]);
}

static bool
is_markup(const struct words *w, size_t i)
{
	char c = w->text[i], next = w->text[i + 1];
	switch (c) {
	case '\\':
		return commonmark_is_sign(next) || goes_on(w, i + 1);
	case '`':
		return true;
	case '*':
	case '_':
		return is_mark(w, i);
	case '<':
		return is_tag(w, i);
	case '&':
		return is_entity(w, i);
	case '!':
		return !next && w->after == BESIDE_LINK;
	case '[':
	case ']':
		return w->is_label || is_behind(w, i);
	case '(':
	case ')':
	case ':':
	case '.':
		return is_behind(w, i);
	default:
		return false;
	}
}

/* No line ends there. */
static void
add_byte(FILE *out, char c)
{
	putc(strchr("\r\n", c) ? ' ' : c, out);
}

static void
add(FILE *out, const struct words *w)
{
	long block = w->before == BESIDE_END ? find_block(w->text) : -1;
	for (size_t i = 0; w->text[i];) {
		bool is_escaped = is_markup(w, i);
		for (size_t n = run_of(w->text + i); n > 0; n--, i++) {
			if ((long)i == block || is_escaped)
				putc('\\', out);
			add_byte(out, w->text[i]);
		}
	}
}

void
commonmark_add_words(FILE *out, const char *text, enum beside before,
		     enum beside after)
{
	if (before == BESIDE_END)
		text += strspn(text, BLANKS);
	add(out, &(struct words){text, before, after, false});
}

/* ---- Code */

/* Longer than any within, so that none of them ends it. */
static void
add_fence(FILE *out, const char *code, size_t n)
{
	for (const char *at = strchr(code, '`'); at; at = strchr(at, '`')) {
		size_t len = strspn(at, "`");
		if (len >= n)
			n = len + 1;
		at += len;
	}
	while (n-- > 0)
		putc('`', out);
}

void
commonmark_add_code(FILE *out, const char *code)
{
	if (!*code)
		code = " ";
	size_t len = strlen(code);
	/* One blank at each end is taken for none, if there is more. */
	bool is_padded = *code == '`' || code[len - 1] == '`' ||
			 (commonmark_is_blank(*code) &&
			  commonmark_is_blank(code[len - 1]) &&
			  strspn(code, BLANKS) < len);
	add_fence(out, code, 1);
	fputs(is_padded ? " " : "", out);
	for (size_t i = 0; i < len; i++)
		add_byte(out, code[i]);
	fputs(is_padded ? " " : "", out);
	add_fence(out, code, 1);
}

void
commonmark_add_block(FILE *out, const char *code)
{
	add_fence(out, code, 3);
	fprintf(out, "\n%s\n", code);
	add_fence(out, code, 3);
}

/* ---- Links */

static void
add_url(FILE *out, const char *url)
{
	const struct words words = {url, BESIDE_END, BESIDE_END, false};
	for (size_t i = 0; url[i]; i++) {
		if (url[i] == '&' && is_entity(&words, i))
			fputs("&amp;", out);
		else if (strchr("<>\\", url[i]) || (unsigned char)url[i] <= ' ')
			fprintf(out, "%%%02X", (unsigned char)url[i]);
		else
			putc(url[i], out);
	}
}

void
commonmark_add_link(FILE *out, const char *url, const char *label)
{
	bool has_label = label[strspn(label, BLANKS)];
	bool has_signs = strpbrk(url, "()");
	if (has_label) {
		putc('[', out);
		add(out,
		    &(struct words){label, BESIDE_MARK, BESIDE_MARK, true});
		fputs("](", out);
	}
	fputs(has_label && !has_signs ? "" : "<", out);
	add_url(out, url);
	fputs(has_label && !has_signs ? "" : ">", out);
	fputs(has_label ? ")" : "", out);
}
