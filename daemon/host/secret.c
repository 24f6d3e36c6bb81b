/* What a plugin keeps is sealed under the desk's key, on disk and in memory,
 * and bound to plugin and name.  A mark of the secret in the settings at that
 * time is sealed with it: when that secret has changed since, somebody has put
 * a new one there, and it counts. */
#include "host/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/handle.h"
#include "host/key.h"
#include "host/option.h"
#include "host/putting.h"
#include "host/reading.h"
#include "store/state.h"

#define MAX_KEPT 1000
#define MARK_SIZE SHA256_SIZE
/* So that what is sealed fits into one value of the store. */
#define MAX_VALUE (TELLER_VALUE_MAX - MARK_SIZE - CRYPTO_SEAL_EXTRA)
#define MAX_NAME (TELLER_KEY_MAX - (sizeof PUTTING_SECRET_PREFIX - 1))

struct sealed {
	size_t len;
	uint8_t data[];
};

struct kept_reading {
	struct reading reading;
	const char *plugin;
	void (*then)(struct teller_host *);
	const struct plugin_state *states;
	long n_states;
};

static void
forget_lent(struct teller_host *host)
{
	if (host->secret)
		crypto_wipe(host->secret, host->secret_len);
	free(host->secret);
	host->secret = NULL;
	host->secret_len = 0;
}

void
secret_release(struct teller_host *host)
{
	forget_lent(host);
	map_each (entry, &host->secrets)
		free(entry->value);
	map_release(&host->secrets);
	map_each (entry, &host->secret_troubles)
		free(entry->value);
	map_release(&host->secret_troubles);
}

static void
remember(struct teller_host *host, const char *name, const void *data,
	 size_t len)
{
	struct sealed *sealed = mem_new(sizeof *sealed + len);

	sealed->len = len;
	memcpy(sealed->data, data, len);
	free(map_put(&host->secrets, name, sealed));
}

static int
read_kept(struct reading *reading, struct store_reader *reader, struct err *err)
{
	struct kept_reading *kept =
		container_of(reading, struct kept_reading, reading);

	kept->n_states = store_list_state(reader, &reading->arena, kept->plugin,
					  PUTTING_SECRET_PREFIX, "", 0,
					  MAX_KEPT, &kept->states, err);
	return kept->n_states < 0 ? -1 : 0;
}

static bool
take_kept(struct reading *reading, struct teller_host *host)
{
	struct kept_reading *kept =
		container_of(reading, struct kept_reading, reading);

	for (long i = 0; i < kept->n_states; i++) {
		const struct plugin_state *state = &kept->states[i];
		remember(host, state->key + sizeof PUTTING_SECRET_PREFIX - 1,
			 state->value, state->value_len);
	}
	kept->then(host);
	return false;
}

void
secret_load(struct teller_host *host, void (*then)(struct teller_host *))
{
	struct kept_reading *kept = mem_new(sizeof *kept);

	kept->reading.what = "reading its secrets";
	kept->reading.is_patient = true;
	kept->reading.read = read_kept;
	kept->reading.tell = take_kept;
	kept->then = then;
	kept->plugin = arena_strdup(&kept->reading.arena, host->plugin->name);
	reading_start(&kept->reading, host);
}

/* What the settings say under that name; NULL: nothing, or *err if they say
 * something that cannot be had. */
static char *
read_configured(struct teller_host *host, const char *name, size_t *len_r,
		struct err *err)
{
	const char *where = option_secret(host, name);

	return where && *where ? key_read_secret(where, len_r, err) : NULL;
}

static void
mark_of(struct teller_host *host, const char *configured, size_t len,
	uint8_t mark[MARK_SIZE])
{
	crypto_hmac_sha256(host->frame->key, sizeof host->frame->key,
			   configured ? configured : "", configured ? len : 0,
			   mark);
}

/* What a secret is bound to, "plugin/name"; the caller frees it. */
static char *
about(struct teller_host *host, const char *name)
{
	struct buf text;

	buf_init(&text, 2 * TELLER_KEY_MAX);
	buf_addf(&text, "%s/%s", host->plugin->name, name);
	return buf_take(&text);
}

/* The mark and the bytes of what was kept, and how many both are; NULL: there
 * is nothing, or it cannot be opened. */
static uint8_t *
unseal(struct teller_host *host, const char *name, size_t *len_r)
{
	const struct sealed *sealed = map_get(&host->secrets, name);
	struct err err;

	if (!sealed || sealed->len < MARK_SIZE + CRYPTO_SEAL_EXTRA)
		return NULL;
	size_t len = sealed->len - CRYPTO_SEAL_EXTRA;
	uint8_t *plain = mem_new(len + 1);
	char *bound_to = about(host, name);
	int result = crypto_unseal(host->frame->key, bound_to, sealed->data,
				   sealed->len, plain, &err);
	free(bound_to);
	if (result < 0) {
		log_line(LOG_LEVEL_ERROR,
			 &(struct log_about){.plugin = host->plugin->name},
			 "plugin %s: its kept secret '%s' cannot be used: %s",
			 host->plugin->name, name, err.text);
		free(plain);
		return NULL;
	}
	*len_r = len;
	return plain;
}

