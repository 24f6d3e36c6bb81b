/* The telephone number that a customer leaves for the person. */
#include <string.h>

#include "base/hash.h"
#include "dialog/deciding.h"
#include "nlu/entity.h"
#include "nlu/form.h"
#include "nlu/hours.h"

#define FOUND_MAX 16

/* Telephone numbers of a text that can be right; how many. */
static size_t
find_numbers(const struct deciding *d, const char *text, struct entity *found)
{
	const struct pack *pack = d->in->knowledge->pack;
	struct entity_context context = {
		.rules = pack->entities,
		.now_us = d->in->now_us,
		.zone_minutes = hours_zone_minutes(pack->hours, d->in->now_us),
	};
	size_t n = 0;
	size_t all =
		entities_find(&context, text, strlen(text), found, FOUND_MAX);
	for (size_t i = 0; i < all; i++)
		if (found[i].kind == ENTITY_PHONE && found[i].is_valid)
			found[n++] = found[i];
	return n;
}

/* Is it one of the desk's own, that he only speaks of? */
static bool
is_ours(const struct deciding *d, const char *number)
{
	const struct facts *facts = &d->in->knowledge->pack->facts;
	struct entity found[FOUND_MAX];
	map_each (fact, &facts->values) {
		size_t n = find_numbers(d, fact->value, found);
		for (size_t i = 0; i < n; i++)
			if (strcmp(found[i].value, number) == 0)
				return true;
	}
	return false;
}

/* Does the form that is open ask for one, too? */
static bool
has_form_for_it(const struct deciding *d)
{
	const char *name = d->memory.form.name;
	const struct form *form =
		name ? pack_form(d->in->knowledge->pack, name) : NULL;
	for (size_t i = 0; form && i < form->n_slots; i++)
		if (form->slots[i].type == SLOT_PHONE)
			return true;
	return false;
}

bool
call_back_take(struct deciding *d)
{
	struct entity found[FOUND_MAX];
	if (d->is_unread || has_form_for_it(d))
		return false;
	/* The last one: he may correct himself. */
	for (size_t n = find_numbers(d, d->question, found); n-- > 0;) {
		if (is_ours(d, found[n].value))
			continue;
		d->memory.call_back = arena_strdup(d->arena, found[n].value);
		compose_paragraph(d, compose_text(d, TEXT_CALL_BACK,
						  d->memory.call_back));
		return true;
	}
	return false;
}
