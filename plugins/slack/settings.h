/* What the settings say of the channel as a whole. */
#ifndef SLACK_SETTINGS_H
#define SLACK_SETTINGS_H

#include <stdbool.h>
#include <tellerd/plugin.h>

struct slack;

extern const struct teller_option settings_options[];

/* Read them, but for workspaces and the desk, which read their own.  -1 and
 * words: they are wrong. */
int settings_read(struct slack *, struct teller_words *);
/* Which way events come, by the secrets that are there.  -1 and words: none. */
int settings_read_way(const struct slack *, bool *is_linked_r,
		      struct teller_words *);

#endif
