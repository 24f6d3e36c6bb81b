/* Serves /served, with a word of its settings, and cannot start when that is
 * "fail". */
#include <stdio.h>
#include <string.h>

#include "bad.h"

static const struct teller_option options[] = {
	{.name = "word",
	 .type = TELLER_TEXT,
	 .max = 20,
	 .fallback = "none",
	 .help = "Served."},
	{0},
};

static void
on_request(void *arg, struct teller_request *request)
{
	const char *word = bad_services->option_text(bad_host, "word");

	(void)arg;
	bad_services->answer(request, 200, "text/plain", NULL, 0, word,
			     strlen(word));
}

static int
serve(void *self, struct teller_words *words)
{
	(void)self;
	bad_services->serve(bad_host, "GET", "/served", 0, 0, on_request, NULL);
	if (strcmp(bad_services->option_text(bad_host, "word"), "fail") != 0)
		return 0;
	snprintf(words->text, sizeof words->text, "the word is wrong");
	return -1;
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.name = "served",
	.version = "1",
	.options = options,
	.open = bad_open,
	.start = serve,
	.send = bad_send,
	.stop = bad_stop,
	.close = bad_close,
};
