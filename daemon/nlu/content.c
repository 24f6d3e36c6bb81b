/* Any thread. */
#include "nlu/content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/yaml.h"

#define NAME_BYTES                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789-_."

bool
pack_next_member(const char *content, size_t len, size_t *at,
		 struct pack_member *m)
{
	size_t i = *at, size = 0;

	m->name = content + i;
	while (i < len && content[i] != ' ' && content[i] != '\n')
		i++;
	m->name_len = (size_t)(content + i - m->name);
	if (m->name_len == 0 || m->name_len > PACK_FILE_NAME_MAX || i == len ||
	    content[i] != ' ')
		return false;
	size_t digits = ++i;
	for (; i < len && content[i] >= '0' && content[i] <= '9'; i++)
		if ((size = size * 10 + (size_t)(content[i] - '0')) > len)
			return false;
	if (i == digits || i == len || content[i] != '\n' || size > len - i - 1)
		return false;
	m->text = content + i + 1;
	m->text_len = size;
	*at = i + 1 + size;
	return true;
}

/* Names of files relative to the pack, while it is gathered. */
struct gathering {
	const char *dir;
	char **names;
	size_t n;
	struct err *err;
};

static bool
is_yaml_name(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 &&
	       strcmp(name + len - 5, ".yaml") == 0;
}

static int
add_name(struct gathering *g, const char *prefix, const char *name)
{
	if (!is_yaml_name(name))
		return 0;
	if (!(strspn(name, NAME_BYTES) == strlen(name) &&
	      strlen(prefix) + strlen(name) <= PACK_FILE_NAME_MAX))
		return err_set(g->err,
			       "%s/%s%s: the name of a file may hold only "
			       "letters, digits, '-', '_' and '.', at most %zu",
			       g->dir, prefix, name,
			       PACK_FILE_NAME_MAX - strlen(prefix));
	if (g->n == PACK_FILES_MAX)
		return err_set(g->err, "%s: more than %d files", g->dir,
			       PACK_FILES_MAX);
	if (asprintf(&g->names[g->n], "%s%s", prefix, name) < 0)
		mem_exhausted();
	g->n++;
	return 0;
}

/* Names in one directory of the pack; sub is "" or "faq". */
static int
list_directory(struct gathering *g, const char *sub, const char *prefix)
{
	struct arena arena = {0};
	const char *path =
		arena_printf(&arena, "%s%s%s", g->dir, sub[0] ? "/" : "", sub);
	DIR *dir = opendir(path);
	int ret = 0;

	if (!dir && (!sub[0] || errno != ENOENT))
		ret = err_errno(g->err, "cannot read the pack %s", path);
	for (struct dirent *entry; dir && ret == 0 && (entry = readdir(dir));)
		ret = add_name(g, prefix, entry->d_name);
	if (dir)
		closedir(dir);
	arena_release(&arena);
	return ret;
}

/* All that fd gives, at most max bytes. */
static int
read_all(int fd, struct buf *out, size_t max)
{
	char block[16384];
	size_t before = out->len;

	for (;;) {
		ssize_t n = read(fd, block, sizeof block);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		if (out->len - before + (size_t)n > max ||
		    buf_add(out, block, (size_t)n) < 0) {
			errno = EFBIG;
			return -1;
		}
	}
}

static int
read_file(const char *path, struct buf *out, struct err *err)
{
	struct stat status;
	/* A pipe or a device must not make us wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	int ret = 0;
	if (fstat(fd, &status) < 0)
		ret = err_errno(err, "cannot read %s", path);
	else if (!S_ISREG(status.st_mode))
		ret = err_set(err, "%s: this is not a plain file", path);
	else if (read_all(fd, out, yaml_limits_pack.max_bytes) < 0)
		ret = err_errno(err, "cannot read %s", path);
	close(fd);
	return ret;
}

static int
add_file(struct gathering *g, const char *name, struct buf *content)
{
	struct arena arena = {0};
	struct buf text;

	buf_init(&text, PACK_BYTES_MAX);
	const char *path = arena_printf(&arena, "%s/%s", g->dir, name);
	int ret = read_file(path, &text, g->err);
	if (ret == 0) {
		buf_addf(content, "%s %zu\n", name, text.len);
		buf_add(content, buf_str(&text), text.len);
		if (content->failed)
			ret = err_set(g->err,
				      "%s: the pack is longer than %zu bytes",
				      path, PACK_BYTES_MAX);
	}
	buf_release(&text);
	arena_release(&arena);
	return ret;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Add the files named to the content, in order of name. */
static int
add_files(struct gathering *g, struct buf *content)
{
	qsort(g->names, g->n, sizeof *g->names, compare_names);
	buf_adds(content, PACK_FORMAT);
	for (size_t i = 0; i < g->n; i++)
		if (add_file(g, g->names[i], content) < 0)
			return -1;
	return 0;
}

int
pack_gather(const char *dir, struct buf *content, struct err *err)
{
	struct gathering g = {.dir = dir, .err = err};
	int ret = -1;

	g.names = mem_new(PACK_FILES_MAX * sizeof *g.names);
	if (list_directory(&g, "", "") == 0 &&
	    list_directory(&g, "faq", "faq/") == 0)
		ret = add_files(&g, content);
	for (size_t i = 0; i < g.n; i++)
		free(g.names[i]);
	free(g.names);
	return ret;
}
