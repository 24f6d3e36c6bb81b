/* Entities: amounts, dates, numbers and addresses of a customer's words, each
 * with where it stands, its normalised value and whether it can be right.
 *
 * What cannot be right is found all the same and is not valid, so that a form
 * can say what is wrong with it: nothing is repaired in silence. */
#ifndef NLU_ENTITY_H
#define NLU_ENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct pack;
struct yaml_file;

enum entity_kind {
	ENTITY_AMOUNT,	  /* "1234.56 EUR" */
	ENTITY_DATE,	  /* "2026-11-03" */
	ENTITY_IBAN,	  /* the redactor's mark: "[iban ok ...3000]" */
	ENTITY_CARD,	  /* the redactor's mark: "[card bad ...1111]" */
	ENTITY_REFERENCE, /* a number of the pack's: policy, claim, ... */
	ENTITY_PHONE,	  /* E.164: "+353209140100" */
	ENTITY_EMAIL,	  /* the domain in small letters */
	ENTITY_NUMBER,	  /* digits with sign and decimal point: "-12.5" */
	ENTITY_KINDS
};
/* amount, date, iban, card, reference, phone, email, number. */
const char *entity_kind_name(enum entity_kind);
/* The kind of that name to *kind_r; false: there is none. */
bool entity_kind_of(const char *name, enum entity_kind *kind_r);

#define ENTITY_VALUE_SIZE 256 /* an e-mail address has 254 bytes at most */

/* What was said of a date; the rest was filled in. */
#define ENTITY_DAY 1u
#define ENTITY_MONTH 2u
#define ENTITY_YEAR 4u

struct entity {
	enum entity_kind kind;
	const char *name;  /* of the kind, or of the pack's reference */
	size_t begin, end; /* bytes of the text */
	/* Check digits are right, the date exists, an amount is one that the
	 * currency has.  A value that is not valid is what was said, in the
	 * same form as far as that goes ("2026-02-31"), to be shown and not
	 * used. */
	bool is_valid;
	bool is_ambiguous; /* not valid because it may mean two things */
	char value[ENTITY_VALUE_SIZE];
	int64_t minor;	    /* ENTITY_AMOUNT: in cents, or what it has */
	char currency[4];   /* ENTITY_AMOUNT: ISO 4217; "": not known */
	unsigned int given; /* ENTITY_DATE: bits of ENTITY_DAY, ... */
	char last_four[5];  /* ENTITY_IBAN, ENTITY_CARD: of the mark */
};

/* entities.yaml: what is different from one desk to the next. */

enum entity_check { ENTITY_NO_CHECK, ENTITY_LUHN, ENTITY_MOD97, ENTITY_MOD11 };
enum entity_dates { ENTITY_ANY_FIRST, ENTITY_DAY_FIRST, ENTITY_MONTH_FIRST };

/* A number of the desk's own. */
struct entity_reference {
	const char *name;
	/* '#' a digit, '@' a letter, '*' either, '-' as it is written, though
	 * customers may leave it out; letters and digits stand for themselves.
	 */
	const char *const *patterns;
	size_t n_patterns;
	enum entity_check check;
};

struct entity_rules {
	char currency[4];	  /* of an amount that names none; "": none */
	char decimal;		  /* '.' or ',': parts the cents */
	enum entity_dates dates;  /* what 3/11/2026 begins with */
	const char *country_code; /* "353": of a number without; "": none */
	const char *trunk_prefix; /* "0": what stands there instead; or "" */
	const struct entity_reference *references;
	size_t n_references;
};

/* Without a file: no currency, '.', ENTITY_ANY_FIRST, no telephone numbers but
 * international ones, no references. */
extern const struct entity_rules entity_rules_default;

/* Where the sense of a date lies that has no year, or is a day of the week. */
enum entity_time { ENTITY_NEAREST, ENTITY_PAST, ENTITY_FUTURE };

struct entity_context {
	const struct entity_rules *rules;
	int64_t now_us;
	int zone_minutes;      /* the desk's time less UTC, at that moment */
	enum entity_time time; /* today is past and future */
	/* The date that is being corrected ("no, the 3rd"): month and year of
	 * one that has none are taken from it.  ISO; NULL: none. */
	const char *earlier;
	/* Bits (1u << kind) of what is looked for; 0: everything.  Who asks for
	 * one kind alone gets words that could be another one too: "50" as an
	 * amount of the desk's currency, "0871234567" as a number, "3" or
	 * "3/11" as a date. */
	unsigned int kinds;
	const char *reference; /* only the one of this name; NULL: all */
};

/* The entities of a text in the order in which they stand there, none
 * overlapping another, up to max; returns how many.  Pure, in time linear in
 * len, whatever the bytes are; nothing is allocated.  Marks of the redactor are
 * read as such.  The words are English.  Any thread. */
size_t entities_find(const struct entity_context *, const char *text,
		     size_t len, struct entity *out, size_t max);

/* Whether an ISO date exists: false for "2026-02-31" and for what is none. */
bool entity_date_exists(const char *iso);

/* Whether it is the code of a currency that amounts are known of, as EUR. */
bool entity_is_currency(const char *code);

/* Read entities.yaml into pack->entities; 0, or -1 and *err. */
int entities_read(struct pack *, const struct yaml_file *, struct err *);

#endif
