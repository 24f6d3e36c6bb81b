#include "net/tls_server.h"

#include <event2/bufferevent_ssl.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

/* What OpenSSL knows of why. */
static const char *
reason(void)
{
	unsigned long number = ERR_peek_last_error();
	const char *words = number ? ERR_reason_error_string(number) : NULL;

	return words ? words : "it is not PEM";
}

/* ---- Certificate and key */

/* OpenSSL would wait for a pipe. */
static int
check_file(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "cannot read %s", path);
	bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	close(fd);
	return is_file ? 0 : err_set(err, "%s is no file", path);
}

static int
load(SSL_CTX *context, const char *certificate, struct err *err)
{
	if (check_file(certificate, err) < 0)
		return -1;
	if (SSL_CTX_use_certificate_chain_file(context, certificate) == 1)
		return 0;
	err_set(err, "%s has no certificate: %s", certificate, reason());
	ERR_clear_error();
	return -1;
}

/* Nobody is there to be asked for a password. */
static int
no_password(char *out, int size, int is_writing, void *arg)
{
	(void)out, (void)size, (void)is_writing, (void)arg;
	return -1;
}

static EVP_PKEY *
read_key(const char *pem, size_t len, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);

	if (!bio)
		mem_exhausted();
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	if (!key)
		err_set(err, "it has no private key without a password: %s",
			reason());
	BIO_free(bio);
	return key;
}

int
tls_server_set_key(struct ssl_ctx_st *context, const char *pem, size_t len,
		   struct err *err)
{
	ERR_clear_error();
	EVP_PKEY *key = read_key(pem, len, err);
	bool is_good = key && SSL_CTX_use_PrivateKey(context, key) == 1 &&
		       SSL_CTX_check_private_key(context) == 1;
	if (key && !is_good)
		err_set(err, "it is not the key of the certificate");
	EVP_PKEY_free(key);
	ERR_clear_error();
	return is_good ? 0 : -1;
}

/* ---- The context */

/* HTTP/1.1 is all we speak; who offers it only beside others is told. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
		const unsigned char *in, unsigned int in_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl, (void)arg;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in,
				  in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

struct ssl_ctx_st *
tls_server_new(const char *certificate, struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context)
		mem_exhausted();
	ERR_clear_error();
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_NO_COMPRESSION);
	/* Idle streams hold no buffers; tickets need no memory here. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	if (load(context, certificate, err) == 0)
		return context;
	SSL_CTX_free(context);
	return NULL;
}

int64_t
tls_server_ends_s(const struct ssl_ctx_st *context)
{
	const X509 *certificate = SSL_CTX_get0_certificate(context);
	struct tm tm;

	/* OpenSSL has taken it: it has a time. */
	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
		return 0;
	return timegm(&tm);
}

struct ssl_ctx_st *
tls_server_ref(struct ssl_ctx_st *context)
{
	if (context)
		SSL_CTX_up_ref(context);
	return context;
}

void
tls_server_free(struct ssl_ctx_st *context)
{
	SSL_CTX_free(context);
}

/* ---- Connections */

struct bufferevent *
tls_server_accept(struct ssl_ctx_st *context, struct event_base *base, int fd)
{
	SSL *ssl = SSL_new(context);

	if (!ssl)
		mem_exhausted();
	struct bufferevent *bev = bufferevent_openssl_socket_new(
		base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
		BEV_OPT_CLOSE_ON_FREE);
	if (!bev)
		mem_exhausted();
	/* HTTP says by itself where a message ends. */
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void
tls_server_say_end(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	ERR_clear_error();
	if (SSL_is_init_finished(ssl))
		SSL_shutdown(ssl);
	ERR_clear_error();
}
