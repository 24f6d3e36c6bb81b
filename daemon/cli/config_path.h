/* Which tellerd.yaml the programs read. */
#ifndef CLI_CONFIG_PATH_H
#define CLI_CONFIG_PATH_H

#include <limits.h>

/* The file given, or else the installed one if it is there; NULL: none, the
 * settings are the fallbacks. */
const char *config_path(const char *given, char out[PATH_MAX]);

#endif