/* Lend what was kept, unless the settings' secret is another one by now. */
static bool
lend_kept(struct teller_host *host, const char *name, const char *configured,
	  size_t configured_len)
{
	uint8_t mark[MARK_SIZE];
	size_t len;
	uint8_t *plain = unseal(host, name, &len);

	if (!plain)
		return false;
	mark_of(host, configured, configured_len, mark);
	bool is_newest = !configured || crypto_equal(mark, plain, MARK_SIZE);
	if (is_newest) {
		host->secret_len = len - MARK_SIZE;
		host->secret = mem_new(host->secret_len + 1);
		memcpy(host->secret, plain + MARK_SIZE, host->secret_len);
	}
	crypto_wipe(plain, len);
	free(plain);
	return is_newest;
}

/* It may be asked for again and again: each trouble is told once, until there
 * is none.  trouble: "": there is none. */
static void
tell_trouble(struct teller_host *host, const char *name, const char *trouble)
{
	const char *told = map_get(&host->secret_troubles, name);

	if (!*trouble) {
		free(map_remove(&host->secret_troubles, name));
		return;
	}
	if (told && strcmp(told, trouble) == 0)
		return;
	instance_warn(host, "its secret '%.200s' cannot be had: %s", name,
		      trouble);
	free(map_put(&host->secret_troubles, name, mem_strdup(trouble)));
}

const void *
secret_get(struct teller_host *host, const char *name, size_t *len_r)
{
	struct err err = {0};
	size_t len = 0;

	*len_r = 0;
	if (!handle_is_good(host, "secret_get") || !name)
		return NULL;
	forget_lent(host);
	char *configured = read_configured(host, name, &len, &err);
	if (lend_kept(host, name, configured, len)) {
		if (configured)
			crypto_wipe(configured, len);
		free(configured);
	} else {
		host->secret = configured;
		host->secret_len = len;
	}
	tell_trouble(host, name, host->secret ? "" : err.text);
	*len_r = host->secret_len;
	return host->secret;
}

static int
check_put(struct teller_host *host, const char *name, const void *value,
	  size_t len)
{
	if (instance_check_room(host, "secret_put", INSTANCE_STOPPING) < 0)
		return -1;
	if (name && value && *name && strlen(name) <= MAX_NAME &&
	    len <= MAX_VALUE)
		return 0;
	instance_warn(host,
		      "secret_put is refused: its name has over %zu "
		      "bytes, or the secret over %d",
		      MAX_NAME, MAX_VALUE);
	return -1;
}

/* The mark of what the settings say.  While that cannot be read it stays the
 * one that is kept: readable again, it would pass for a new secret. */
static void
make_mark(struct teller_host *host, const char *name, uint8_t mark[MARK_SIZE])
{
	struct err err = {0};
	size_t len = 0, kept_len = 0;
	char *configured = read_configured(host, name, &len, &err);
	uint8_t *kept = *err.text ? unseal(host, name, &kept_len) : NULL;

	if (kept) {
		memcpy(mark, kept, MARK_SIZE);
		crypto_wipe(kept, kept_len);
	} else {
		mark_of(host, configured, len, mark);
	}
	if (configured)
		crypto_wipe(configured, len);
	free(configured);
	free(kept);
}

int
secret_put(struct teller_host *host, const char *name, const void *value,
	   size_t len, teller_kept_fn *done, void *arg)
{
	char key[TELLER_KEY_MAX + 1] = PUTTING_SECRET_PREFIX;
	size_t plain_len = MARK_SIZE + len;

	if (check_put(host, name, value, len) < 0)
		return -1;
	memcpy(key + sizeof PUTTING_SECRET_PREFIX - 1, name, strlen(name) + 1);
	uint8_t *plain = mem_new(plain_len);
	uint8_t *sealed = mem_new(plain_len + CRYPTO_SEAL_EXTRA);
	char *bound_to = about(host, name);
	make_mark(host, name, plain);
	memcpy(plain + MARK_SIZE, value, len);
	crypto_seal(host->frame->key, bound_to, plain, plain_len, sealed);
	/* value may be what secret_get() lent: it is forgotten only now. */
	forget_lent(host);
	remember(host, name, sealed, plain_len + CRYPTO_SEAL_EXTRA);
	putting_start(host,
		      &(struct plugin_state){
			      .key = key,
			      .value = sealed,
			      .value_len = plain_len + CRYPTO_SEAL_EXTRA,
		      },
		      1, done, arg);
	crypto_wipe(plain, plain_len);
	free(plain);
	free(sealed);
	free(bound_to);
	return 0;
}
