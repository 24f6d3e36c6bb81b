/* Finding entities: who is asked where, and who comes first.  Any thread. */
#include "nlu/entity.h"

#include <string.h>

#include "base/time.h"
#include "nlu/entity_parts.h"
#include "text/redact.h"

#define US_PER_MINUTE INT64_C(60000000)
#define US_PER_DAY (1440 * US_PER_MINUTE)

const struct entity_rules entity_rules_default = {
	.currency = "",
	.decimal = '.',
	.dates = ENTITY_ANY_FIRST,
	.country_code = "",
	.trunk_prefix = "",
};

static const char *const kind_names[ENTITY_KINDS] = {
	[ENTITY_AMOUNT] = "amount", [ENTITY_DATE] = "date",
	[ENTITY_IBAN] = "iban",	    [ENTITY_CARD] = "card",
	[ENTITY_PHONE] = "phone",   [ENTITY_REFERENCE] = "reference",
	[ENTITY_EMAIL] = "email",   [ENTITY_NUMBER] = "number",
};

/* Of several that find something at the same place the first one has it. */
static const struct {
	unsigned int kinds;
	entity_finder_fn *find;
} finders[] = {
	{1u << ENTITY_IBAN | 1u << ENTITY_CARD, entity_mark_at},
	{1u << ENTITY_EMAIL, entity_email_at},
	{1u << ENTITY_DATE, entity_day_at},
	{1u << ENTITY_DATE, entity_date_at},
	{1u << ENTITY_AMOUNT, entity_amount_at},
	{1u << ENTITY_REFERENCE, entity_reference_at},
	{1u << ENTITY_PHONE, entity_phone_at},
	{1u << ENTITY_NUMBER, entity_number_at},
};

const char *
entity_kind_name(enum entity_kind kind)
{
	return kind_names[kind];
}

bool
entity_kind_of(const char *name, enum entity_kind *kind_r)
{
	for (int kind = 0; kind < ENTITY_KINDS; kind++)
		if (strcmp(kind_names[kind], name) == 0) {
			*kind_r = (enum entity_kind)kind;
			return true;
		}
	return false;
}

bool
scan_is_alone(const struct scan *scan, enum entity_kind kind)
{
	return scan->context->kinds == 1u << kind;
}

bool
entity_mark_at(const struct scan *scan, size_t at, struct entity *out)
{
	const char *text = scan->text + at;
	enum redact_kind kind;
	size_t n = redact_mark_length(text, scan->len - at, &kind);

	if (n == 0 || (kind != REDACT_CARD && kind != REDACT_IBAN))
		return false;
	out->kind = kind == REDACT_CARD ? ENTITY_CARD : ENTITY_IBAN;
	out->end = at + n;
	out->is_valid = memcmp(text + strlen("[card "), "ok", 2) == 0;
	scan_quote(scan, at, out);
	const char *last = strrchr(out->value, '.') + 1;
	memcpy(out->last_four, last, strcspn(last, "]"));
	return true;
}

/* Where a word, a number, an amount, a telephone number or a mark may begin. */
static bool
may_begin(const struct scan *scan, size_t at)
{
	unsigned char c = (unsigned char)scan->text[at];

	if (strchr("[$", c) || c == 0xe2 || c == 0xc2)
		return c != '\0';
	if (!scan_is_word(scan, at) && !(c && strchr("+-(", c)))
		return false;
	return !scan_is_within_word(scan, at);
}

static bool
find_at(const struct scan *scan, size_t at, struct entity *out)
{
	unsigned int wanted = scan->context->kinds;

	for (size_t i = 0; i < sizeof finders / sizeof *finders; i++) {
		if (wanted && !(wanted & finders[i].kinds))
			continue;
		*out = (struct entity){0};
		if (!finders[i].find(scan, at, out))
			continue;
		if (wanted && !(wanted & 1u << out->kind))
			continue;
		out->begin = at;
		if (!out->name)
			out->name = kind_names[out->kind];
		return true;
	}
	return false;
}

static int64_t
today_of(const struct entity_context *context)
{
	int64_t us = context->now_us + context->zone_minutes * US_PER_MINUTE;
	int64_t day = us / US_PER_DAY;

	return us % US_PER_DAY < 0 ? day - 1 : day;
}

size_t
entities_find(const struct entity_context *context, const char *text,
	      size_t len, struct entity *out, size_t max)
{
	const struct scan scan = {context, text, len, today_of(context)};
	size_t n = 0, at = 0;

	while (at < len && n < max) {
		/* Nothing that was masked is looked into. */
		size_t mark = redact_mark_length(text + at, len - at, NULL);
		bool is_found =
			may_begin(&scan, at) && find_at(&scan, at, &out[n]);
		if (is_found)
			at = out[n++].end;
		else
			at += mark > 0 ? mark : 1;
	}
	return n;
}
