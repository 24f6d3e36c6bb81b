/* Amounts of money, and plain numbers.  Any thread. */
#include <stdio.h>
#include <string.h>

#include "nlu/entity_parts.h"

#define MINOR_MAX INT64_C(1000000000000000) /* far from where sums overflow */

struct currency {
	const char *code;
	int n_decimals;
};

static const struct currency currencies[] = {
	{"EUR", 2}, {"GBP", 2}, {"USD", 2}, {"CHF", 2}, {"AUD", 2},
	{"CAD", 2}, {"NZD", 2}, {"SEK", 2}, {"NOK", 2}, {"DKK", 2},
	{"PLN", 2}, {"CZK", 2}, {"HUF", 2}, {"RON", 2}, {"BGN", 2},
	{"TRY", 2}, {"CNY", 2}, {"INR", 2}, {"JPY", 0}, {"KRW", 0},
};
#define N_CURRENCIES (sizeof currencies / sizeof *currencies)

/* What people call it.  Where several have the name, the desk's own is meant,
 * else the first. */
static const struct {
	const char *word, *code;
	bool is_hundredth;
} names[] = {
	{"euro", "EUR", false},	   {"euros", "EUR", false},
	{"eur", "EUR", false},	   {"cent", "EUR", true},
	{"cents", "EUR", true},	   {"c", "EUR", true},
	{"pound", "GBP", false},   {"pounds", "GBP", false},
	{"quid", "GBP", false},	   {"gbp", "GBP", false},
	{"pence", "GBP", true},	   {"penny", "GBP", true},
	{"p", "GBP", true},	   {"dollar", "USD", false},
	{"dollars", "USD", false}, {"usd", "USD", false},
	{"cent", "USD", true},	   {"cents", "USD", true},
	{"dollar", "AUD", false},  {"dollars", "AUD", false},
	{"cent", "AUD", true},	   {"cents", "AUD", true},
	{"dollar", "CAD", false},  {"dollars", "CAD", false},
	{"cent", "CAD", true},	   {"cents", "CAD", true},
	{"dollar", "NZD", false},  {"dollars", "NZD", false},
	{"cent", "NZD", true},	   {"cents", "NZD", true},
	{"franc", "CHF", false},   {"francs", "CHF", false},
	{"chf", "CHF", false},	   {"yen", "JPY", false},
};

static const struct {
	const char *sign, *word;
} signs[] = {
	{"\xe2\x82\xac", "euro"},
	{"\xc2\xa3", "pound"},
	{"$", "dollar"},
	{"\xc2\xa5", "yen"},
};

/* A currency as it stands in a text. */
struct unit {
	const char *code; /* NULL: none */
	bool is_hundredth;
};

static struct unit
unit_named(const struct scan *scan, const char *word)
{
	struct unit unit = {0};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		bool is_own = strcmp(names[i].code,
				     scan->context->rules->currency) == 0;
		if (strcmp(names[i].word, word) == 0 && (!unit.code || is_own))
			unit = (struct unit){names[i].code,
					     names[i].is_hundredth};
	}
	return unit;
}

static const struct currency *
currency_of(const char *code, size_t len)
{
	for (size_t i = 0; i < N_CURRENCIES; i++)
		if (len == 3 && memcmp(currencies[i].code, code, 3) == 0)
			return &currencies[i];
	return NULL;
}

bool
entity_is_currency(const char *code)
{
	return currency_of(code, strlen(code)) != NULL;
}

/* A sign, a code or a name at `at`: the end of it, or 0. */
static size_t
read_unit(const struct scan *scan, size_t at, struct unit *unit)
{
	char word[SCAN_WORD_SIZE];

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		size_t n = strlen(signs[i].sign);
		if (at < scan->len && scan->len - at >= n &&
		    memcmp(scan->text + at, signs[i].sign, n) == 0) {
			*unit = unit_named(scan, signs[i].word);
			return at + n;
		}
	}
	size_t n = scan_word(scan, at, word);
	if (n == 0)
		return 0;
	/* Codes in small letters are words, as "try" is. */
	const struct currency *currency = currency_of(scan->text + at, n);
	if (currency)
		*unit = (struct unit){.code = currency->code};
	else
		*unit = unit_named(scan, word);
	return unit->code ? at + n : 0;
}

