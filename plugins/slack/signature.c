#include "signature.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#define PREFIX "v0="
#define MAC_SIZE 32
#define SIGNATURE_LEN (sizeof(PREFIX) - 1 + 2 * MAC_SIZE)
#define TIMESTAMP_MAX 12 /* digits: no second of ours has more */

/* -1: it is not a plain number of seconds. */
static int64_t
read_seconds(const char *text)
{
	size_t len = strlen(text);
	int64_t seconds = 0;
	if (len == 0 || len > TIMESTAMP_MAX ||
	    strspn(text, "0123456789") != len)
		return -1;
	for (size_t i = 0; i < len; i++)
		seconds = seconds * 10 + (text[i] - '0');
	return seconds;
}

/* "v0=" and the MAC of "v0:timestamp:body" in small hex; the text is no longer
 * than a signature. */
static bool
make(EVP_MAC *mac, const char *secret, size_t secret_len, const char *timestamp,
     const void *body, size_t body_len, char out[SIGNATURE_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char tag[MAC_SIZE];
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(
					     OSSL_MAC_PARAM_DIGEST, digest, 0),
				     OSSL_PARAM_construct_end()};
	size_t n = strlen(PREFIX), len = 0;
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	bool is_made =
		context &&
		EVP_MAC_init(context, (const unsigned char *)secret, secret_len,
			     params) &&
		EVP_MAC_update(context, (const unsigned char *)"v0:", 3) &&
		EVP_MAC_update(context, (const unsigned char *)timestamp,
			       strlen(timestamp)) &&
		EVP_MAC_update(context, (const unsigned char *)":", 1) &&
		EVP_MAC_update(context, body, body_len) &&
		EVP_MAC_final(context, tag, &len, sizeof(tag)) &&
		len == sizeof(tag);
	EVP_MAC_CTX_free(context);
	memcpy(out, PREFIX, n);
	for (size_t i = 0; is_made && i < sizeof(tag); i++) {
		out[n++] = hex[tag[i] >> 4];
		out[n++] = hex[tag[i] & 15];
	}
	out[n] = '\0';
	return is_made;
}

static bool
is_signed_by_any(EVP_MAC *mac, const char *secrets, size_t secrets_len,
		 const char *timestamp, const char *signature, const void *body,
		 size_t body_len)
{
	char expected[SIGNATURE_LEN + 1];
	bool is_good = false;
	while (secrets_len > 0) {
		const char *end = memchr(secrets, '\n', secrets_len);
		size_t len = end ? (size_t)(end - secrets) : secrets_len;
		if (len > 0 && make(mac, secrets, len, timestamp, body,
				    body_len, expected))
			is_good |= CRYPTO_memcmp(expected, signature,
						 SIGNATURE_LEN) == 0;
		len += end != NULL;
		secrets += len;
		secrets_len -= len;
	}
	OPENSSL_cleanse(expected, sizeof(expected));
	return is_good;
}

bool
signature_is_good(const char *secrets, size_t secrets_len,
		  const char *timestamp, const char *signature,
		  const void *body, size_t body_len, int64_t now_s)
{
	int64_t at_s = timestamp ? read_seconds(timestamp) : -1;
	if (at_s < 0 || !signature || strlen(signature) != SIGNATURE_LEN ||
	    at_s > now_s + SIGNATURE_WINDOW_S ||
	    at_s < now_s - SIGNATURE_WINDOW_S)
		return false;
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	bool is_good =
		mac && is_signed_by_any(mac, secrets, secrets_len, timestamp,
					signature, body, body_len);
	EVP_MAC_free(mac);
	return is_good;
}

bool
signature_make(const char *secrets, size_t secrets_len, const char *timestamp,
	       const void *body, size_t body_len, char out[SIGNATURE_SIZE])
{
	const char *end = memchr(secrets, '\n', secrets_len);
	size_t len = end ? (size_t)(end - secrets) : secrets_len;
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	bool is_made = mac && len > 0 &&
		       make(mac, secrets, len, timestamp, body, body_len, out);
	EVP_MAC_free(mac);
	return is_made;
}
