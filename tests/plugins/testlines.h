/* A unix socket at which tests talk to a test plugin, a line a message. */
#ifndef TESTS_PLUGINS_TESTLINES_H
#define TESTS_PLUGINS_TESTLINES_H

#include <stddef.h>

#include <tellerd/plugin.h>

struct testlines;

/* line: without its end, NUL-terminated; borrowed for the call. */
typedef void testlines_fn(void *arg, char *line);

/* Listen at path, replacing what is there.  NULL and words. */
struct testlines *testlines_new(const struct teller_services *,
				struct teller_host *, const char *path,
				testlines_fn *, void *arg,
				struct teller_words *);
/* To all who are connected; one that does not read is hung up on. */
void testlines_write(struct testlines *, const char *line);
void testlines_free(struct testlines *);

#endif
