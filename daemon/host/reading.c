#include "host/reading.h"

#include <stdlib.h>

#include "base/log.h"
#include "net/loop.h"
#include "store/store.h"

#define AGAIN_MS 1000

static void
reading_free(struct reading *reading)
{
	timer_free(reading->again);
	arena_release(&reading->arena);
	free(reading);
}

static void tell_found(struct job *);

/* On a worker.  It touches neither host nor plugin, which may be gone. */
static void
read_store(struct job *job)
{
	struct reading *reading = container_of(job, struct reading, job);
	struct store_reader *reader =
		store_read_begin(reading->store, &reading->err);

	reading->result = -1;
	if (reader) {
		reading->result = reading->read(reading, reader, &reading->err);
		store_read_end(reader);
	}
	job->run = tell_found;
	loop_post(reading->loop, job);
}

static bool
read_soon(struct reading *reading)
{
	reading->job.run = read_store;
	return pool_push(reading->workers, &reading->job);
}

/* While it waits for its timer it is in nobody's hands, and can be ended. */
static void
end_waiting(struct owned *owned)
{
	struct reading *reading =
		container_of(owned, struct reading, call.owned);

	call_end(&reading->call);
	reading_free(reading);
}

static void read_again(void *arg);

static void
wait_and_read(struct reading *reading)
{
	if (!reading->again)
		reading->again = timer_new(reading->loop, read_again, reading);
	reading->call.owned.end = end_waiting;
	timer_set(reading->again, AGAIN_MS);
}

static void
read_again(void *arg)
{
	struct reading *reading = arg;
	struct teller_host *host = call_end(&reading->call);

	call_begin(&reading->call, host);
	if (!read_soon(reading))
		wait_and_read(reading);
}

static void
tell_found(struct job *job)
{
	struct reading *reading = container_of(job, struct reading, job);
	struct teller_host *host = reading->call.owner;

	if (!host) {
		reading_free(reading);
		return;
	}
	if (reading->result < 0) {
		instance_warn(host, "%s fails, and is tried again: %s",
			      reading->what, reading->err.text);
		wait_and_read(reading);
		return;
	}
	if (!reading->tell(reading, host)) {
		call_end(&reading->call);
		reading_free(reading);
	} else if (!read_soon(reading)) {
		wait_and_read(reading);
	}
}

int
reading_start(struct reading *reading, struct teller_host *host)
{
	const struct host_config *config = &host->frame->config;

	reading->store = config->store;
	reading->loop = config->loop;
	reading->workers = config->workers;
	call_begin(&reading->call, host);
	if (read_soon(reading))
		return 0;
	if (reading->is_patient) {
		wait_and_read(reading);
		return 0;
	}
	instance_warn(host, "%s is refused: the workers have too much to do",
		      reading->what);
	call_end(&reading->call);
	reading_free(reading);
	return -1;
}
