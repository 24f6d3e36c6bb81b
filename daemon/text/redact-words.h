/* The words by which redaction knows secrets, in English, German, French and
 * Spanish. */
#ifndef TEXT_REDACT_WORDS_H
#define TEXT_REDACT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a word means to redaction; several may be true of one. */
enum word_flag {
	/* Keywords of secrets. */
	WORD_PIN = 1 << 0,
	WORD_CVV = 1 << 1,
	WORD_BACK = 1 << 2,	/* "the three digits on the back" */
	WORD_CODE = 1 << 3,	/* needs care: "code of conduct" */
	WORD_SECURITY = 1 << 4, /* a CVV or a one-time code, by its length */
	WORD_OTP = 1 << 5,
	WORD_ALL_CODES = WORD_CODE | WORD_SECURITY | WORD_OTP,
	WORD_PASSWORD = 1 << 6,
	WORD_KEYS = (1 << 7) - 1,
	/* What the number that follows is of. */
	WORD_CARD = 1 << 7,
	WORD_IBAN = 1 << 8,
	WORD_OTHER = 1 << 9, /* order, invoice, telephone, balance */
	/* What may stand between a keyword and its secret. */
	WORD_LINK = 1 << 10, /* is, ist, est, es */
	WORD_TO = 1 << 11,   /* changed to, use ... as */
	WORD_MINE = 1 << 12,
	WORD_FILLER = 1 << 13,
	WORD_BETWEEN = WORD_LINK | WORD_TO | WORD_MINE | WORD_FILLER,
	WORD_BLOCK = 1 << 14, /* and, but: something else follows */
	/* What follows "my password is" and is none. */
	WORD_STATE = 1 << 15,
	/* Beside "code". */
	WORD_BEFORE_CODE = 1 << 16, /* zip code, error code */
	WORD_AFTER_CODE = 1 << 17,  /* code of conduct, code postal */
	WORD_STRONG = 1 << 18,	    /* verification code */
	WORD_SAFE = 1 << 19,	    /* security code, code de securite */
	/* Beside numbers. */
	WORD_UNIT = 1 << 20, /* euros, days, times */
	WORD_EXPIRY = 1 << 21,
	WORD_DASH = 1 << 22, /* 4111 dash 1111 */
	WORD_DIGIT = 1 << 23,
	/* Parts of phrases. */
	WORD_MOT = 1 << 24,	  /* mot de passe */
	WORD_PASSE = 1 << 25,	  /* the same */
	WORD_ONCE = 1 << 26,	  /* one-time password */
	WORD_PASS = 1 << 27,	  /* a password, or "pass word"; or bus pass */
	WORD_MEMORABLE = 1 << 28, /* memorable word */
	WORD_WORD = 1 << 29,	  /* the same, pass word */
};

#define WORD_PLAIN_MAX 20 /* longer words mean nothing here */

struct word {
	uint32_t flags;
	char digit;   /* of a WORD_DIGIT, '0' .. '9' */
	size_t end;   /* where it ends in the text */
	size_t tail;  /* where its last two letters begin */
	char last[2]; /* those, in lower case; NUL: it has but one */
};

/* Read the word that begins at i, which is a letter. */
void word_read(const char *text, size_t len, size_t i, struct word *);

/* If the word that was read at i is the first letter of a keyword of three that
 * is spelt ("p i n", "P.I.N.", "c-v-v"), that keyword takes its place. */
void word_read_spelled(const char *text, size_t len, size_t i, struct word *);

#endif