/* What stands behind a figure, close to it or as a word of its own, and the
 * zeros that it adds. */
static const struct scale {
	const char *word;
	int zeros;
	bool is_money; /* also where no currency is named */
} scales[] = {
	{"k", 3, true},	 {"grand", 3, true},	{"thousand", 3, false},
	{"m", 6, false}, {"million", 6, false},
};

/* The scale at *at, which moves behind it; NULL: there is none. */
static const struct scale *
read_scale(const struct scan *scan, size_t *at)
{
	char word[SCAN_WORD_SIZE];
	size_t begin = scan_skip(scan, *at);
	size_t n = scan_word(scan, begin, word);

	if (n == 0 || scan_is_word(scan, begin + n))
		return NULL;
	for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
		if (strcmp(scales[i].word, word) == 0) {
			*at = begin + n;
			return &scales[i];
		}
	return NULL;
}

/* What stands there of an amount. */
struct words {
	bool is_negative;
	struct unit unit;
	struct figure figure;
	const struct scale *scale; /* NULL: none */
	int hundredths;		   /* "and 50 cents"; -1: not said */
	size_t end;
};

/* figure * 10^places; false: something is left over, or it is too much. */
static bool
shift(const struct figure *figure, int places, int64_t *result_r)
{
	int64_t result = 0;
	int n = (int)figure->n_digits - (int)figure->n_fraction + places;

	for (int i = 0; i < n; i++) {
		if (result >= MINOR_MAX)
			return false;
		int digit =
			i < (int)figure->n_digits ? figure->digits[i] - '0' : 0;
		result = result * 10 + digit;
	}
	for (int i = n < 0 ? 0 : n; i < (int)figure->n_digits; i++)
		if (figure->digits[i] != '0')
			return false;
	*result_r = result;
	return result < MINOR_MAX;
}

static int
decimals_of(const char *code)
{
	const struct currency *currency = currency_of(code, strlen(code));

	return currency ? currency->n_decimals : 2;
}

static void
write_value(struct entity *out, int n_decimals)
{
	const char *minus = out->minor < 0 ? "-" : "";
	int64_t minor = out->minor < 0 ? -out->minor : out->minor;
	int64_t unit = 1;
	size_t n;

	for (int i = 0; i < n_decimals; i++)
		unit *= 10;
	n = (size_t)snprintf(out->value, sizeof out->value, "%s%lld", minus,
			     (long long)(minor / unit));
	if (n_decimals > 0)
		n += (size_t)snprintf(out->value + n, sizeof out->value - n,
				      ".%0*lld", n_decimals,
				      (long long)(minor % unit));
	if (out->currency[0])
		snprintf(out->value + n, sizeof out->value - n, " %s",
			 out->currency);
}

static void
judge(const struct scan *scan, size_t at, const struct words *words,
      struct entity *out)
{
	const struct figure *figure = &words->figure;
	const char *code = words->unit.code ? words->unit.code
					    : scan->context->rules->currency;
	int n_decimals = decimals_of(code);
	int places = words->unit.is_hundredth ? 0 : n_decimals;
	int zeros = words->scale ? words->scale->zeros : 0;

	out->kind = ENTITY_AMOUNT;
	out->end = words->end;
	memcpy(out->currency, code, strlen(code) + 1);
	out->is_ambiguous = figure->is_ambiguous;
	/* 1.234 millions are no thousands. */
	bool is_whole = !figure->is_malformed && !figure->is_ambiguous;
	out->is_valid = is_whole && shift(figure, places + zeros, &out->minor);
	if (!out->is_valid) {
		out->minor = 0;
		scan_quote(scan, at, out);
		return;
	}
	if (words->hundredths > 0)
		out->minor += words->hundredths;
	if (words->is_negative)
		out->minor = -out->minor;
	write_value(out, n_decimals);
}

