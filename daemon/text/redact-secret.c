/* Any thread: nothing is kept but in struct secrets. */
#include "text/redact-secret.h"

#include <string.h>

#include "text/redact-glyph.h"
#include "text/redact-number.h"
#include "text/redact-token.h"
#include "text/redact-words.h"

#define WORDS_NEAR 7  /* between a keyword and its secret: fillers */
#define WORDS_WIDE 10 /* ... any, if "is" stands before the secret */
#define WORDS_NOUN 6  /* between "card" and its number */

bool
secret_fits(uint32_t key, size_t n)
{
	switch (key) {
	case WORD_PIN:
	case WORD_CODE:
	case WORD_OTP:
		return n >= 4 && n <= 8;
	case WORD_CVV:
		return n == 3 || n == 4;
	case WORD_BACK:
		return n == 3;
	case WORD_SECURITY:
		return n >= 3 && n <= 8;
	default:
		return key == WORD_PASSWORD && n >= 4;
	}
}

enum redact_kind
secret_kind(uint32_t key, size_t n)
{
	switch (key) {
	case WORD_PIN:
		return REDACT_PIN;
	case WORD_CVV:
	case WORD_BACK:
		return REDACT_CVV;
	case WORD_SECURITY:
		return n == 3 || n == 4 ? REDACT_CVV : REDACT_CODE;
	case WORD_PASSWORD:
		return REDACT_PASSWORD;
	default:
		return REDACT_CODE;
	}
}

/* ---- Keywords */

/* The meaning of the word at i behind blanks; 0: none stands there. */
static uint32_t
next_flags(const char *text, size_t len, size_t i)
{
	struct word word;

	while (i < len) {
		struct glyph glyph = glyph_read(text + i, len - i);
		if (glyph.class == GLYPH_LETTER) {
			word_read(text, len, i, &word);
			return word.flags;
		}
		if (glyph.class != GLYPH_SPACE &&
		    glyph.class != GLYPH_INVISIBLE && glyph.plain != '-')
			return 0;
		i += glyph.len;
	}
	return 0;
}

/* What "code" means here; 0: nothing secret. */
static uint32_t
code_key(const struct secrets *secrets, const char *text, size_t len,
	 const struct word *word)
{
	if ((secrets->last & WORD_BEFORE_CODE) ||
	    (next_flags(text, len, word->end) & WORD_AFTER_CODE))
		return 0;
	if (secrets->last & (WORD_SAFE | WORD_CARD))
		return WORD_SECURITY;
	return secrets->last & WORD_STRONG ? WORD_OTP : WORD_CODE;
}

/* Whether "pass", which ends at i, is a password: "pass: ...", "my pass is
 * ...", "pass Xy12"; not "bus pass", "pass me on". */
static bool
is_password_ahead(const struct secrets *secrets, const char *text, size_t len,
		  size_t i)
{
	struct text_token token;

	if (secrets->last & WORD_BEFORE_CODE)
		return false;
	if (next_flags(text, len, i) & WORD_LINK)
		return true;
	while ((i = glyph_skip_invisible(text, len, i)) < len) {
		struct glyph glyph = glyph_read(text + i, len - i);
		if (glyph.plain == ':' || glyph.plain == '=')
			return true;
		if (glyph.class != GLYPH_SPACE)
			break;
		i += glyph.len;
	}
	if (i >= len)
		return false;
	token_read(text, len, i, false, &token);
	return token.is_secret && token.n_letters > 0 && !token.is_address;
}

