#include "dialog/form_check.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "dialog/form_check_parts.h"
#include "nlu/entity.h"
#include "nlu/hours.h"
#include "nlu/pack.h"

#define US_PER_MINUTE INT64_C(60000000)
#define US_PER_DAY (1440 * US_PER_MINUTE)
#define FOUND_MAX 8
#define LAST_DIGITS 4

/* Of types whose answers are entities. */
static const enum entity_kind entity_kinds[SLOT_TYPES] = {
	[SLOT_AMOUNT] = ENTITY_AMOUNT,	     [SLOT_DATE] = ENTITY_DATE,
	[SLOT_CARD] = ENTITY_CARD,	     [SLOT_IBAN] = ENTITY_IBAN,
	[SLOT_PHONE] = ENTITY_PHONE,	     [SLOT_EMAIL] = ENTITY_EMAIL,
	[SLOT_REFERENCE] = ENTITY_REFERENCE,
};

bool
form_check_refuse(struct form_answer *answer, enum form_text problem,
		  const char *limit)
{
	answer->problem = problem;
	answer->limit = limit;
	return false;
}

bool
form_check_accept(struct form_answer *answer, const char *value, size_t begin,
		  size_t end)
{
	*answer = (struct form_answer){
		.value = value,
		.begin = begin,
		.end = end,
		.problem = FORM_TEXTS,
	};
	return true;
}

const char *
form_check_number(const struct form_message *m, int64_t number)
{
	return arena_printf(m->arena, "%" PRId64, number);
}

static const char *
cents_text(const struct form_message *m, int64_t cents)
{
	if (cents % 100 == 0)
		return form_check_number(m, cents / 100);
	return arena_printf(m->arena, "%" PRId64 ".%02d", cents / 100,
			    (int)(cents % 100));
}

/* ---- Entities */

/* Days are those of the desk's clocks. */
static int
zone_minutes(const struct form_message *m)
{
	return hours_zone_minutes(m->pack->hours, m->now_us);
}

static bool
check_date(const struct form_message *m, const struct form_slot *slot,
	   const struct entity *entity, struct form_answer *answer)
{
	int64_t day_us;
	int64_t local_us = m->now_us + zone_minutes(m) * US_PER_MINUTE;
	int64_t today_us = local_us - local_us % US_PER_DAY;
	if (!time_parse(entity->value, &day_us))
		return form_check_refuse(answer, FORM_TEXT_BAD_DATE, NULL);
	if (day_us > today_us && !slot->may_be_future)
		return form_check_refuse(answer, FORM_TEXT_FUTURE, NULL);
	if (day_us < today_us && !slot->may_be_past)
		return form_check_refuse(answer, FORM_TEXT_PAST, NULL);
	if (slot->days_back && today_us - day_us > slot->days_back * US_PER_DAY)
		return form_check_refuse(answer, FORM_TEXT_OLD,
					 form_check_number(m, slot->days_back));
	return true;
}

static bool
check_amount(const struct form_message *m, const struct form_slot *slot,
	     const struct entity *entity, struct form_answer *answer)
{
	if (entity->minor < slot->min)
		return form_check_refuse(answer, FORM_TEXT_TOO_LOW,
					 cents_text(m, slot->min));
	if (slot->max && entity->minor > slot->max)
		return form_check_refuse(answer, FORM_TEXT_TOO_HIGH,
					 cents_text(m, slot->max));
	return true;
}

/* Of a number that was masked only the end is known. */
static const char *
entity_text(const struct form_message *m, const struct entity *entity)
{
	if (entity->kind == ENTITY_CARD || entity->kind == ENTITY_IBAN)
		return arena_printf(m->arena, "...%s", entity->last_four);
	return arena_strdup(m->arena, entity->value);
}

static bool
check_entity(const struct form_message *m, const struct form_slot *slot,
	     const struct entity *entity, struct form_answer *answer)
{
	if (entity->is_ambiguous && slot->type == SLOT_DATE)
		return form_check_refuse(answer, FORM_TEXT_WHICH_DATE, NULL);
	if (!entity->is_valid) {
		bool is_number = slot->type == SLOT_CARD ||
				 slot->type == SLOT_IBAN ||
				 slot->type == SLOT_REFERENCE;
		return form_check_refuse(answer,
					 slot->type == SLOT_DATE
						 ? FORM_TEXT_BAD_DATE
					 : is_number ? FORM_TEXT_CHECK
						     : FORM_TEXT_NOT_FOUND,
					 NULL);
	}
	if (slot->type == SLOT_DATE && !check_date(m, slot, entity, answer))
		return false;
	if (slot->type == SLOT_AMOUNT && !check_amount(m, slot, entity, answer))
		return false;
	return form_check_accept(answer, entity_text(m, entity), entity->begin,
				 entity->end);
}

static enum entity_time
time_of(const struct form_slot *slot)
{
	if (!slot->may_be_future)
		return ENTITY_PAST;
	return slot->may_be_past ? ENTITY_NEAREST : ENTITY_FUTURE;
}

/* Entities of one kind; is_alone: nothing else is looked for. */
static size_t
find_entities(const struct form_message *m, const struct form_slot *slot,
	      enum entity_kind kind, bool is_alone, const char *earlier,
	      struct entity found[FOUND_MAX])
{
	struct entity_context context = {
		.rules = m->pack->entities,
		.now_us = m->now_us,
		.zone_minutes = zone_minutes(m),
		.time = time_of(slot),
		.earlier = slot->type == SLOT_DATE ? earlier : NULL,
		.kinds = is_alone ? 1u << kind : 0,
		.reference = is_alone ? slot->reference : NULL,
	};
	size_t n = entities_find(&context, m->text, m->len, found, FOUND_MAX);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		bool is_other = slot->reference && kind == ENTITY_REFERENCE &&
				strcmp(found[i].name, slot->reference) != 0;
		if (found[i].kind == kind && !is_other)
			found[kept++] = found[i];
	}
	return kept;
}

