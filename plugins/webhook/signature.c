#include "signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "whsec_"
#define MAC_SIZE 32
#define BASE64_MAX 88 /* of the longest key */

/* EVP_DecodeBlock() takes blanks around the text, and counts the padding. */
static bool
is_base64(const char *text, size_t len)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789+/");

	return len % 4 == 0 && len <= BASE64_MAX && n + 2 >= len &&
	       n + strspn(text + n, "=") == len;
}

int
signature_read_key(struct signature_key *key, const char *secret, size_t len)
{
	unsigned char bytes[BASE64_MAX / 4 * 3];

	if (len >= strlen(PREFIX) &&
	    memcmp(secret, PREFIX, strlen(PREFIX)) == 0) {
		secret += strlen(PREFIX);
		len -= strlen(PREFIX);
	}
	if (strlen(secret) != len || !is_base64(secret, len))
		return -1;
	int n = EVP_DecodeBlock(bytes, (const unsigned char *)secret, (int)len);
	for (size_t i = len; n > 0 && i > 0 && secret[i - 1] == '='; i--)
		n--;
	int rc = -1;
	if (n >= SIGNATURE_KEY_MIN && n <= SIGNATURE_KEY_MAX) {
		memcpy(key->bytes, bytes, (size_t)n);
		key->len = (size_t)n;
		rc = 0;
	}
	OPENSSL_cleanse(bytes, sizeof bytes);
	return rc;
}

void
signature_wipe(struct signature_key *key)
{
	OPENSSL_cleanse(key, sizeof *key);
}

int
signature_make(const struct signature_key *key, const char *id,
	       const char *timestamp, const char *body,
	       char out[SIGNATURE_SIZE])
{
	unsigned char mac[MAC_SIZE];
	unsigned int mac_len = 0;
	size_t size = strlen(id) + strlen(timestamp) + strlen(body) + 3;
	char *text = malloc(size);

	if (!text)
		return -1;
	snprintf(text, size, "%s.%s.%s", id, timestamp, body);
	bool is_made = HMAC(EVP_sha256(), key->bytes, (int)key->len,
			    (const unsigned char *)text, size - 1, mac,
			    &mac_len) != NULL;
	free(text);
	if (!is_made || mac_len != MAC_SIZE)
		return -1;
	memcpy(out, "v1,", 3);
	EVP_EncodeBlock((unsigned char *)out + 3, mac, MAC_SIZE);
	return 0;
}