/* The keyword that the word is where it stands; 0: none. */
static uint32_t
key_of(const struct secrets *secrets, const char *text, size_t len,
       const struct word *word)
{
	uint32_t flags = word->flags, key = flags & WORD_KEYS;

	if (key == WORD_CODE)
		return code_key(secrets, text, len, word);
	/* "on the back", or "digits on back". */
	if (key == WORD_BACK)
		return (secrets->last & WORD_BETWEEN) ||
				       (secrets->before_last & WORD_FILLER)
			       ? key
			       : 0;
	if (flags & WORD_PASS)
		return is_password_ahead(secrets, text, len, word->end)
			       ? WORD_PASSWORD
			       : 0;
	/* "pass word", "memorable word", "security answer". */
	if ((flags & WORD_WORD) &&
	    (secrets->last & (WORD_PASS | WORD_MEMORABLE | WORD_SAFE)))
		return WORD_PASSWORD;
	if (key == WORD_PASSWORD && (secrets->last & WORD_ONCE))
		return WORD_OTP;
	if (flags & WORD_PASSE)
		return secrets->before_last & WORD_MOT ? WORD_PASSWORD : 0;
	/* "card verification number", "code de securite". */
	if ((flags & WORD_STRONG) && (secrets->last & WORD_CARD) &&
	    (next_flags(text, len, word->end) & (WORD_FILLER | WORD_CODE)))
		return WORD_SECURITY;
	if ((flags & WORD_SAFE) && secrets->key == WORD_CODE &&
	    secrets->key_words <= 2)
		return WORD_SECURITY;
	return key;
}

static void
open_key(struct secrets *secrets, uint32_t key, size_t end)
{
	secrets->key = key;
	secrets->key_end = end;
	secrets->key_words = 0;
	secrets->link = LINK_NONE;
	secrets->is_near = secrets->is_wide = true;
	secrets->is_ended = false;
	secrets->noun = 0;
}

void
secrets_pass(struct secrets *secrets, uint32_t flags)
{
	if (secrets->key == 0)
		return;
	secrets->key_words++;
	if (!(flags & WORD_BETWEEN) || (flags & WORD_BLOCK) ||
	    secrets->key_words > WORDS_NEAR)
		secrets->is_near = false;
	if (flags & (WORD_BLOCK | WORD_OTHER) && !(flags & WORD_FILLER))
		secrets->is_wide = false;
	secrets->link = flags & WORD_LINK ? LINK_STRONG
			: flags & WORD_TO ? LINK_WEAK
					  : LINK_NONE;
	if ((!secrets->is_near && !secrets->is_wide) || secrets->is_ended ||
	    secrets->key_words > WORDS_WIDE)
		secrets->key = 0;
}

static void
pass_noun(struct secrets *secrets, uint32_t flags)
{
	uint32_t noun = flags & (WORD_CARD | WORD_IBAN | WORD_OTHER);

	if (noun && !(flags & WORD_KEYS)) {
		secrets->noun = noun;
		secrets->noun_words = 0;
	} else if (!(flags & (WORD_BETWEEN | WORD_CODE)) ||
		   ++secrets->noun_words > WORDS_NOUN) {
		secrets->noun = 0;
	}
}

/* ---- "1234 is my PIN" */

static void
start_spoken(struct secrets *secrets)
{
	secrets->is_candidate = secrets->is_candidate_secret = true;
	secrets->is_candidate_code = secrets->is_candidate_mine = false;
	secrets->candidate_digits = secrets->spoken_digits;
	secrets->candidate.start = secrets->spoken_start;
	secrets->candidate.end = secrets->spoken_end;
	secrets->candidate_words = 0;
}

void
secrets_spoken(struct secrets *secrets, const struct number *number)
{
	size_t start = number->groups[0].start;

	/* A number that is no secret is read again from its second group on. */
	if (start < secrets->spoken_end)
		return;
	secrets->spoken_start = start;
	secrets->spoken_end = number->groups[number->n_groups - 1].end;
	secrets->spoken_digits = number->n;
}

/* Take the token before the one that begins here for one that "is my PIN" may
 * follow; false: it is none. */
static bool
start_candidate(struct secrets *secrets, const char *text, size_t len,
		const struct token_place *place)
{
	struct text_token token;

	if (place->before >= place->before_end)
		return false;
	if (secrets->spoken_digits > 0 &&
	    secrets->spoken_end == place->before_end) {
		start_spoken(secrets);
		return true;
	}
	token_read(text, place->before_end, place->before, true, &token);
	if (token.is_ended || token.is_cut || token.start >= token.end ||
	    token.is_address)
		return false;
	/* Quotes must be around the whole of it. */
	if (token.is_quoted &&
	    token.end + glyph_read(text + token.end, len - token.end).len !=
		    place->before_end)
		return false;
	size_t n_digits = token.n_digits == token.n ? token.n_digits : 0;
	bool is_secret =
		token.is_secret ||
		(token.is_quoted && token.n_digits + token.n_letters > 0);
	if (!is_secret && n_digits < 3)
		return false;
	secrets->is_candidate = true;
	secrets->is_candidate_secret = is_secret;
	secrets->is_candidate_code = token.is_code;
	secrets->candidate_digits = n_digits;
	secrets->candidate.start = token.start;
	secrets->candidate.end = token.end;
	secrets->is_candidate_mine = false;
	secrets->candidate_words = 0;
	return true;
}