/* The one that n entities say: a right one before wrong ones. */
static bool
check_entities(const struct form_message *m, const struct form_slot *slot,
	       const struct entity *found, size_t n, struct form_answer *answer)
{
	struct form_answer first = {.problem = FORM_TEXT_NOT_FOUND};
	struct form_answer other = first;
	bool is_any = false;
	for (size_t i = 0; i < n; i++) {
		bool is_right = check_entity(m, slot, &found[i], &other);
		if (is_right && is_any && strcmp(first.value, other.value) != 0)
			return form_check_refuse(answer, FORM_TEXT_SEVERAL,
						 NULL);
		if ((is_right && !is_any) ||
		    (!is_any && first.problem == FORM_TEXT_NOT_FOUND))
			first = other;
		is_any |= is_right;
	}
	*answer = first;
	return is_any;
}

/* Customers know the last digits of their card: "the one ending 1111". */
static bool
check_last_digits(const struct form_message *m, const struct form_slot *slot,
		  struct form_answer *answer)
{
	struct entity found[FOUND_MAX];
	size_t n = find_entities(m, slot, ENTITY_NUMBER, true, NULL, found);
	const struct entity *digits = NULL;
	for (size_t i = 0; i < n; i++) {
		const char *value = found[i].value;
		if (strlen(value) != LAST_DIGITS ||
		    strspn(value, "0123456789") != LAST_DIGITS)
			continue;
		if (digits)
			return form_check_refuse(answer, FORM_TEXT_SEVERAL,
						 NULL);
		digits = &found[i];
	}
	if (!digits)
		return form_check_refuse(answer, FORM_TEXT_NOT_FOUND, NULL);
	return form_check_accept(answer,
				 arena_printf(m->arena, "...%s", digits->value),
				 digits->begin, digits->end);
}

/* "4 November" is a day, and its 4 no amount; "4 euro" is no day.  How many of
 * the entities are left without those. */
static size_t
leave_out_others(const struct form_message *m, const struct form_slot *slot,
		 struct entity *found, size_t n)
{
	struct entity others[FOUND_MAX];
	bool is_amount = slot->type == SLOT_AMOUNT;
	if (!is_amount && slot->type != SLOT_DATE)
		return n;
	size_t kept = 0,
	       n_others = find_entities(m, slot,
					is_amount ? ENTITY_DATE : ENTITY_AMOUNT,
					false, NULL, others);
	for (size_t i = 0; i < n; i++) {
		bool is_other = false;
		for (size_t j = 0; j < n_others; j++)
			is_other |= found[i].begin < others[j].end &&
				    others[j].begin < found[i].end;
		if (!is_other)
			found[kept++] = found[i];
	}
	return kept;
}

static bool
check_found(const struct form_message *m, const struct form_slot *slot,
	    bool is_alone, const char *earlier, struct form_answer *answer)
{
	struct entity found[FOUND_MAX];
	size_t n = find_entities(m, slot, entity_kinds[slot->type], is_alone,
				 earlier, found);
	if (is_alone)
		n = leave_out_others(m, slot, found, n);
	bool may_be_digits = is_alone || form_says(m->heard, FORM_ENDING);
	if (n == 0 && slot->type == SLOT_CARD && may_be_digits)
		return check_last_digits(m, slot, answer);
	return check_entities(m, slot, found, n, answer);
}

bool
form_check_answer(const struct form_message *m, const struct form_slot *slot,
		  const char *earlier, struct form_answer *answer)
{
	switch (slot->type) {
	case SLOT_TEXT:
		return form_check_text(m, slot, answer);
	case SLOT_CHOICE:
		return form_check_choice(m, slot, answer);
	case SLOT_YES_NO:
		return form_check_yes_no(m, answer);
	default:
		return check_found(m, slot, true, earlier, answer);
	}
}

bool
form_check_mention(const struct form_message *m, const struct form_slot *slot,
		   const char *earlier, struct form_answer *answer)
{
	switch (slot->type) {
	case SLOT_TEXT:
	case SLOT_YES_NO:
		return form_check_refuse(answer, FORM_TEXT_NOT_FOUND, NULL);
	case SLOT_CHOICE:
		return form_check_choice(m, slot, answer);
	default:
		return check_found(m, slot, false, earlier, answer);
	}
}

static bool
has_letter(const char *text)
{
	for (; *text; text++)
		if ((*text >= 'A' && *text <= 'Z') ||
		    (*text >= 'a' && *text <= 'z') || *text & 0x80)
			return true;
	return false;
}

bool
form_check_is_figure(const struct form_message *m)
{
	static const char around[] = " \t\r\n.,;!";
	struct entity_context context = {
		.rules = m->pack->entities,
		.now_us = m->now_us,
		.zone_minutes = zone_minutes(m),
		.time = ENTITY_NEAREST,
	};
	struct entity found;
	if (!has_letter(m->text))
		return true;
	if (!entities_find(&context, m->text, m->len, &found, 1) ||
	    (found.kind != ENTITY_DATE && found.kind != ENTITY_AMOUNT))
		return false;
	return found.begin <= strspn(m->text, around) &&
	       !m->text[found.end + strspn(m->text + found.end, around)];
}
