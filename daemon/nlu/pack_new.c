/* Any thread; several may make packs, but each name only once. */
#include "nlu/pack_new.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "nlu/content.h"
#include "nlu/pack.h"
#include "store/files.h"

#define DEPTH_MAX 4 /* of folders in a pack */
#define HEAD "pack.yaml"

struct copying {
	const struct pack_new *wish;
	mode_t mask; /* of who calls: a pack is no secret */
	size_t n_files;
	struct arena arena;
	struct err *err;
};

/* ---- pack.yaml */

/* A line of YAML in quotes: nothing in the text means anything. */
static void
add_line(struct buf *out, const char *key, const char *text)
{
	buf_addf(out, "%s '", key);
	for (; *text; text++)
		buf_adds(out, *text == '\'' ? "''" : (char[2]){*text, 0});
	buf_adds(out, "'\n");
}

/* The lines of pack.yaml with those of the name and title changed; what goes
 * on with such a line is indented. */
static void
write_head(const struct pack_new *wish, const char *text, size_t len,
	   struct buf *out)
{
	const char *end = text + len;
	bool is_changed = false;

	while (text < end) {
		const char *next = memchr(text, '\n', (size_t)(end - text));
		next = next ? next + 1 : end;
		bool is_indented = *text == ' ' || *text == '\t';
		if (strncmp(text, "name:", 5) == 0)
			add_line(out, "name:", wish->name);
		else if (strncmp(text, "title:", 6) == 0)
			add_line(out, "title:", wish->title);
		else if (!is_indented || !is_changed)
			buf_add(out, text, (size_t)(next - text));
		if (!is_indented)
			is_changed = strncmp(text, "name:", 5) == 0 ||
				     strncmp(text, "title:", 6) == 0;
		text = next;
	}
}

static int
write_file(struct copying *c, const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(c->err, "cannot make %s", path);
	int rc = files_write(fd, buf_str(text), text->len);
	if (rc == 0)
		rc = fsync(fd);
	if (rc < 0)
		err_errno(c->err, "cannot write %s", path);
	close(fd);
	return rc;
}

static int
make_head(struct copying *c, const struct pack *pack, const char *dir)
{
	const char *from = arena_printf(&c->arena, "%s/" HEAD, c->wish->from);
	const char *to = arena_printf(&c->arena, "%s/" HEAD, dir);
	struct buf text;
	size_t len;

	const char *head = pack_file(pack, from, &len);
	if (!head)
		return err_set(c->err, "%s: there is no such file", from);
	buf_init(&text, PACK_BYTES_MAX);
	write_head(c->wish, head, len, &text);
	int rc = text.failed ? err_set(c->err, "%s is too long", from)
			     : write_file(c, to, &text);
	buf_release(&text);
	if (rc == 0 && chmod(to, 0644 & ~c->mask) < 0)
		rc = err_errno(c->err, "%s", to);
	return rc;
}

/* ---- The other files */

static int
copy_file(struct copying *c, const char *from, const char *to)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_errno(c->err, "cannot open %s", from);
	if (++c->n_files > PACK_FILES_MAX) {
		close(fd);
		return err_set(c->err, "%s: more than %d files", c->wish->from,
			       PACK_FILES_MAX);
	}
	int rc = files_copy(fd, to, c->err);
	close(fd);
	if (rc == 0 && chmod(to, 0644 & ~c->mask) < 0)
		rc = err_errno(c->err, "%s", to);
	return rc;
}

static int copy_dir(struct copying *c, const char *from, const char *to,
		    int depth);

/* What is neither a file nor a folder is no part of a pack. */
static int
copy_entry(struct copying *c, const char *from, const char *to, int depth)
{
	struct stat status;

	if (stat(from, &status) < 0)
		return err_errno(c->err, "cannot look at %s", from);
	if (S_ISREG(status.st_mode))
		return copy_file(c, from, to);
	if (!S_ISDIR(status.st_mode))
		return 0;
	if (depth == DEPTH_MAX)
		return err_set(c->err, "%s: more than %d folders deep", from,
			       DEPTH_MAX);
	if (mkdir(to, 0755) < 0)
		return err_errno(c->err, "cannot make %s", to);
	return copy_dir(c, from, to, depth + 1);
}

