/* The one that is in order.  What it finds when it looks is done with at once,
 * or, where a message is to be posted to "nobody", never. */
#include <string.h>

#include "bad.h"

static void
check(void *self, struct teller_check *check, const char *post)
{
	const struct teller_found found = {
		.size = sizeof found,
		.grade = *post ? TELLER_GRADE_DOUBT : TELLER_GRADE_GOOD,
		.about = "post",
		.words = post,
	};

	(void)self;
	bad_services->check_found(check, &found);
	if (strcmp(post, "nobody") == 0)
		return;
	bad_services->check_end(check);
	/* One that is over is not the plugin's any more. */
	bad_services->check_found(check, &found);
	bad_services->check_end(check);
}

const struct teller_plugin teller_plugin = {BAD_MEMBERS, .name = "good",
					    .check = check};
