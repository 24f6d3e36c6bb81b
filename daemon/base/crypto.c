/* Cryptographic things from libcrypto.  Any thread: nothing is kept. */
#include "base/crypto.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

#define NONCE_SIZE 12
#define TAG_SIZE 16

/* What cannot fail on a sound system failed: going on would be unsafe. */
static void
require(bool is_done, const char *what)
{
	if (is_done)
		return;
	log_error("libcrypto cannot %s", what);
	abort();
}

void
crypto_random(void *out, size_t len)
{
	require(len <= INT_MAX && RAND_bytes(out, (int)len) == 1,
		"make random bytes");
}

void
crypto_sha256(const void *data, size_t len, uint8_t out[SHA256_SIZE])
{
	require(SHA256(data, len, out), "compute SHA-256");
}

void
crypto_sha256_hex(const void *data, size_t len, char out[SHA256_HEX_SIZE])
{
	uint8_t sum[SHA256_SIZE];

	crypto_sha256(data, len, sum);
	crypto_hex(sum, sizeof sum, out);
}

int
crypto_sha256_file_hex(int fd, char out[SHA256_HEX_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t sum[SHA256_SIZE], block[16384];
	off_t offset = 0;
	ssize_t n;

	require(ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL),
		"compute SHA-256");
	while ((n = pread(fd, block, sizeof block, offset)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		require(EVP_DigestUpdate(ctx, block, (size_t)n),
			"compute SHA-256");
		offset += n;
	}
	int error = errno;
	require(EVP_DigestFinal_ex(ctx, sum, NULL), "compute SHA-256");
	EVP_MD_CTX_free(ctx);
	crypto_hex(sum, sizeof sum, out);
	errno = error;
	return n < 0 ? -1 : 0;
}

void
crypto_hmac_sha256(const void *key, size_t key_len, const void *data,
		   size_t len, uint8_t out[SHA256_SIZE])
{
	require(key_len <= INT_MAX && HMAC(EVP_sha256(), key, (int)key_len,
					   data, len, out, NULL),
		"compute HMAC-SHA-256");
}

bool
crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
crypto_wipe(void *data, size_t len)
{
	OPENSSL_cleanse(data, len);
}

void
crypto_hex(const void *data, size_t len, char *out)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++) {
		*out++ = "0123456789abcdef"[bytes[i] >> 4];
		*out++ = "0123456789abcdef"[bytes[i] & 15];
	}
	*out = '\0';
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789-_";

void
crypto_base64url(const void *data, size_t len, char *out)
{
	const uint8_t *bytes = data;
	unsigned bits = 0, n_bits = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (n_bits += 8; n_bits >= 6; n_bits -= 6)
			*out++ = digits[bits >> (n_bits - 6) & 63];
	}
	if (n_bits > 0)
		*out++ = digits[bits << (6 - n_bits) & 63];
	*out = '\0';
}

/* The six bits of a digit; 64 if it is none. */
static unsigned
read_digit(char c)
{
	const char *digit = c ? strchr(digits, c) : NULL;

	return digit ? (unsigned)(digit - digits) : 64;
}

/* Whether text is made of digits and stands for whole bytes: the bits of the
 * last digit that belong to no byte are 0, so that each value has one text. */
static bool
is_base64url(const char *text, size_t len)
{
	static const unsigned unused[] = {0, 63, 15, 3};

	for (size_t i = 0; i < len; i++)
		if (read_digit(text[i]) == 64)
			return false;
	if (len % 4 == 0)
		return true;
	return len % 4 != 1 &&
	       (read_digit(text[len - 1]) & unused[len % 4]) == 0;
}

long
crypto_base64url_decode(const char *text, void *out, size_t max)
{
	size_t text_len = strlen(text), len = text_len / 4 * 3;
	uint8_t *bytes = out;
	unsigned bits = 0, n_bits = 0;

	if (text_len % 4 > 0)
		len += text_len % 4 - 1;
	if (!is_base64url(text, text_len) || len > max)
		return -1;
	for (; *text; text++) {
		bits = bits << 6 | read_digit(*text);
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		*bytes++ = (uint8_t)(bits >> n_bits);
	}
	return (long)len;
}

void
crypto_seal(const uint8_t key[32], const char *about, const void *data,
	    size_t len, uint8_t *out)
{
	uint8_t *nonce = out, *text = nonce + NONCE_SIZE, *tag = text + len;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	require(ctx && len <= INT_MAX && strlen(about) <= INT_MAX, "seal");
	crypto_random(nonce, NONCE_SIZE);
	bool is_sealed =
		EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) &&
		EVP_EncryptUpdate(ctx, NULL, &n, (const uint8_t *)about,
				  (int)strlen(about)) &&
		(len == 0 ||
		 EVP_EncryptUpdate(ctx, text, &n, data, (int)len)) &&
		EVP_EncryptFinal_ex(ctx, tag, &n) &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag);
	require(is_sealed, "seal");
	EVP_CIPHER_CTX_free(ctx);
}

/* Decrypt len bytes of text to out; whether the tag is theirs. */
static bool
open_seal(EVP_CIPHER_CTX *ctx, const uint8_t key[32], const char *about,
	  const uint8_t *nonce, size_t len, uint8_t *out)
{
	const uint8_t *text = nonce + NONCE_SIZE;
	uint8_t tag[TAG_SIZE], end[TAG_SIZE];
	int n;

	memcpy(tag, text + len, TAG_SIZE);
	return EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) &&
	       EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *)about,
				 (int)strlen(about)) &&
	       (len == 0 || EVP_DecryptUpdate(ctx, out, &n, text, (int)len)) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) &&
	       EVP_DecryptFinal_ex(ctx, end, &n);
}

int
crypto_unseal(const uint8_t key[32], const char *about, const void *data,
	      size_t len, uint8_t *out, struct err *err)
{
	if (len < CRYPTO_SEAL_EXTRA || len > INT_MAX || strlen(about) > INT_MAX)
		return err_set(err, "sealed data has no possible length");
	len -= CRYPTO_SEAL_EXTRA;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	require(ctx, "unseal");
	bool is_ours = open_seal(ctx, key, about, data, len, out);
	EVP_CIPHER_CTX_free(ctx);
	if (is_ours)
		return 0;
	crypto_wipe(out, len);
	return err_set(err,
		       "sealed data is damaged, or was sealed with another "
		       "key or for another purpose");
}
