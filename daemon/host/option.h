/* The services that read settings. */
#ifndef HOST_OPTION_H
#define HOST_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;
struct teller_host;
struct teller_plugin;

int64_t option_int(struct teller_host *, const char *path);
double option_real(struct teller_host *, const char *path);
bool option_bool(struct teller_host *, const char *path);
const char *option_text(struct teller_host *, const char *path);
size_t option_count(struct teller_host *, const char *path);
const char *option_item(struct teller_host *, const char *path, size_t i);

/* Where the secret of that path is; NULL: there is no such setting. */
const char *option_secret(struct teller_host *, const char *path);
/* What the plugin can with those settings: bits of enum teller_capability. */
unsigned int option_capabilities(const struct teller_plugin *,
				 const struct settings *);
/* How long a turn waits for more of a burst. */
int64_t option_burst_ms(struct teller_host *);

#endif
