/* Entities of any bytes: they stand where they say, in order, a valid one is
 * what its kind says, and asking again, or for fewer, gives the same.
 *
 * The first byte says what is asked for. */
#include "fuzz.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "nlu/entity.h"

#define MANY 32

static const char *const policies[] = {"RW########", "*@-##-**"};
static const char *const accounts[] = {"AB##****"};
static const struct entity_reference references[] = {
	{"policy", policies, 2, ENTITY_LUHN},
	{"account", accounts, 1, ENTITY_MOD97},
	{"other", accounts, 1, ENTITY_MOD11},
};
static const struct entity_rules rules = {
	.currency = "EUR",
	.decimal = '.',
	.dates = ENTITY_DAY_FIRST,
	.country_code = "353",
	.trunk_prefix = "0",
	.references = references,
	.n_references = 3,
};

static void
check_value(const struct entity *e, bool is_utf8)
{
	size_t len = strnlen(e->value, sizeof e->value);

	assert(len < sizeof e->value);
	assert(!is_utf8 || utf8_is_valid(e->value, len));
	assert(!(e->is_valid && e->is_ambiguous));
	if (!e->is_valid)
		return;
	assert(len > 0);
	if (e->kind == ENTITY_DATE)
		assert(entity_date_exists(e->value));
	if (e->kind == ENTITY_PHONE)
		assert(e->value[0] == '+' && len >= 8 && len <= 16);
	if (e->kind == ENTITY_EMAIL)
		assert(strchr(e->value, '@') && strchr(e->value, '.'));
	if (e->kind == ENTITY_CARD || e->kind == ENTITY_IBAN)
		assert(e->last_four[0] && strstr(e->value, e->last_four));
}

/* A UTF-8 text may be cut into pieces: no entity begins or ends within a
 * character. */
static void
check(const struct entity *all, size_t n, const char *text, size_t len)
{
	bool is_utf8 = utf8_is_valid(text, len);
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct entity *e = &all[i];
		assert(e->begin >= at && e->begin < e->end && e->end <= len);
		assert(!is_utf8 ||
		       utf8_is_valid(text + e->begin, e->end - e->begin));
		assert(e->name && e->name[0]);
		check_value(e, is_utf8);
		at = e->end;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entity all[MANY], again[MANY];
	struct entity_context context = {.rules = &rules,
					 .now_us = 1795905000000000};

	if (size == 0)
		return 0;
	/* Every other text is asked for one kind. */
	if (data[0] & 1)
		context.kinds = 1u << (data[0] / 2 % ENTITY_KINDS);
	context.time = (enum entity_time)(data[0] / 16 % 3);
	if (data[0] & 0x80) {
		context.earlier = "2024-02-29";
		context.rules = &entity_rules_default;
	}
	const char *text = (const char *)data + 1;
	size_t n = entities_find(&context, text, size - 1, all, MANY);
	check(all, n, text, size - 1);
	size_t fewer = entities_find(&context, text, size - 1, again, n / 2);
	assert(fewer == n / 2);
	for (size_t i = 0; i < fewer; i++)
		assert(again[i].begin == all[i].begin &&
		       strcmp(again[i].value, all[i].value) == 0);
	return 0;
}
