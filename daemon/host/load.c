/* Loads objects by descriptor: every directory on the way and the file itself
 * are opened, checked as opened, and never looked up by name again, so that
 * nobody can put another thing in place between check and use. */
#include "host/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tellerd/plugin.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/check.h"

/* May what st describes be trusted with our process?  above: it is a directory
 * above the plugins'. */
static int
check_safe(const struct stat *st, const char *path, bool is_above,
	   struct err *err)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(err,
			       "%s belongs to user %lu: only root or the "
			       "daemon's own user may own a plugin and the "
			       "directories above it",
			       path, (unsigned long)st->st_uid);
	if (!(st->st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	if (is_above && st->st_uid == 0 && (st->st_mode & S_ISVTX))
		return 0;
	return err_set(err, "%s can be written by others: chmod go-w %s", path,
		       path);
}

/* Open one directory below parent and check it.  path is the way to it. */
static int
enter(int parent, const char *name, const char *path, bool is_above,
      struct err *err)
{
	struct stat st;
	int fd = openat(parent, name,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "cannot open the directory %s", path);
	if (fstat(fd, &st) < 0)
		err_errno(err, "cannot look at the directory %s", path);
	else if (check_safe(&st, path, is_above, err) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Open the directory at path, absolute and without links, step by step. */
static int
open_directory(char *path, struct err *err)
{
	bool is_root = strcmp(path, "/") == 0;
	int fd = enter(AT_FDCWD, "/", "/", !is_root, err);
	char *name = path + 1;

	while (fd >= 0 && *name) {
		char *end = name + strcspn(name, "/");
		char after = *end;
		*end = '\0';
		int below = enter(fd, name, path, after == '/', err);
		*end = after;
		close(fd);
		fd = below;
		name = end + (after == '/');
	}
	return fd;
}

static int
check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s is not a file", path);
	return check_safe(&st, path, false, err);
}

/* A descriptor of DIR/NAME.so, or -1 and *err; path is for words. */
static int
open_file(const char *dir, const char *name, const char *path, struct err *err)
{
	char file[CHECK_NAME_MAX + sizeof ".so"];
	char *real = realpath(dir, NULL);

	if (!real)
		return err_errno(err, "cannot find the plugins' directory %s",
				 dir);
	int dir_fd = open_directory(real, err);
	free(real);
	if (dir_fd < 0)
		return -1;
	snprintf(file, sizeof file, "%s.so", name);
	/* Without O_NONBLOCK a pipe of that name would stop us. */
	int fd = openat(dir_fd, file,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP)
		err_set(err, "%s is a symbolic link: put the file itself there",
			path);
	else if (fd < 0)
		err_errno(err, "cannot open %s", path);
	close(dir_fd);
	if (fd >= 0 && check_file(fd, path, err) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The name under which the loader finds what fd is.  By our number rather than
 * "self", so that it also means something to a debugger; the number is asked
 * of /proc, which may count in another namespace than getpid(). */
static int
name_descriptor(int fd, char *out, size_t size, struct err *err)
{
	char self[32];
	ssize_t len = readlink("/proc/self", self, sizeof self - 1);

	if (len <= 0)
		return err_errno(err, "cannot read /proc/self (is /proc "
				      "mounted?)");
	self[len] = '\0';
	snprintf(out, size, "/proc/%s/fd/%d", self, fd);
	return 0;
}

/* The loader's words without the name that is ours alone. */
static const char *
loader_words(const char *name)
{
	const char *words = dlerror();
	size_t len = strlen(name);

	if (!words)
		return "the loader does not say why";
	if (strncmp(words, name, len) == 0 && words[len] == ':')
		words += len + 1 + strspn(words + len + 1, " ");
	return words;
}

static int
load_handle(struct object *object, const char *path, struct err *err)
{
	char name[64];

	if (name_descriptor(object->fd, name, sizeof name, err) < 0)
		return -1;
	dlerror();
	object->handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!object->handle)
		return err_set(err, "%s cannot be loaded: %s", path,
			       loader_words(name));
	object->plugin = dlsym(object->handle, "teller_plugin");
	if (!object->plugin)
		return err_set(err,
			       "%s is no plugin: it does not export "
			       "teller_plugin",
			       path);
	return 0;
}

/* The host's option before the plugin's own. */
static void
add_options(struct object *object)
{
	const struct teller_option *own = object->plugin->options;
	size_t n = 0;

	while (own && own[n].name)
		n++;
	object->options = mem_new((n + 2) * sizeof *object->options);
	if (asprintf(&object->burst, "%" PRId64 " ms",
		     object->plugin->burst_ms) < 0)
		mem_exhausted();
	object->options[0] = (struct teller_option){
		.name = "burst",
		.type = TELLER_DURATION,
		.max = 10 * 60 * 1000,
		.fallback = object->burst,
		.help = "How long a turn waits for more of a burst of "
			"messages.",
	};
	if (n > 0)
		memcpy(object->options + 1, own, n * sizeof *own);
}

struct object *
object_load(const char *dir, const char *name, struct err *err)
{
	char path[PATH_MAX];
	struct object *object = mem_new(sizeof *object);

	object->fd = -1;
	snprintf(path, sizeof path, "%s/%.32s.so", dir, name);
	if (!check_is_name(name, CHECK_NAME_MAX)) {
		err_set(err, "a name is made of lower-case letters, digits and "
			     "'_'");
		goto fail;
	}
	object->fd = open_file(dir, name, path, err);
	if (object->fd < 0 || load_handle(object, path, err) < 0)
		goto fail;
	if (check_plugin(object->plugin, name, err) < 0) {
		err_prefix(err, "%s", path);
		goto fail;
	}
	add_options(object);
	return object;
fail:
	object_free(object);
	err_prefix(err, "plugin '%.32s'", name);
	return NULL;
}

/* The loader knows an object by the name it was loaded by.  If the object
 * stays (a library in it cannot be unloaded, or it says so itself), then the
 * descriptor must stay too: another file under its number would be taken for
 * the object. */
static void
unload(struct object *object)
{
	char name[64];
	bool is_kept = object->plugin && object->options &&
		       (object->plugin->capabilities & TELLER_KEEP_LOADED);

	if (is_kept)
		return;
	dlclose(object->handle);
	if (name_descriptor(object->fd, name, sizeof name, NULL) < 0)
		return;
	void *handle = dlopen(name, RTLD_NOW | RTLD_NOLOAD);
	if (handle)
		dlclose(handle);
	else
		close(object->fd);
}

void
object_free(struct object *object)
{
	if (!object)
		return;
	if (object->handle)
		unload(object);
	else if (object->fd >= 0)
		close(object->fd);
	free(object->options);
	free(object->burst);
	free(object);
}
