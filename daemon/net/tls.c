/* OpenSSL for clients.  Loop thread. */
#include "net/tls.h"

#include <arpa/inet.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"

static bool
is_ip(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 ||
	       inet_pton(AF_INET6, host, bytes) == 1;
}

/* Whom the certificate is to name, and whom we ask for. */
static bool
set_host(SSL *ssl, const char *host)
{
	if (is_ip(host))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl),
						     host) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) == 1 &&
	       SSL_set_tlsext_host_name(ssl, host) == 1;
}

static int
set_trust(SSL_CTX *context, const char *ca_file, struct err *err)
{
	int ok = ca_file ? SSL_CTX_load_verify_file(context, ca_file)
			 : SSL_CTX_set_default_verify_paths(context);

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (ok == 1)
		return 0;
	ERR_clear_error();
	return err_set(err, "cannot read certificates from %s",
		       ca_file ? ca_file : "the system's place");
}

struct ssl_st *
tls_new(const char *host, const char *ca_file, struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;

	if (!context)
		mem_exhausted();
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	if (set_trust(context, ca_file, err) == 0) {
		ssl = SSL_new(context);
		if (!ssl)
			mem_exhausted();
		if (!set_host(ssl, host)) {
			err_set(err, "'%s' is no name for TLS", host);
			SSL_free(ssl);
			ssl = NULL;
		}
	}
	/* ssl holds a reference of its own. */
	SSL_CTX_free(context);
	return ssl;
}

bool
tls_explain(struct bufferevent *bev, char *out, size_t size)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	long verdict = SSL_get_verify_result(ssl);
	unsigned long error = bufferevent_get_openssl_error(bev);
	const char *reason = error ? ERR_reason_error_string(error) : NULL;

	if (verdict != X509_V_OK)
		reason = X509_verify_cert_error_string(verdict);
	if (reason)
		snprintf(out, size, "%s", reason);
	return reason != NULL;
}
