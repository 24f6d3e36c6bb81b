/* The services that read settings. */
#ifndef HOST_OPTION_H
#define HOST_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct teller_host;

int64_t option_int(struct teller_host *, const char *path);
double option_real(struct teller_host *, const char *path);
bool option_bool(struct teller_host *, const char *path);
const char *option_text(struct teller_host *, const char *path);
size_t option_count(struct teller_host *, const char *path);
const char *option_item(struct teller_host *, const char *path, size_t i);

/* Where the secret of that path is; NULL: there is no such setting. */
const char *option_secret(struct teller_host *, const char *path);
/* How long a turn waits for more of a burst. */
int64_t option_burst_ms(struct teller_host *);

#endif