static bool
take_candidate(struct secrets *secrets, uint32_t key, struct secret *found)
{
	bool is_fitting = secret_fits(key, secrets->candidate_digits);

	if (key == WORD_PASSWORD)
		is_fitting = secrets->is_candidate_secret;
	else if (key & WORD_ALL_CODES)
		is_fitting |= secrets->is_candidate_code;
	if (key == WORD_BACK ||
	    (key == WORD_CODE && !secrets->is_candidate_mine))
		is_fitting = false;
	if (!secrets->is_candidate || !is_fitting)
		return false;
	*found = secrets->candidate;
	found->kind = secret_kind(key, secrets->candidate_digits);
	return true;
}

static void
pass_candidate(struct secrets *secrets, const char *text, size_t len,
	       uint32_t flags, size_t start, const struct token_place *place)
{
	if (flags & (WORD_LINK | WORD_TO) && place->start == start &&
	    start_candidate(secrets, text, len, place))
		return;
	secrets->is_candidate_mine |= (flags & WORD_MINE) != 0;
	if (!(flags & (WORD_BETWEEN | WORD_STRONG | WORD_SAFE)) ||
	    ++secrets->candidate_words > WORDS_NEAR)
		secrets->is_candidate = false;
}

/* ---- What comes, in turn */

static void
pass_card(struct secrets *secrets, uint32_t flags)
{
	if (!(flags & (WORD_EXPIRY | WORD_BETWEEN | WORD_KEYS | WORD_SAFE |
		       WORD_BLOCK)))
		secrets->is_behind_card = false;
}

bool
secrets_word(struct secrets *secrets, const char *text, size_t len,
	     const struct word *word, size_t start,
	     const struct token_place *place, struct secret *found)
{
	uint32_t flags = word->flags;
	uint32_t key = key_of(secrets, text, len, word);
	bool is_found = false;

	/* "PIN code", "CVV code": the first says more. */
	if (key == WORD_CODE && secrets->key && secrets->key_words <= 1)
		key = 0;
	if (key) {
		uint32_t last = secrets->last;
		is_found = take_candidate(secrets, key, found);
		if (is_found)
			*secrets = (struct secrets){.last = last};
		secrets->is_candidate = false;
		open_key(secrets, key, word->end);
	} else {
		pass_candidate(secrets, text, len, flags, start, place);
		secrets_pass(secrets, flags);
	}
	pass_card(secrets, flags);
	pass_noun(secrets, flags);
	secrets->before_last = secrets->last;
	secrets->last = flags;
	return is_found;
}

void
secrets_mark(struct secrets *secrets, const char *text, size_t len, char c,
	     size_t i, const struct token_place *place)
{
	bool is_direct = secrets->key_words == 0;

	if ((c == '=' || c == '(') && place->start == i)
		start_candidate(secrets, text, len, place);
	else if (c && strchr(".,;!?:\n", c))
		secrets->is_candidate = false;
	if (c == ':' || c == '=' || c == '>') {
		secrets->link = LINK_STRONG;
	} else if (c == ',') {
		secrets->is_wide = false;
		if (secrets->key == WORD_CODE)
			secrets->key = 0;
	} else if (c && strchr(".!?;", c)) {
		secrets->is_ended = is_direct;
		secrets->is_behind_card = false;
		if (!is_direct)
			secrets->key = 0;
	} else if (c == '\n' && !is_direct && !secrets->link) {
		secrets->key = 0;
	}
}

void
secrets_card(struct secrets *secrets)
{
	*secrets = (struct secrets){.is_behind_card = true};
}
