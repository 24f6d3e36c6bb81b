/* A check of the plugin, whose findings are lines of fake->found. */
#include "fake_inside.h"

struct teller_check {
	struct fake *fake;
	bool is_over;
};

void
fake_check(struct fake *fake, const char *post)
{
	struct teller_check *check = arena_new(&fake->arena, sizeof *check);

	assert_int_equal(fake->inside->state, FAKE_RUNNING);
	assert_non_null(fake->inside->plugin->check);
	buf_clear(&fake->found);
	fake->is_checked = false;
	check->fake = fake;
	fake->inside->plugin->check(fake->self, check, post);
}

void
fake_check_found(struct teller_check *check, const struct teller_found *found)
{
	static const char *const grades[] = {"good", "doubt", "bad"};

	assert_false(check->is_over);
	assert_int_equal(found->size, sizeof *found);
	buf_addf(&check->fake->found, "%s %s: %s", grades[found->grade],
		 found->about, found->words);
	if (found->remedy && *found->remedy)
		buf_addf(&check->fake->found, " -> %s", found->remedy);
	buf_addf(&check->fake->found, "\n");
}

void
fake_check_end(struct teller_check *check)
{
	assert_false(check->is_over);
	check->is_over = true;
	check->fake->is_checked = true;
}
