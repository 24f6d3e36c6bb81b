/* Numbers and tokens beside the words that make them secrets.  Any thread:
 * nothing is kept but in struct secrets. */
#include <string.h>

#include "text/redact-glyph.h"
#include "text/redact-number.h"
#include "text/redact-secret.h"
#include "text/redact-token.h"
#include "text/redact-words.h"

/* Whether the number that begins at i is of money or of a telephone, or goes
 * on what stands before it: a date, a time, a decimal fraction. */
static bool
goes_on(const struct secrets *secrets, const char *text, size_t i)
{
	if (secrets->last & WORD_UNIT)
		return true;
	struct glyph glyph = glyph_before(text, &i);
	if (glyph.class == GLYPH_CURRENCY || glyph.plain == '+')
		return true;
	return glyph.plain && strchr(".,/:-'", glyph.plain) &&
	       glyph_before(text, &i).class == GLYPH_DIGIT;
}

enum end {
	END_PLAIN, /* nothing more, or punctuation */
	END_WORD,  /* a word that says nothing */
	END_OTHER, /* a unit, or more of the number */
};

/* What the word at i says of the number before it. */
static enum end
end_at_word(const char *text, size_t len, size_t i)
{
	struct word word;

	word_read(text, len, i, &word);
	if (word.flags & WORD_UNIT)
		return END_OTHER;
	return word.flags & (WORD_BETWEEN | WORD_BLOCK) ? END_PLAIN : END_WORD;
}

/* The same for a mark, which must say no less than what it stands for did. */
static enum end
end_at_mark(enum redact_kind kind)
{
	return kind == REDACT_CODE || kind == REDACT_PASSWORD ? END_OTHER
							      : END_WORD;
}

/* Whether more of a number follows the visible character before i, directly
 * behind the number: 1234.50, 12:30, 2024-05-12. */
static bool
is_inside(const char *text, size_t len, size_t i, char c)
{
	if (!c || !strchr(".,:/-", c) || i >= len)
		return false;
	return glyph_read(text + i, len - i).class == GLYPH_DIGIT ||
	       redact_mark_length(text + i, len - i, NULL) > 0;
}

/* What stands behind a number that ends at i. */
static enum end
end_of(const char *text, size_t len, size_t i)
{
	bool is_direct = true;
	enum redact_kind kind;

	for (; i < len; is_direct = false) {
		struct glyph glyph = glyph_read(text + i, len - i);
		if (glyph.class == GLYPH_CURRENCY || glyph.plain == '%')
			return END_OTHER;
		if (redact_mark_length(text + i, len - i, &kind) > 0)
			return is_direct ? END_OTHER : end_at_mark(kind);
		if (glyph.class == GLYPH_LETTER)
			return is_direct ? END_OTHER
					 : end_at_word(text, len, i);
		i += glyph.len;
		if (glyph.class != GLYPH_SPACE &&
		    glyph.class != GLYPH_INVISIBLE)
			return is_direct && is_inside(text, len, i, glyph.plain)
				       ? END_OTHER
				       : END_PLAIN;
	}
	return END_PLAIN;
}

/* How many groups may be one secret that begins with the first: "482 913" is
 * one, as is "1 2 3 4". */
static size_t
groups_alike(const struct number *number, uint32_t key)
{
	size_t each = number->groups[0].n, n = 1;

	if (each >= 4 && key == WORD_PIN)
		return 1;
	while (n < number->n_groups && number->groups[n].n == each &&
	       !number->groups[n - 1].is_loose)
		n++;
	return n;
}

/* How many groups the secret has, the most that fit and end; 0: there is none.
 */
static size_t
groups_of_secret(const struct secrets *secrets, const char *text, size_t len,
		 const struct number *number)
{
	size_t each = number->groups[0].n;

	for (size_t n = groups_alike(number, secrets->key); n > 0; n--) {
		if (!secret_fits(secrets->key, n * each))
			continue;
		enum end end = end_of(text, len, number->groups[n - 1].end);
		if (end == END_PLAIN || (end == END_WORD && !secrets->is_ended))
			return n;
	}
	return 0;
}