/* Calls itself by copy_entry() for folders, DEPTH_MAX deep. */
static int
copy_dir(struct copying *c, const char *from, const char *to, int depth)
{
	DIR *dir = opendir(from);
	int rc = dir ? 0 : err_errno(c->err, "cannot read %s", from);

	for (struct dirent *e; dir && rc == 0 && (e = readdir(dir));) {
		bool is_head = depth == 0 && strcmp(e->d_name, HEAD) == 0;
		if (e->d_name[0] == '.' || is_head)
			continue;
		rc = copy_entry(
			c, arena_printf(&c->arena, "%s/%s", from, e->d_name),
			arena_printf(&c->arena, "%s/%s", to, e->d_name), depth);
	}
	if (dir)
		closedir(dir);
	return rc == 0 ? files_sync(to, c->err) : -1;
}

/* Calls itself; only what copy_dir() made is in there. */
static void
remove_dir(struct copying *c, const char *path)
{
	DIR *dir = opendir(path);

	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		const char *inside =
			arena_printf(&c->arena, "%s/%s", path, e->d_name);
		if (unlink(inside) < 0)
			remove_dir(c, inside);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

/* ---- All of it */

/* It is what was wished for, as the desk will read it. */
static int
check_copy(struct copying *c, const char *dir)
{
	struct pack *pack = pack_read(dir, c->err);

	if (!pack)
		return -1;
	int rc = strcmp(pack->name, c->wish->name) == 0
			 ? 0
			 : err_set(c->err,
				   "%s/" HEAD ": the name cannot be changed "
				   "there: write 'name:' and 'title:' at the "
				   "beginnings of lines",
				   c->wish->from);
	pack_free(pack);
	return rc;
}

static int
give_name(struct copying *c, const char *dir, const char *path)
{
	if (chmod(dir, 0755 & ~c->mask) < 0)
		return err_errno(c->err, "%s", dir);
	if (files_name_new(dir, path) == 0)
		return files_sync_parent(path, c->err);
	if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR)
		return err_set(c->err, "%s is there already", path);
	return err_errno(c->err, "cannot make %s", path);
}

static int
make_beside(struct copying *c, const struct pack *pack, const char *path)
{
	bool is_made = mkdir(c->wish->to, 0755) == 0;
	char *dir = arena_printf(&c->arena, "%s/.%s-XXXXXX", c->wish->to,
				 c->wish->name);

	if (!mkdtemp(dir))
		return err_errno(c->err, "cannot make a pack in %s",
				 c->wish->to);
	int rc = copy_dir(c, c->wish->from, dir, 0);
	if (rc == 0)
		rc = make_head(c, pack, dir);
	if (rc == 0)
		rc = check_copy(c, dir);
	if (rc == 0)
		rc = give_name(c, dir, path);
	if (rc < 0)
		remove_dir(c, dir);
	if (rc < 0 && is_made)
		rmdir(c->wish->to);
	return rc;
}

int
pack_make_new(const struct pack_new *wish, struct err *err)
{
	struct copying c = {.wish = wish, .err = err, .mask = umask(0)};
	struct pack *pack = NULL;
	struct stat status;
	int rc = -1;

	umask(c.mask);
	const char *path =
		arena_printf(&c.arena, "%s/%s", wish->to, wish->name);
	if (lstat(path, &status) == 0)
		err_set(err, "%s is there already", path);
	else if ((pack = pack_read(wish->from, err)))
		rc = make_beside(&c, pack, path);
	pack_free(pack);
	arena_release(&c.arena);
	return rc;
}
