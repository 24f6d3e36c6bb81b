/* Goes on asking for services when it has been stopped, and closed. */
#include "bad.h"

static void
nothing(void *arg)
{
	(void)arg;
}

static void
on_stored(void *arg, const struct teller_stored *stored)
{
	(void)arg, (void)stored;
}

static void
on_request(void *arg, struct teller_request *request)
{
	(void)arg, (void)request;
}

/* Whether any of what is not to be done any more was done. */
static bool
ask_late(void)
{
	const struct teller_message message = {
		.size = sizeof message,
		.conversation = "c",
		.text = "late",
		.text_len = 4,
		.burst_ms = -1,
	};

	return bad_services->receive(bad_host, &message, NULL, 0, on_stored,
				     NULL) == 0 ||
	       bad_services->open_conversation(bad_host, "", "c", "", on_stored,
					       NULL) == 0 ||
	       bad_services->post(bad_host, nothing, NULL) == 0 ||
	       bad_services->work(bad_host, nothing, nothing, NULL) == 0 ||
	       bad_services->serve(bad_host, "GET", "/bad_late", 0, 0,
				   on_request, NULL) == 0;
}

static void
stop(void *self)
{
	(void)self;
	if (ask_late())
		bad_services->metric(bad_host, "late", 1);
	bad_services->stopped(bad_host);
}

static void
close_late(void *self)
{
	(void)self;
	bool was_done =
		ask_late() ||
		bad_services->watch_timer(bad_host, 0, false, nothing, NULL) ||
		bad_services->watch_fd(bad_host, 0, TELLER_READ,
				       (teller_io_fn *)0, NULL);
	bad_services->sent(bad_host, "msg_1", "");
	bad_services->failed(bad_host, "msg_1", TELLER_RETRY, 0, "");
	bad_services->log(bad_host, TELLER_LOG_INFO, "still here");
	if (was_done)
		bad_services->metric(bad_host, "late", 1);
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.name = "bad_late",
	.version = "1",
	.open = bad_open,
	.start = bad_start,
	.send = bad_send,
	.stop = stop,
	.close = close_late,
};
