#include "dialog/places.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* What an uninstalled build has beside the program, and nobody else. */
#define BUILD_MARK "config.status"

/* The directory of the running program, "" if it cannot be told. */
static void
program_dir(struct buf *out)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	if (n <= 0 || (size_t)n == sizeof(path))
		return;
	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n > 0)
		buf_add(out, path, (size_t)n - 1);
}

static bool
has_file(const struct buf *dir, const char *name)
{
	struct buf path;
	buf_init(&path, PATH_MAX);
	buf_addf(&path, "%s/%s", buf_str(dir), name);
	struct stat status;
	bool is_there = !path.failed && !stat(buf_str(&path), &status);
	buf_release(&path);
	return is_there;
}

static void
find_place(const char *setting, const char *in_build, const char *installed,
	   struct buf *out)
{
	if (*setting) {
		buf_adds(out, setting);
		return;
	}
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	program_dir(&dir);
	if (dir.len && has_file(&dir, BUILD_MARK) && has_file(&dir, in_build))
		buf_addf(out, "%s/%s", buf_str(&dir), in_build);
	else
		buf_adds(out, installed);
	buf_release(&dir);
}

void
places_plugins(const char *setting, struct buf *out)
{
	find_place(setting, "plugins/.libs", TELLERD_PLUGIN_DIR, out);
}

void
places_packs(const char *setting, struct buf *out)
{
	find_place(setting, "intents", TELLERD_PACKS_DIR, out);
}
