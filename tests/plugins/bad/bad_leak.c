/* Leaves everything behind: timers, a watched pipe, routes, questions to the
 * store, work under way. */
#include <unistd.h>

#include "bad.h"

static int pipes[2];

static void
nothing(void *arg)
{
	(void)arg;
}

static void
on_ready(void *arg, int events)
{
	(void)arg, (void)events;
}

static void
on_request(void *arg, struct teller_request *request)
{
	/* Never answered. */
	(void)arg, (void)request;
}

static void
on_kept(void *arg, bool is_kept)
{
	(void)arg, (void)is_kept;
}

static void
on_state(void *arg, const struct teller_state *found)
{
	(void)arg, (void)found;
}

static void
leave_questions(void)
{
	const struct teller_state state = {
		.key = "k", .value = "v", .value_len = 1};

	bad_services->state_put(bad_host, &state, 1, on_kept, NULL);
	bad_services->state_get(bad_host, "k", on_state, NULL);
	bad_services->state_list(bad_host, "", on_state, NULL);
	bad_services->secret_put(bad_host, "s", "v", 1, on_kept, NULL);
}

static int
start(void *self, struct teller_words *words)
{
	(void)self, (void)words;
	if (pipe(pipes) < 0 || write(pipes[1], "x", 1) != 1)
		return -1;
	bad_services->watch_fd(bad_host, pipes[0], TELLER_READ, on_ready, NULL);
	bad_services->watch_timer(bad_host, 1, true, nothing, NULL);
	bad_services->watch_timer(bad_host, 3600000, false, nothing, NULL);
	bad_services->serve(bad_host, "GET", "/bad_leak", 0, 0, on_request,
			    NULL);
	leave_questions();
	return 0;
}

static void
stop(void *self)
{
	(void)self;
	leave_questions();
	bad_services->stopped(bad_host);
}

static void
close_pipes(void *self)
{
	(void)self;
	close(pipes[0]);
	close(pipes[1]);
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.name = "bad_leak",
	.version = "1",
	.open = bad_open,
	.start = start,
	.send = bad_send,
	.stop = stop,
	.close = close_pipes,
};
