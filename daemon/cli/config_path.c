#include "cli/config_path.h"

#include <stdio.h>
#include <unistd.h>

const char *
config_path(const char *given, char out[PATH_MAX])
{
	if (given)
		return given;
	snprintf(out, PATH_MAX, "%s/tellerd.yaml", TELLERD_SYSCONF_DIR);
	return access(out, F_OK) ? NULL : out;
}