static bool
take_number(const struct secrets *secrets, const char *text, size_t len,
	    const struct number *number, struct secret *found)
{
	bool is_linked = secrets->is_wide && secrets->link == LINK_STRONG;

	if (number->n_groups == 0 || !(secrets->is_near || is_linked) ||
	    (secrets->key == WORD_BACK && secrets->link != LINK_STRONG) ||
	    secrets->key == WORD_PASSWORD ||
	    goes_on(secrets, text, number->groups[0].start))
		return false;
	size_t n = groups_of_secret(secrets, text, len, number);
	if (n == 0)
		return false;
	*found = (struct secret){
		secret_kind(secrets->key, n * number->groups[0].n),
		number->groups[0].start, number->groups[n - 1].end};
	return true;
}

/* The CVV behind a card, maybe behind the expiry date too.  Four digits may be
 * that date; only behind a whole one they are a CVV. */
static bool
take_cvv(struct secrets *secrets, const char *text, size_t len,
	 const struct number *number, struct secret *found)
{
	const struct digit_group *group = &number->groups[0];
	size_t n = number->n_groups > 0 ? group->n : SIZE_MAX;
	bool has_expiry = secrets->expiry_digits > 0;
	bool is_cvv = n == 3 || (n == 4 && secrets->expiry_digits >= 3);

	if (is_cvv && !(n == 4 && goes_on(secrets, text, group->start))) {
		enum end end = end_of(text, len, group->end);
		if (end == END_PLAIN || (end == END_WORD && has_expiry)) {
			*found = (struct secret){REDACT_CVV, group->start,
						 group->end};
			return true;
		}
	}
	if (n == 3 || n > 4)
		secrets->is_behind_card = false;
	else
		secrets->expiry_digits += n;
	return false;
}

bool
secrets_number(struct secrets *secrets, const char *text, size_t len,
	       const struct number *number, struct secret *found)
{
	/* The 2 of "CVV2" belongs to the word. */
	if (secrets->key && number->groups[0].start == secrets->key_end &&
	    number->n_groups > 0 && number->groups[0].n < 3)
		return false;
	if (secrets->key && take_number(secrets, text, len, number, found))
		return true;
	if (secrets->is_behind_card &&
	    take_cvv(secrets, text, len, number, found))
		return true;
	secrets->is_candidate = false;
	secrets_pass(secrets, 0);
	secrets->before_last = secrets->last;
	secrets->last = 0;
	return false;
}

/* "my password is expired", "... is not working" */
static bool
is_participle(const char *text, const struct text_token *token)
{
	const char *end = text + token->end;

	return token->n > 4 && (memcmp(end - 2, "ed", 2) == 0 ||
				memcmp(end - 3, "ing", 3) == 0);
}

static bool
is_password(const struct secrets *secrets, const char *text,
	    const struct text_token *token)
{
	bool is_told = secrets->is_near && secrets->link == LINK_STRONG;

	if (secrets->is_ended || token->n == 0)
		return false;
	if (token->is_quoted)
		return true;
	if (token->is_secret) {
		bool is_direct = secrets->key_words == 0 || secrets->link;
		return is_told || (!token->is_address &&
				   (is_direct || token->n_digits > 0));
	}
	if (token->is_word || token->is_compound)
		return is_told && token->flags == 0 &&
		       !is_participle(text, token);
	return is_told && token->n_digits >= 3;
}

bool
secrets_token(struct secrets *secrets, const char *text, size_t len, size_t i,
	      struct secret *found)
{
	bool is_told = secrets->link == LINK_STRONG;
	struct text_token token;

	if (!(secrets->key & (WORD_ALL_CODES | WORD_PASSWORD)) ||
	    !(secrets->is_near || (secrets->is_wide && is_told)))
		return false;
	bool may_quote = secrets->key == WORD_PASSWORD && secrets->is_near &&
			 !secrets->is_ended;
	token_read(text, len, i, may_quote, &token);
	if (secrets->key == WORD_PASSWORD) {
		if (!is_password(secrets, text, &token))
			return false;
	} else if (!is_told || !secrets->is_near || !token.is_code) {
		return false;
	}
	*found = (struct secret){secret_kind(secrets->key, token.n),
				 token.start, token.end};
	return true;
}
