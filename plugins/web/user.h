/* Signed users: who the firm's own site says is logged in there.  It hands the
 * browser a JSON Web Token (RFC 7519) that it signed with a secret it shares
 * with us, and the browser brings it when a conversation begins. */
#ifndef WEB_USER_H
#define WEB_USER_H

#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

#define USER_TOKEN_MAX 4096
#define USER_SECRET_MIN                                                      \
	32		  /* RFC 7518, section 3.2: no shorter than the hash \
			   */
#define USER_AHEAD_S 3600 /* the furthest end of a token */

struct user {
	char id[TELLER_KEY_MAX + 1];
	char name[TELLER_NAME_MAX + 1]; /* "": the token has none */
};

/* Check the token, of bytes from anywhere, and take from it who is meant: HS256
 * alone, signed with the secret, exp in the future but no more than an hour,
 * nbf past if there is one, sub a line of 1 to 200 bytes, name one of up to
 * 200. Nothing in it is read before its signature was found right.  0, or -1
 * and *why_r, a sentence. */
int user_read(struct user *, const char *token, size_t len, const void *secret,
	      size_t secret_len, int64_t now_s, const char **why_r);

#endif
