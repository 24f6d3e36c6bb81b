#include "cli/patience.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/client.h"
#include "base/crypto.h"
#include "base/err.h"
#include "cli/typing.h"

/* The daemon may be starting anew: what was there before will be there again.
 */
static bool
is_passing(struct patience *patience, const struct client_call *call,
	   const struct err *err)
{
	struct client *client = patience->client;
	client->needs_daemon &= !patience->has_begun;
	if (call->is_answered || client->desk || !patience->has_begun)
		return false;
	if (!patience->is_away) {
		typing_hide(patience->typing);
		fprintf(stderr, "tellerctl: %s; waiting for it\n", err->text);
	}
	patience->is_away = true;
	return true;
}

int
patience_call(struct patience *patience, struct client_call *call,
	      struct err *err)
{
	struct client *client = patience->client;
	int rc = client_run(client, call, err);
	if (rc && is_passing(patience, call, err))
		return 1;
	if (rc)
		return -1;
	if (patience->is_away) {
		typing_hide(patience->typing);
		fprintf(stderr, "tellerctl: the daemon is there again\n");
	}
	patience->is_away = false;
	patience->has_begun = true;
	client->is_daemons = client->desk == NULL;
	return 0;
}

int
patience_insist(struct patience *patience, struct client_call *call,
		struct err *err)
{
	int rc;
	while ((rc = patience_call(patience, call, err)) > 0)
		usleep(PATIENCE_MS * 1000);
	return rc;
}

/* Letters alone: no number of a card, and no word that means something. */
void
patience_make_id(char out[PATIENCE_ID_SIZE])
{
	uint8_t random[PATIENCE_ID_BYTES];
	crypto_random(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++) {
		out[2 * i] = (char)('a' + (random[i] & 15));
		out[2 * i + 1] = (char)('a' + (random[i] >> 4));
	}
	out[PATIENCE_ID_SIZE - 1] = '\0';
}
