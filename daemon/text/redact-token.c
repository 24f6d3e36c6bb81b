/* Any thread: nothing is kept. */
#include "text/redact-token.h"

#include <string.h>

#include "text/redact-glyph.h"
#include "text/redact-words.h"
#include "text/redact.h"

static bool
is_blank(struct glyph glyph)
{
	return glyph.class == GLYPH_SPACE || glyph.class == GLYPH_NEWLINE;
}

static bool
is_one_of(struct glyph glyph, const char *marks)
{
	return glyph.plain && strchr(marks, glyph.plain);
}

static bool
is_quote_mark(struct glyph glyph)
{
	return glyph.class == GLYPH_QUOTE && !is_one_of(glyph, "()[]");
}

/* What stands around a token and is not of it: quotes, and the marks of
 * emphasis, placeholders and tables. */
static bool
is_edge(struct glyph glyph)
{
	return glyph.class == GLYPH_QUOTE || glyph.class == GLYPH_INVISIBLE ||
	       is_one_of(glyph, "*_<>|");
}

static bool
is_mark_at(const char *text, size_t len, size_t i)
{
	return redact_mark_length(text + i, len - i, NULL) > 0;
}

/* Whether a letter, or a mark, stands at i: an apostrophe before it closes
 * nothing. */
static bool
is_letter_at(const char *text, size_t len, size_t i)
{
	return i < len &&
	       (glyph_read(text + i, len - i).class == GLYPH_LETTER ||
		is_mark_at(text, len, i));
}

/* The end of what is quoted from start on, if the quote is closed on the same
 * line within reach; else 0. */
static size_t
quoted_end(const char *text, size_t len, size_t start)
{
	size_t n = 0;

	for (size_t i = start; i < len && n < TOKEN_MAX;) {
		struct glyph glyph = glyph_read(text + i, len - i);
		if (glyph.class == GLYPH_NEWLINE || is_mark_at(text, len, i))
			break;
		if (is_quote_mark(glyph) &&
		    (glyph.plain != '\'' ||
		     !is_letter_at(text, len, i + glyph.len)))
			return i;
		n += glyph.class != GLYPH_INVISIBLE;
		i += glyph.len;
	}
	return 0;
}

/* The end of the token, at a blank or a long dash; behind what belongs to it,
 * which is all but punctuation at its end.  One that a mark is glued to was
 * longer once, nobody knows what: it ends where it starts. */
static size_t
bare_end(const char *text, size_t len, struct text_token *token)
{
	size_t end = token->start, n = 0;

	for (size_t i = end; i < len && !token->is_cut;) {
		struct glyph glyph = glyph_read(text + i, len - i);
		if (is_mark_at(text, len, i))
			return token->start;
		if (is_blank(glyph) ||
		    (glyph.class == GLYPH_JOINER && glyph.len > 1))
			break;
		if (is_one_of(glyph, ".,;:!?")) {
			token->is_ended = true;
		} else if (!is_edge(glyph)) {
			end = i + glyph.len;
			token->is_ended = false;
		}
		n += glyph.class != GLYPH_INVISIBLE;
		token->is_cut = n == TOKEN_MAX;
		i += glyph.len;
	}
	return end;
}

/* What counts in a token, character by character. */
struct counts {
	size_t symbols, joiners, upper, lower;
	bool has_at, has_dot_behind_at, has_slashes;
	char last;
};

static void
count(struct text_token *token, struct counts *counts, struct glyph glyph,
      char raw)
{
	counts->has_slashes |= raw == '/' && counts->last == '/';
	counts->last = raw;
	token->n++;
	switch (glyph.class) {
	case GLYPH_DIGIT:
		token->n_digits++;
		return;
	case GLYPH_LETTER:
		token->n_letters++;
		counts->upper += raw >= 'A' && raw <= 'Z';
		counts->lower += raw < 'A' || raw > 'Z';
		return;
	case GLYPH_JOINER:
		counts->has_dot_behind_at |= counts->has_at && raw == '.';
		counts->joiners += strchr("-./", raw) != NULL;
		counts->symbols += strchr("_*", raw) != NULL;
		return;
	default:
		counts->has_at |= raw == '@';
		counts->joiners += raw == ',';
		counts->symbols += raw && strchr("!#$%^&+=~?@<>{}|\\", raw);
		return;
	}
}

static void
judge(struct text_token *token, const struct counts *counts)
{
	size_t n_others = token->n - token->n_letters;

	token->is_word = token->n_letters > 0 && n_others == 0;
	token->is_compound = token->n_letters > 0 && !token->is_word &&
			     n_others == counts->joiners;
	token->is_address = (counts->has_at && counts->has_dot_behind_at) ||
			    counts->has_slashes;
	token->is_secret =
		token->n >= 4 &&
		((token->n_digits > 0 && token->n_letters > 0) ||
		 (counts->symbols > 0 &&
		  token->n_digits + token->n_letters > 2) ||
		 (token->n_digits >= 4 && token->n_digits == token->n));
	token->is_code = token->n >= 5 && token->n <= 12 &&
			 token->n_digits > 0 && counts->upper > 0 &&
			 counts->lower == 0 && counts->symbols == 0;
}

void
token_read(const char *text, size_t len, size_t i, bool may_quote,
	   struct text_token *token)
{
	struct glyph glyph = glyph_read(text + i, len - i);
	struct counts counts = {0};
	struct word word = {0};

	*token = (struct text_token){.start = i};
	if (may_quote && is_quote_mark(glyph)) {
		token->end = quoted_end(text, len, i + glyph.len);
		token->is_quoted = token->end > i + glyph.len;
	}
	while (!token->is_quoted && token->start < len) {
		glyph = glyph_read(text + token->start, len - token->start);
		if (!is_edge(glyph) ||
		    redact_mark_length(text + token->start, len - token->start,
				       NULL) > 0)
			break;
		token->start += glyph.len;
	}
	if (token->is_quoted)
		token->start += glyph.len;
	else
		token->end = bare_end(text, len, token);
	if (token->start >= token->end)
		return;
	for (i = token->start; i < token->end; i += glyph.len) {
		glyph = glyph_read(text + i, token->end - i);
		if (glyph.class != GLYPH_INVISIBLE)
			count(token, &counts, glyph,
			      (unsigned char)text[i] < 0x80 ? text[i] : 0);
	}
	judge(token, &counts);
	glyph = glyph_read(text + token->start, token->end - token->start);
	if (glyph.class == GLYPH_LETTER) {
		word_read(text, token->end, token->start, &word);
		token->flags = word.flags;
	}
}
