#include "host/checking.h"

#include <stdlib.h>

#include "base/mem.h"
#include "host/handle.h"
#include "host/instance.h"
#include "net/loop.h"

#define DEADLINE_MS (2 * 60 * 1000)

struct teller_check {
	struct owned owned;
	struct teller_host *owner;
	struct timer *deadline;
	host_found_fn *fn;
	void *arg;
};

static void
end(struct teller_check *check)
{
	handle_forget(check);
	instance_disown(check->owner, &check->owned);
	timer_free(check->deadline);
	check->fn(check->arg, NULL);
	free(check);
}

/* Nobody is told that all is well by what was not looked at. */
static void
break_off(struct teller_check *check, const char *words)
{
	check->fn(check->arg, &(struct teller_found){
				      .size = sizeof(struct teller_found),
				      .grade = TELLER_GRADE_BAD,
				      .about = "the check",
				      .words = words,
			      });
	end(check);
}

static void
on_closed(struct owned *owned)
{
	break_off(container_of(owned, struct teller_check, owned),
		  "the plugin was stopped before it had looked at everything");
}

static void
on_deadline(void *arg)
{
	break_off(arg, "it takes too long; the rest was not looked at");
}

bool
checking_begin(struct teller_host *host, const char *post, host_found_fn *fn,
	       void *arg)
{
	if (!TELLER_HAS(host->plugin, check) || !host->plugin->check)
		return false;
	struct teller_check *check = mem_new(sizeof *check);
	check->owned.end = on_closed;
	check->owner = host;
	check->fn = fn;
	check->arg = arg;
	check->deadline =
		timer_new(host->frame->config.loop, on_deadline, check);
	timer_set(check->deadline, DEADLINE_MS);
	handle_note(check);
	instance_own(host, &check->owned);
	struct entered entered = instance_enter(host);
	host->plugin->check(host->self, check, post);
	instance_leave(host, "check()", entered);
	return true;
}

/* Words that a person is to read are there, whatever the plugin left out. */
void
checking_found(struct teller_check *check, const struct teller_found *found)
{
	if (!handle_is_good(check, "check_found") || !found)
		return;
	check->fn(check->arg,
		  &(struct teller_found){
			  .size = sizeof(struct teller_found),
			  .grade = (int)found->grade >= 0 &&
						   found->grade <=
							   TELLER_GRADE_BAD
					   ? found->grade
					   : TELLER_GRADE_BAD,
			  .about = found->about ? found->about : "",
			  .words = found->words ? found->words : "",
			  .remedy = found->remedy ? found->remedy : "",
		  });
}

void
checking_end(struct teller_check *check)
{
	if (handle_is_good(check, "check_end"))
		end(check);
}
