/* For tests of the services: an instance of a plugin that is the test itself,
 * on the fixture of host_fixture.h. */
#ifndef TESTS_UNIT_PLUGIN_FIXTURE_H
#define TESTS_UNIT_PLUGIN_FIXTURE_H

#include "host_fixture.h"

#include <stdatomic.h>

#include <tellerd/plugin.h>

#include "base/crypto.h"
#include "conf/options.h"
#include "host/instance.h"
#include "net/http_client.h"

/* What happened to the plugin and what it brought, in order, as words. */
struct story {
	char text[8192];
};

struct plugin_fixture {
	struct fixture base;
	struct host_frame frame;
	struct settings *settings;
	struct http_site *site; /* the test's; NULL: none */
	struct teller_host *host;
	const struct teller_services *services; /* from open() on */
	struct story story;
	bool is_settled; /* the instance is running, or at its end */
	bool never_stops;
	/* What the plugin does in its functions, besides; may be NULL. */
	int (*on_open)(void);
	int (*on_start)(void);
	void (*on_stop)(void);
	void (*on_close)(void);
	/* Keep what receive() got, to be answered by the test. */
	teller_stored_fn *on_stored;
	void *stored_arg;
};

static struct plugin_fixture fx;

__attribute__((unused, format(printf, 1, 2))) static void
tell_story(const char *fmt, ...)
{
	size_t len = strlen(fx.story.text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(fx.story.text + len, sizeof fx.story.text - len, fmt, args);
	va_end(args);
	len = strlen(fx.story.text);
	snprintf(fx.story.text + len, sizeof fx.story.text - len, "\n");
}

#define assert_story(words)                                \
	do {                                               \
		assert_string_equal(fx.story.text, words); \
		fx.story.text[0] = '\0';                   \
	} while (0)

static int
fx_open(const struct teller_services *services, struct teller_host *host,
	void **self_r, struct teller_words *words)
{
	(void)words;
	fx.services = services;
	assert_ptr_equal(host, fx.host);
	*self_r = &fx;
	return fx.on_open ? fx.on_open() : 0;
}

static int
fx_start(void *self, struct teller_words *words)
{
	assert_ptr_equal(self, &fx);
	snprintf(words->text, sizeof words->text, "no reason");
	return fx.on_start ? fx.on_start() : 0;
}

static void
fx_send(void *self, const struct teller_job *job)
{
	(void)self;
	tell_story("send %s", job->id);
}

static void
fx_stop(void *self)
{
	(void)self;
	if (fx.on_stop)
		fx.on_stop();
	if (!fx.never_stops)
		fx.services->stopped(fx.host);
}

static void
fx_close(void *self)
{
	(void)self;
	if (fx.on_close)
		fx.on_close();
}

/* clang-format off */
static const struct teller_option fx_account[] = {
	{.name = "token", .type = TELLER_SECRET, .fallback = "", .help = "A."},
	{.name = "port", .type = TELLER_INT, .fallback = "25", .help = "A."},
	{.name = NULL},
};
static const struct teller_option fx_options[] = {
	{.name = "burst", .type = TELLER_DURATION, .fallback = "600 ms",
	 .help = "A."},
	{.name = "title", .type = TELLER_TEXT, .fallback = "none",
	 .help = "A."},
	{.name = "ratio", .type = TELLER_REAL, .fallback = "0.5", .help = "A."},
	{.name = "loud", .type = TELLER_BOOL, .fallback = "true", .help = "A."},
	{.name = "words", .type = TELLER_LIST, .fallback = "", .help = "A."},
	{.name = "token", .type = TELLER_SECRET, .fallback = "", .help = "A."},
	{.name = "accounts", .type = TELLER_TABLE, .fields = fx_account,
	 .fallback = "", .help = "A."},
	{.name = NULL},
};
/* clang-format on */

static struct teller_plugin fx_plugin = {
	.size = sizeof fx_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.capabilities = TELLER_CAN_CHANNEL,
	.name = "probe",
	.version = "1",
	.options = fx_options,
	.open = fx_open,
	.start = fx_start,
	.send = fx_send,
	.stop = fx_stop,
	.close = fx_close,
};

static void
fx_settle(void *arg)
{
	(void)arg;
	if (fx.host)
		instance_settle(fx.host);
	fx.is_settled = fx.host && (fx.host->state == INSTANCE_RUNNING ||
				    fx.host->state >= INSTANCE_OVER);
}

static void
fx_receive(void *arg, const char *plugin, int64_t burst_ms,
	   const struct teller_message *message,
	   const struct teller_state *states, size_t n_states,
	   teller_stored_fn *on_stored, void *stored_arg)
{
	(void)arg, (void)states;
	tell_story("%s receives '%.*s' by %s, burst %d, %zu states", plugin,
		   (int)message->text_len, message->text,
		   message->author.name ? message->author.name : "?",
		   (int)burst_ms, n_states);
	fx.on_stored = on_stored;
	fx.stored_arg = stored_arg;
}

static void
fx_progress(void *arg, const char *plugin, const char *job, const void *state,
	    size_t len)
{
	(void)arg;
	tell_story("%s: %s progress '%.*s'", plugin, job, (int)len,
		   (const char *)state);
}

static void
fx_sent(void *arg, const char *plugin, const char *job, const char *external_id)
{
	(void)arg;
	tell_story("%s: %s sent as '%s'", plugin, job, external_id);
}

static void
fx_failed(void *arg, const char *plugin, const char *job,
	  enum teller_failure failure, int64_t not_before_us, const char *words)
{
	(void)arg, (void)not_before_us;
	tell_story("%s: %s failed %d '%s'", plugin, job, (int)failure, words);
}

__attribute__((unused)) static void
fx_read_settings(const char *text)
{
	const struct option_section section = {"plugins.probe", "", fx_options};
	struct err err = {0};

	settings_free(fx.settings);
	fx.settings = settings_read_text("test.yaml", text, strlen(text),
					 &section, 1, &err);
	if (!fx.settings)
		fail_msg("%s", err.text);
}

/* A new life of the plugin, up to where it runs or has failed. */
__attribute__((unused)) static void
fx_begin_instance(void)
{
	fx.is_settled = false;
	fx.host = instance_new(&fx.frame, &fx_plugin, fx.settings, fx.site);
	instance_begin(fx.host);
	fixture_run_until(&fx.base, &fx.is_settled);
}

__attribute__((unused)) static void
fx_end_instance(void)
{
	fx.is_settled = fx.host->state >= INSTANCE_OVER;
	instance_stop(fx.host);
	fixture_run_until(&fx.base, &fx.is_settled);
	instance_free(fx.host);
	fx.host = NULL;
}

/* All but the instance. */
__attribute__((unused)) static int
fx_begin_empty(void **state)
{
	(void)state;
	memset(&fx, 0, sizeof fx);
	fx_plugin.capabilities = TELLER_CAN_CHANNEL;
	fx_plugin.desk_option = NULL;
	fixture_begin(&fx.base);
	fx.frame.config = (struct host_config){
		.loop = fx.base.loop,
		.store = fx.base.store,
		.workers = fx.base.workers,
		.stop_ms = 200,
	};
	fx.frame.events = (struct host_events){
		.receive = fx_receive,
		.progress = fx_progress,
		.sent = fx_sent,
		.failed = fx_failed,
	};
	crypto_random(fx.frame.key, sizeof fx.frame.key);
	fx.frame.settle = timer_new(fx.base.loop, fx_settle, NULL);
	fx_read_settings("plugins:\n  probe: {}\n");
	return 0;
}

__attribute__((unused)) static int
fx_begin(void **state)
{
	fx_begin_empty(state);
	fx_begin_instance();
	return 0;
}

__attribute__((unused)) static int
fx_end(void **state)
{
	(void)state;
	if (fx.host)
		fx_end_instance();
	http_client_free(fx.frame.client);
	timer_free(fx.frame.settle);
	fixture_end(&fx.base);
	settings_free(fx.settings);
	return 0;
}

#endif
