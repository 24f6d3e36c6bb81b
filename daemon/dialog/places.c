/* Any thread; it keeps nothing. */
#include "dialog/places.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

/* What an uninstalled build has beside the program, and nobody else. */
#define BUILD_MARK "config.status"
#define PLUGIN_END ".so"

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

static int
is_plugin(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), end = strlen(PLUGIN_END);
	return len > end && strcmp(entry->d_name + len - end, PLUGIN_END) == 0;
}

static int
may_be_pack(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type != DT_REG;
}

/* The entries that is_one takes, without the last cut bytes of their names. */
static long
list_names(const char *dir, int (*is_one)(const struct dirent *), size_t cut,
	   struct arena *arena, const char ***names_r, struct err *err)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_one, alphasort);
	if (n < 0)
		return err_errno(err, "cannot list the directory %s", dir);
	const char **names = arena_array(arena, (size_t)n, sizeof(*names));
	for (int i = 0; i < n; i++) {
		const char *file = entries[i]->d_name;
		names[i] = arena_strndup(arena, file, strlen(file) - cut);
		free(entries[i]);
	}
	free(entries);
	*names_r = names;
	return n;
}

long
places_plugin_names(const char *dir, struct arena *arena, const char ***names_r,
		    struct err *err)
{
	return list_names(dir, is_plugin, strlen(PLUGIN_END), arena, names_r,
			  err);
}

long
places_pack_names(const char *dir, struct arena *arena, const char ***names_r,
		  struct err *err)
{
	return list_names(dir, may_be_pack, 0, arena, names_r, err);
}

bool
places_is_directory(const char *path)
{
	struct stat status;
	return !stat(path, &status) && S_ISDIR(status.st_mode);
}
