/* The signature of a request from Slack ("v0"). */
#ifndef SLACK_SIGNATURE_H
#define SLACK_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How old, or how far ahead, a request's own clock may be. */
#define SIGNATURE_WINDOW_S 300

/* Was the body signed by one of the secrets, which stand a line each, and at
 * about that time?  timestamp and signature are the request's headers, NULL
 * without one.  Takes as long whatever the signature is. */
bool signature_is_good(const char *secrets, size_t secrets_len,
		       const char *timestamp, const char *signature,
		       const void *body, size_t body_len, int64_t now_s);

#define SIGNATURE_SIZE (3 + 64 + 1) /* "v0=", hex, NUL */

/* Sign as Slack does, with the first of the secrets.  false: it cannot be
 * done. */
bool signature_make(const char *secrets, size_t secrets_len,
		    const char *timestamp, const void *body, size_t body_len,
		    char out[SIGNATURE_SIZE]);

#endif
