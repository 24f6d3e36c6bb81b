/* The one pass of redaction.  It goes from character to character; a number is
 * tried as an IBAN, as a card and as a secret that the words before it
 * announced, in this order, a word as a part of such announcements.  After each
 * find all that was read before is forgotten, and a mark that was in the text
 * already is treated as a find: therefore redacting twice is redacting once.
 *
 * A number that only looks like a card becomes "[card bad ...]" when a word
 * says that a card is meant, or when it is grouped as on cards and an issuer
 * has such numbers: forms can then tell the customer that he mistyped it.
 * Otherwise a number whose check digit is wrong is an order number or the like,
 * and stays. An IBAN with wrong check digits becomes "[iban bad ...]" when it
 * has the form that its country prescribes.
 *
 * Any thread: nothing is kept. */
#include "text/redact.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "text/card.h"
#include "text/redact-glyph.h"
#include "text/redact-iban.h"
#include "text/redact-number.h"
#include "text/redact-secret.h"
#include "text/redact-words.h"

#define TRACK_BYTES_MAX 128

struct redaction {
	const char *text;
	size_t len, i;
	size_t before; /* of text: is only read */
	size_t copied; /* of text, to out, or only read */
	struct buf *out;
	unsigned int found;
	struct secrets secrets;
	struct token_place place;
	bool is_in_token;
	bool is_expecting; /* ":" or "=" was the last visible character */
	/* The last word and its last two letters, which may be the country
	 * of an IBAN; 0: there is none. */
	size_t word_start, word_end, word_tail;
};

static void
copy_to(struct redaction *redaction, size_t end)
{
	if (end > redaction->copied)
		utf8_repair(redaction->out, redaction->text + redaction->copied,
			    end - redaction->copied);
	redaction->copied = end;
}

/* Forget what was read: the text goes on at i behind a mark. */
static void
start_anew(struct redaction *redaction, size_t i)
{
	redaction->secrets = (struct secrets){0};
	redaction->place = (struct token_place){.start = i};
	redaction->is_in_token = redaction->is_expecting = false;
	redaction->word_end = 0;
	redaction->i = i;
}

static void
mark(struct redaction *redaction, enum redact_kind kind, size_t start,
     size_t end)
{
	if (end <= redaction->before)
		return;
	copy_to(redaction, start);
	buf_addf(redaction->out, "[%s]", redact_kind_name(kind));
	redaction->copied = end;
	redaction->found |= 1u << kind;
}

static void
mark_checked(struct redaction *redaction, enum redact_kind kind, bool is_ok,
	     const char last[4], size_t start, size_t end)
{
	start_anew(redaction, end);
	if (end <= redaction->before)
		return;
	copy_to(redaction, start);
	buf_addf(redaction->out, "[%s %s ...%.4s]", redact_kind_name(kind),
		 is_ok ? "ok" : "bad", last);
	redaction->copied = end;
	redaction->found |= 1u << kind;
}

/* A secret of which the text goes on at its end. */
static void
mark_secret(struct redaction *redaction, const struct secret *secret)
{
	mark(redaction, secret->kind, secret->start, secret->end);
	start_anew(redaction, secret->end);
}

static bool
take_mark(struct redaction *redaction)
{
	enum redact_kind kind;
	size_t n = redact_mark_length(redaction->text + redaction->i,
				      redaction->len - redaction->i, &kind);

	if (n == 0)
		return false;
	start_anew(redaction, redaction->i + n);
	if (kind == REDACT_CARD)
		secrets_card(&redaction->secrets);
	return true;
}

static bool
take_token(struct redaction *redaction)
{
	struct secret found;

	if (!secrets_token(&redaction->secrets, redaction->text, redaction->len,
			   redaction->i, &found))
		return false;
	mark_secret(redaction, &found);
	return true;
}

/* ---- Numbers */

/* Whether the last word can end with the country of an IBAN: it is that, or
 * that is glued to a word for it ("IBANDE89"). */
static bool
has_country(const struct redaction *redaction)
{
	size_t start = redaction->word_start, tail = redaction->word_tail;
	struct word word;

	if (redaction->word_end == 0 || start == tail)
		return redaction->word_end != 0;
	word_read(redaction->text, tail, start, &word);
	return word.flags & WORD_IBAN;
}

