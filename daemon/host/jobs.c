#include "host/jobs.h"

#include "host/check.h"
#include "host/instance.h"

#define MAX_WORDS 500

/* Answers are taken until close(), each within its limit. */
static bool
may_answer(struct teller_host *host, const char *what, const char *job)
{
	if (instance_check(host, what, INSTANCE_STOPPING) < 0)
		return false;
	if (job && *job)
		return true;
	instance_warn(host, "%s is refused: it names no job", what);
	return false;
}

void
jobs_progress(struct teller_host *host, const char *job, const void *state,
	      size_t len)
{
	const struct host_events *events = &host->frame->events;

	if (!may_answer(host, "progress", job))
		return;
	if (len > TELLER_VALUE_MAX || (len > 0 && !state)) {
		instance_warn(host, "progress is refused: over %d bytes",
			      TELLER_VALUE_MAX);
		return;
	}
	events->progress(events->arg, host->plugin->name, job, state, len);
}

void
jobs_sent(struct teller_host *host, const char *job, const char *external_id)
{
	const struct host_events *events = &host->frame->events;

	if (!may_answer(host, "sent", job))
		return;
	/* The message is out in any case: an id that cannot be kept is no
	 * reason to send it again. */
	if (!check_is_text(external_id, 0, TELLER_EXTERNAL_ID_MAX)) {
		instance_warn(host,
			      "an external id has over %d bytes or is "
			      "not UTF-8",
			      TELLER_EXTERNAL_ID_MAX);
		external_id = NULL;
	}
	events->sent(events->arg, host->plugin->name, job,
		     external_id ? external_id : "");
}

void
jobs_failed(struct teller_host *host, const char *job,
	    enum teller_failure failure, int64_t not_before_us,
	    const char *words)
{
	const struct host_events *events = &host->frame->events;
	bool is_known = (int)failure >= 0 && failure <= TELLER_UNKNOWN;

	if (!may_answer(host, "failed", job))
		return;
	events->failed(events->arg, host->plugin->name, job,
		       is_known ? failure : TELLER_UNKNOWN, not_before_us,
		       words && check_is_text(words, 0, MAX_WORDS) ? words
								   : "");
}
