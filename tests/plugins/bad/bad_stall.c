/* Serves /stall, and does not come back from there while the file of its
 * settings is there: the loop with it. */
#include <unistd.h>

#include "bad.h"

#define LOOK_AGAIN_US 10000

static const struct teller_option options[] = {
	{.name = "file",
	 .type = TELLER_TEXT,
	 .max = 4000,
	 .fallback = "/nonexistent",
	 .help = "While it is there the loop stands still."},
	{0},
};

static void
on_request(void *arg, struct teller_request *request)
{
	const char *file = bad_services->option_text(bad_host, "file");

	(void)arg;
	while (access(file, F_OK) == 0)
		usleep(LOOK_AGAIN_US);
	bad_services->answer(request, 204, NULL, NULL, 0, NULL, 0);
}

static int
serve(void *self, struct teller_words *words)
{
	(void)self, (void)words;
	bad_services->serve(bad_host, "GET", "/stall", 0, 0, on_request, NULL);
	return 0;
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.name = "bad_stall",
	.version = "1",
	.options = options,
	.open = bad_open,
	.start = serve,
	.send = bad_send,
	.stop = bad_stop,
	.close = bad_close,
};