/* "€5 50", "5 euros and 50 cents": what stands behind the unit. */
static void
read_hundredths(const struct scan *scan, struct words *words)
{
	struct unit unit = {0};
	size_t at = scan_skip(scan, words->end);

	words->hundredths = -1;
	if (words->unit.is_hundredth || words->figure.n_fraction > 0 ||
	    decimals_of(words->unit.code) != 2)
		return;
	size_t and = scan_phrase(scan, at, "and");
	if (and > 0)
		at = scan_skip(scan, and);
	size_t n = scan_digits(scan, at, 3);
	if (n == 0 || n > 2)
		return;
	size_t end = read_unit(scan, scan_skip(scan, at + n), &unit);
	if (end == 0 || !unit.is_hundredth || scan_is_word(scan, end))
		return;
	words->hundredths = scan_number(scan, at, n);
	words->end = end;
}

/* A sign that belongs to the number, and is no dash between two. */
static size_t
read_minus(const struct scan *scan, size_t at, bool *is_negative_r)
{
	if (scan_byte(scan, at) != '-' || scan_is_within_word(scan, at))
		return at;
	*is_negative_r = true;
	return at + 1;
}

static bool
read_figure(const struct scan *scan, size_t at, struct figure *figure)
{
	return figure_read(scan, at, figure) ||
	       figure_read_words(scan, at, figure);
}

/* "€50", "EUR 50", "-€50", "€ -50". */
static bool
read_unit_first(const struct scan *scan, size_t at, struct words *words)
{
	at = read_minus(scan, at, &words->is_negative);
	at = read_unit(scan, at, &words->unit);
	if (at == 0 || words->unit.is_hundredth)
		return false;
	at = read_minus(scan, scan_skip(scan, at), &words->is_negative);
	if (!figure_read(scan, at, &words->figure))
		return false;
	words->end = words->figure.end;
	words->scale = read_scale(scan, &words->end);
	return !scan_is_word(scan, words->end);
}

/* "50 euros", "fifty euros", "2k"; a figure alone to whoever asks for amounts
 * alone. */
static bool
read_figure_first(const struct scan *scan, size_t at, struct words *words)
{
	at = read_minus(scan, at, &words->is_negative);
	if (!read_figure(scan, at, &words->figure))
		return false;
	words->end = words->figure.end;
	words->scale = read_scale(scan, &words->end);
	size_t gap = scan_skip(scan, words->end);
	size_t end = read_unit(scan, gap, &words->unit);
	/* "5c" are cents, "5 c" are not. */
	bool is_apart =
		gap > words->end && end == gap + 1 && scan_is_word(scan, gap);
	if (end > 0 && !scan_is_word(scan, end) && !is_apart) {
		words->end = end;
		read_hundredths(scan, words);
		return true;
	}
	words->unit.code = NULL;
	if (scan_is_word(scan, words->end))
		return false;
	return (words->scale && words->scale->is_money) ||
	       scan_is_alone(scan, ENTITY_AMOUNT);
}

bool
entity_amount_at(const struct scan *scan, size_t at, struct entity *out)
{
	struct words words = {.hundredths = -1};

	if (!read_unit_first(scan, at, &words)) {
		words = (struct words){.hundredths = -1};
		if (!read_figure_first(scan, at, &words))
			return false;
	}
	judge(scan, at, &words, out);
	return true;
}

bool
entity_number_at(const struct scan *scan, size_t at, struct entity *out)
{
	bool is_alone = scan_is_alone(scan, ENTITY_NUMBER), is_negative = false;
	struct figure figure;
	size_t begin = read_minus(scan, at, &is_negative);

	if (!figure_read(scan, begin, &figure) &&
	    !(is_alone && figure_read_words(scan, begin, &figure)))
		return false;
	if (scan_is_word(scan, figure.end))
		return false;
	out->kind = ENTITY_NUMBER;
	out->end = figure.end;
	out->is_ambiguous = figure.is_ambiguous;
	out->is_valid = !figure.is_malformed && !figure.is_ambiguous;
	if (!out->is_valid) {
		scan_quote(scan, at, out);
		return true;
	}
	int whole = (int)(figure.n_digits - figure.n_fraction);
	snprintf(out->value, sizeof out->value, "%s%.*s%s%s",
		 is_negative ? "-" : "", whole, figure.digits,
		 figure.n_fraction > 0 ? "." : "", figure.digits + whole);
	return true;
}