/* An IBAN whose country is the last word and whose digits begin here, directly
 * or behind one blank. */
static bool
take_iban(struct redaction *redaction)
{
	const char *text = redaction->text;
	size_t i =
		glyph_skip_invisible(text, redaction->len, redaction->word_end);
	struct found_iban found;

	if (!has_country(redaction))
		return false;
	if (i < redaction->i) {
		struct glyph glyph = glyph_read(text + i, redaction->len - i);
		if (glyph.class != GLYPH_SPACE && glyph.class != GLYPH_JOINER)
			return false;
		i = glyph_skip_invisible(text, redaction->len, i + glyph.len);
	}
	if (i != redaction->i ||
	    !iban_find(text, redaction->len, redaction->word_tail,
		       redaction->secrets.noun == WORD_IBAN ||
			       redaction->word_start != redaction->word_tail,
		       &found))
		return false;
	mark_checked(redaction, REDACT_IBAN, found.is_ok, found.last,
		     redaction->word_tail, found.end);
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether what seems a card goes on a telephone number's "+", a fraction's
 * "0.", or a number with more groups of the same kind. */
static bool
is_continued(const struct redaction *redaction, const struct number *number,
	     const struct number_card *card)
{
	const char *text = redaction->text;
	size_t i = redaction->i;
	bool has_marked = redaction->copied > redaction->before;
	size_t known = has_marked ? i - redaction->copied : i;

	/* What became a mark tells no more. */
	if (known > 0 && text[i - 1] == '+')
		return card->n <= 15;
	if (known < 2 || !is_digit(text[i - 2]))
		return false;
	if (text[i - 1] == '.' || text[i - 1] == ',')
		return text[i - 2] == '0' &&
		       (known == 2 || !is_digit(text[i - 3]));
	return card->n_groups > 1 && text[i - 1] != ' ' &&
	       text[i - 1] == number->groups[0].joiner;
}

/* The end of what a magnetic stripe holds behind the card number that ends at
 * end: a name and dates behind '^', or digits behind '=', up to a '?'. */
static size_t
track_end(const struct redaction *redaction, size_t end)
{
	const char *text = redaction->text;
	size_t max = redaction->len, i = end;

	if (end >= max || (text[end] != '^' && text[end] != '='))
		return end;
	if (max - end > TRACK_BYTES_MAX)
		max = end + TRACK_BYTES_MAX;
	const char *last = memchr(text + end, '?', max - end);
	if (last && !memchr(text + end, '\n', (size_t)(last - text) - end))
		return (size_t)(last - text) + 1;
	while (i < max && (unsigned char)text[i] > ' ' && text[i] != '[')
		i++;
	return i;
}

static bool
take_card(struct redaction *redaction, const struct number *number)
{
	uint32_t noun = redaction->secrets.noun;
	struct number_card card;

	if (number->n < CARD_DIGITS_MIN ||
	    !number_find_card(number, noun == WORD_CARD, noun == WORD_OTHER,
			      &card) ||
	    is_continued(redaction, number, &card))
		return false;
	mark_checked(redaction, REDACT_CARD, card.is_ok,
		     number->digits + card.n - 4, number->groups[0].start,
		     track_end(redaction, card.end));
	secrets_card(&redaction->secrets);
	return true;
}

/* Take the number at i, a token's first characters if is_token. */
static void
take_number(struct redaction *redaction, const struct number *number,
	    bool is_token)
{
	struct secret found;

	if (take_iban(redaction) || take_card(redaction, number) ||
	    (is_token && take_token(redaction)))
		return;
	if (secrets_number(&redaction->secrets, redaction->text, redaction->len,
			   number, &found))
		mark_secret(redaction, &found);
	else
		redaction->i = number->groups[0].end;
}

/* ---- Words and what parts them */

/* An IBAN that begins at i and is spelt letter by letter: "D E 8 9 3 7".  The
 * check digits must be right, as nothing else tells it. */
static bool
take_spelled_iban(struct redaction *redaction)
{
	size_t start = redaction->i;
	struct found_iban found;

	if (start + 4 > redaction->len || redaction->text[start + 1] != ' ' ||
	    redaction->text[start + 3] != ' ' ||
	    !iban_find(redaction->text, redaction->len, start, true, &found) ||
	    !found.is_ok)
		return false;
	mark_checked(redaction, REDACT_IBAN, true, found.last, start,
		     found.end);
	return true;
}

static void
take_word(struct redaction *redaction)
{
	size_t start = redaction->i;
	struct number number;
	struct secret found;
	struct word word;

	word_read(redaction->text, redaction->len, start, &word);
	if (word.end == start + 1 && take_spelled_iban(redaction))
		return;
	word_read_spelled(redaction->text, redaction->len, start, &word);
	if (word.flags & WORD_DIGIT) {
		number_read(redaction->text, redaction->len, start, &number);
		if (number.n >= 3) {
			secrets_spoken(&redaction->secrets, &number);
			take_number(redaction, &number, false);
			return;
		}
	}
	if (secrets_word(&redaction->secrets, redaction->text, redaction->len,
			 &word, start, &redaction->place, &found) &&
	    found.start >= redaction->copied)
		mark(redaction, found.kind, found.start, found.end);
	redaction->i = word.end;
	redaction->word_end = word.last[0] ? word.end : 0;
	redaction->word_start = start;
	redaction->word_tail = word.tail;
}

static bool
is_before_blank(const struct redaction *redaction, size_t i)
{
	i = glyph_skip_invisible(redaction->text, redaction->len, i);
	if (i >= redaction->len)
		return true;
	struct glyph glyph =
		glyph_read(redaction->text + i, redaction->len - i);
	return glyph.class == GLYPH_SPACE || glyph.class == GLYPH_NEWLINE;
}

static void
take_punctuation(struct redaction *redaction, struct glyph glyph)
{
	size_t end = redaction->i + glyph.len;
	char c = glyph.class == GLYPH_NEWLINE ? '\n' : glyph.plain;

	redaction->is_expecting = c == ':' || c == '=';
	if (c != '.' || is_before_blank(redaction, end))
		secrets_mark(&redaction->secrets, redaction->text,
			     redaction->len, c, redaction->i,
			     &redaction->place);
	redaction->i = end;
}

/* Keep track of the tokens that blanks part. */
static void
track_token(struct redaction *redaction, struct glyph glyph)
{
	struct token_place *place = &redaction->place;
	bool is_blank =
		glyph.class == GLYPH_SPACE || glyph.class == GLYPH_NEWLINE;

	if (glyph.class == GLYPH_INVISIBLE ||
	    is_blank != redaction->is_in_token)
		return;
	if (is_blank) {
		place->before = place->start;
		place->before_end = redaction->i;
	} else {
		place->start = redaction->i;
	}
	redaction->is_in_token = !is_blank;
}

static void
take_next(struct redaction *redaction)
{
	struct glyph glyph = glyph_read(redaction->text + redaction->i,
					redaction->len - redaction->i);
	bool was_in_token = redaction->is_in_token;
	struct number number;

	track_token(redaction, glyph);
	if (glyph.class == GLYPH_SPACE || glyph.class == GLYPH_INVISIBLE) {
		redaction->i += glyph.len;
		return;
	}
	if (glyph.plain == '[' && take_mark(redaction))
		return;
	bool is_token = redaction->secrets.key &&
			glyph.class != GLYPH_NEWLINE &&
			(!was_in_token || redaction->is_expecting);
	redaction->is_expecting = false;
	if (glyph.class == GLYPH_DIGIT) {
		number_read(redaction->text, redaction->len, redaction->i,
			    &number);
		take_number(redaction, &number, is_token);
		return;
	}
	if (is_token && take_token(redaction))
		return;
	if (glyph.class == GLYPH_LETTER)
		take_word(redaction);
	else
		take_punctuation(redaction, glyph);
}

int
text_redact(struct buf *out, const char *text, size_t len,
	    unsigned int *found_r)
{
	return text_redact_behind(out, text, len, 0, found_r);
}

int
text_redact_behind(struct buf *out, const char *text, size_t len, size_t before,
		   unsigned int *found_r)
{
	struct redaction redaction = {.text = text,
				      .len = len,
				      .before = before,
				      .copied = before,
				      .out = out};
	size_t start = out->len;

	while (redaction.i < len)
		take_next(&redaction);
	copy_to(&redaction, len);
	if (out->failed) {
		buf_cut(out, start);
		return -1;
	}
	*found_r = redaction.found;
	return 0;
}
