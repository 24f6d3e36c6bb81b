/* Redaction: what must not be kept becomes a typed mark, before the text is
 * queued, logged or stored.  (PCI DSS 4.0.1, 3.3.1 and 3.5.1.) */
#ifndef TEXT_REDACT_H
#define TEXT_REDACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum redact_kind {
	REDACT_CARD,	 /* [card ok ...1111]: length, issuer range and Luhn */
	REDACT_IBAN,	 /* [iban ok ...3000]: country, length and mod 97 */
	REDACT_CVV,	 /* [cvv]: beside its keyword, or behind a card */
	REDACT_PIN,	 /* [pin]: beside its keyword */
	REDACT_CODE,	 /* [code]: one-time codes, TANs beside their keyword */
	REDACT_PASSWORD, /* [password]: beside its keyword */
	REDACT_KINDS
};

/* The word in the mark: card, iban, cvv, pin, code, password. */
const char *redact_kind_name(enum redact_kind);

/* Add text to out with every find replaced by its mark.  *found_r gets a bit
 * (1 << kind) for each kind found.  Marks that are in the text already stay as
 * they are: redacting twice is redacting once.  Looks through spaces, dashes,
 * dots, no-break and zero-width characters and full-width or other Unicode
 * digits.  Linear in len, no allocation but out's.  0, or -1 when out is full:
 * then the text is not to be kept at all. */
int text_redact(struct buf *out, const char *text, size_t len,
		unsigned int *found_r);

/* The same for what stands behind `before` in text, which goes on what is
 * there: that was redacted and kept earlier, is only read, and not added to
 * out. */
int text_redact_behind(struct buf *out, const char *text, size_t len,
		       size_t before, unsigned int *found_r);

/* The kinds of a bit set as words parted by commas, "" for none. */
const char *redact_kinds_text(unsigned int found, char out[64]);

/* The length of the mark that text begins with, and its kind to *kind_r
 * unless that is NULL; 0: it begins with none. */
size_t redact_mark_length(const char *text, size_t len,
			  enum redact_kind *kind_r);

#endif
