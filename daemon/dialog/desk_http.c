/* The settings of the HTTP server.  Checking runs on any thread, applying on
 * the loop. */
#include <stddef.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/options.h"
#include "dialog/desk_parts.h"
#include "host/key.h"
#include "net/address.h"
#include "net/http_server.h"
#include "net/tls_server.h"

static int
read_proxies(const struct settings *settings, struct address_net *nets,
	     struct err *err)
{
	const char *text;

	for (size_t i = 0; (text = settings_item(settings, "http.proxies", i));
	     i++)
		if (address_net_parse(&nets[i], text, err) < 0)
			return -1;
	return 0;
}

int
desk_check_http(const struct settings *settings, struct err *err)
{
	size_t n = settings_count(settings, "http.proxies");
	struct address_net *nets = mem_array(n + 1, sizeof(*nets));
	int rc = read_proxies(settings, nets, err);

	free(nets);
	return rc < 0 ? settings_blame(settings, "http.proxies", err) : 0;
}

static int
read_tls_key(struct ssl_ctx_st *tls, const char *where, struct err *err)
{
	size_t len;
	char *key = key_read_secret(where, &len, err);
	if (!key)
		return -1;
	int rc = tls_server_set_key(tls, key, len, err);
	crypto_wipe(key, len);
	free(key);
	return rc < 0 ? err_prefix(err, "%s: ", where) : 0;
}

static struct ssl_ctx_st *
read_tls(const struct settings *settings, struct err *err)
{
	const char *certificate =
		settings_text(settings, "http.tls_certificate");
	const char *key = settings_text(settings, "http.tls_key");
	struct ssl_ctx_st *tls = NULL;

	if (!*certificate || !*key) {
		err_set(err, "an address with 'tls:' needs it");
		settings_blame(settings,
			       *key ? "http.tls_certificate" : "http.tls_key",
			       err);
		return NULL;
	}
	tls = tls_server_new(certificate, err);
	if (!tls) {
		settings_blame(settings, "http.tls_certificate", err);
	} else if (read_tls_key(tls, key, err)) {
		settings_blame(settings, "http.tls_key", err);
		tls_server_free(tls);
		return NULL;
	}
	return tls;
}

static int
find_tls(const struct settings *settings, struct http_address *list,
	 struct err *err)
{
	if (!http_addresses_want_tls(list)) {
		if (!*settings_text(settings, "http.tls_certificate"))
			return 0;
		err_set(err, "no address of http.listen begins with 'tls:', "
			     "so that nothing would be encrypted");
		return settings_blame(settings, "http.tls_certificate", err);
	}
	struct ssl_ctx_st *tls = read_tls(settings, err);
	if (!tls)
		return -1;
	http_addresses_set_tls(list, tls);
	tls_server_free(tls);
	return 0;
}

int
desk_find_addresses(const struct settings *settings, struct http_address **list,
		    struct err *err)
{
	size_t n = settings_count(settings, "http.listen");
	for (size_t i = 0; i < n; i++)
		if (http_address_add(list,
				     settings_item(settings, "http.listen", i),
				     err))
			return settings_blame(settings, "http.listen", err);
	return find_tls(settings, *list, err);
}

static void
read_limits(const struct settings *settings, struct http_limits *limits)
{
	static const struct {
		const char *path;
		size_t at;
	} ints[] = {
		{"http.max_connections",
		 offsetof(struct http_limits, max_connections)},
		{"http.max_per_address",
		 offsetof(struct http_limits, max_per_address)},
		{"http.max_streams_per_address",
		 offsetof(struct http_limits, max_streams_per_address)},
		{"http.rate_per_token",
		 offsetof(struct http_limits, rate_per_token)},
		{"http.rate_per_address",
		 offsetof(struct http_limits, rate_per_address)},
		{"http.rate_total", offsetof(struct http_limits, rate_total)},
	};

	for (size_t i = 0; i < sizeof(ints) / sizeof(*ints); i++)
		*(int *)((char *)limits + ints[i].at) =
			(int)settings_int(settings, ints[i].path);
	limits->rate_loopback = settings_bool(settings, "http.rate_loopback");
	limits->max_body_bytes =
		(size_t)settings_int(settings, "http.max_body");
	limits->head_ms = settings_int(settings, "http.head_timeout");
	limits->body_ms = settings_int(settings, "http.body_timeout");
	limits->idle_ms = settings_int(settings, "http.idle_timeout");
	limits->answer_ms = settings_int(settings, "http.answer_timeout");
	limits->stream_max_ms = settings_int(settings, "http.stream_max");
	limits->hsts_s = settings_int(settings, "http.hsts") / 1000;
}

void
desk_apply_http(struct desk *desk)
{
	const struct settings *settings = desk->settings;
	struct http_limits limits = http_limits_default;
	size_t n_hosts = settings_count(settings, "http.hosts");
	size_t n_proxies = settings_count(settings, "http.proxies");
	const char **hosts = mem_array(n_hosts + 1, sizeof(*hosts));
	struct address_net *proxies =
		mem_array(n_proxies + 1, sizeof(*proxies));

	read_limits(settings, &limits);
	for (size_t i = 0; i < n_hosts; i++)
		hosts[i] = settings_item(settings, "http.hosts", i);
	limits.hosts = n_hosts ? hosts : NULL;
	limits.n_hosts = n_hosts;
	/* It was checked before. */
	if (read_proxies(settings, proxies, NULL) == 0) {
		limits.proxies = proxies;
		limits.n_proxies = n_proxies;
	}
	limits.client_field =
		settings_text(settings, "http.client_header")[0] == 'x'
			? FORWARDED_X_FOR
			: FORWARDED_RFC7239;
	http_server_set_limits(desk->http, &limits);
	free(hosts);
	free(proxies);
}
