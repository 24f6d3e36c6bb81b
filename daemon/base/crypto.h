/* The few cryptographic things we need, from libcrypto. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define SHA256_SIZE 32
#define SHA256_HEX_SIZE 65

/* Random bytes; ends the process if the system has none. */
void crypto_random(void *out, size_t len);
void crypto_sha256(const void *data, size_t len, uint8_t out[SHA256_SIZE]);
/* The same as 64 lower-case hex digits and a NUL. */
void crypto_sha256_hex(const void *data, size_t len, char out[SHA256_HEX_SIZE]);
/* The same of a whole file, which is read from its beginning.  0, or -1 and
 * errno. */
int crypto_sha256_file_hex(int fd, char out[SHA256_HEX_SIZE]);
void crypto_hmac_sha256(const void *key, size_t key_len, const void *data,
			size_t len, uint8_t out[SHA256_SIZE]);
/* Equal, in a time that depends on len alone. */
bool crypto_equal(const void *a, const void *b, size_t len);
/* Overwrite a secret so that no compiler removes it. */
void crypto_wipe(void *data, size_t len);

/* Lower-case hex; out holds 2 * len + 1. */
void crypto_hex(const void *data, size_t len, char *out);
/* base64url without padding (RFC 4648, section 5); out holds at least
 * (len * 4 + 2) / 3 + 1. */
void crypto_base64url(const void *data, size_t len, char *out);
/* The way back: length, or -1 if text is not base64url or longer than max. */
long crypto_base64url_decode(const char *text, void *out, size_t max);

/* AES-256-GCM with a random nonce: out gets nonce || text || tag, that is
 * CRYPTO_SEAL_EXTRA more than len.  `about` is bound to it, not kept. */
#define CRYPTO_SEAL_EXTRA 28
void crypto_seal(const uint8_t key[32], const char *about, const void *data,
		 size_t len, uint8_t *out);
/* out holds len - CRYPTO_SEAL_EXTRA.  -1 if key, about or data are not what
 * was sealed; then out is zeroed, lest anyone use what nobody vouches for. */
int crypto_unseal(const uint8_t key[32], const char *about, const void *data,
		  size_t len, uint8_t *out, struct err *err);

#endif
