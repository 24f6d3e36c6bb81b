#include "host/key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"

#define KEY_SIZE 32

/* Is it a file of at most max bytes that is root's or ours, and has none of
 * the permissions in `forbidden`? */
static int
check_file(int fd, const char *path, mode_t forbidden, size_t max,
	   size_t *size_r, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s is not a file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(err, "%s belongs to neither root nor us", path);
	if (st.st_mode & forbidden)
		return err_set(err, "%s is open to others: chmod %s %s", path,
			       forbidden & S_IRGRP ? "600" : "o-rwx,g-w", path);
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return err_set(err, "%s is larger than %zu bytes", path, max);
	*size_r = (size_t)st.st_size;
	return 0;
}

/* Exactly len bytes from the start. */
static int
read_whole(int fd, const char *path, void *out, size_t len, struct err *err)
{
	char *at = out;

	while (len > 0) {
		ssize_t n = read(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read %s", path);
		if (n == 0)
			return err_set(err, "%s changed while it was read",
				       path);
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
read_key(int fd, const char *path, uint8_t key[KEY_SIZE], struct err *err)
{
	size_t size;

	if (check_file(fd, path, S_IRWXG | S_IRWXO, KEY_SIZE, &size, err) < 0)
		return -1;
	if (size != KEY_SIZE)
		return err_set(err,
			       "%s is not a key of %d bytes: put the right one "
			       "back, or remove it and lose the secrets kept "
			       "with it",
			       path, KEY_SIZE);
	return read_whole(fd, path, key, KEY_SIZE, err);
}

static int
write_synced(int fd, const uint8_t key[KEY_SIZE])
{
	ssize_t n = write(fd, key, KEY_SIZE);

	if (n >= 0 && n < KEY_SIZE)
		errno = ENOSPC;
	return n == KEY_SIZE && fsync(fd) == 0 ? 0 : -1;
}

/* A directory's entries are on disk only when the directory is. */
static int
sync_directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? mem_strndup(path, (size_t)(slash - path) + 1)
			  : mem_strdup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	free(dir);
	return result;
}

/* Never in place of a key: what is sealed with that would be lost. */
static int
make_key(const char *path, uint8_t key[KEY_SIZE], struct err *err)
{
	char new_path[PATH_MAX];

	if (snprintf(new_path, sizeof new_path, "%s.new", path) >=
	    (int)sizeof new_path)
		return err_set(err, "the path of the desk's key is too long");
	crypto_random(key, KEY_SIZE);
	/* What a crash left there is nobody's key. */
	unlink(new_path);
	int fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "cannot make the desk's key %s",
				 new_path);
	bool is_kept = write_synced(fd, key) == 0 &&
		       renameat2(AT_FDCWD, new_path, AT_FDCWD, path,
				 RENAME_NOREPLACE) == 0 &&
		       sync_directory_of(path) == 0;
	if (!is_kept)
		err_errno(err, "cannot keep the desk's key in %s", path);
	close(fd);
	if (!is_kept)
		unlink(new_path);
	return is_kept ? 0 : -1;
}

int
key_open(const char *path, uint8_t key[KEY_SIZE], struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return make_key(path, key, err);
	if (fd < 0)
		return err_errno(err, "cannot open the desk's key %s", path);
	int result = read_key(fd, path, key, err);
	close(fd);
	return result;
}

/* The path of what the setting points to. */
static int
find_secret(const char *where, char *path, size_t size, struct err *err)
{
	static const char file[] = "file:", credential[] = "credential:";
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (strncmp(where, file, sizeof file - 1) == 0) {
		snprintf(path, size, "%s", where + sizeof file - 1);
		if (path[0] != '/')
			return err_set(err,
				       "'%.200s': write the whole path, "
				       "file:/...",
				       where);
		return 0;
	}
	/* Nothing of it is shown: it may be the secret itself. */
	if (strncmp(where, credential, sizeof credential - 1) != 0)
		return err_set(err, "the setting does not say where the secret "
				    "is: file:/PATH or credential:NAME");
	const char *name = where + sizeof credential - 1;
	if (!*name || *name == '.' || strchr(name, '/'))
		return err_set(err, "'%.200s' has no name of a credential",
			       where);
	if (!dir)
		return err_set(err,
			       "'%.200s': there are no credentials; systemd "
			       "passes them with LoadCredential=",
			       where);
	snprintf(path, size, "%s/%s", dir, name);
	return 0;
}

static size_t
cut_line_break(const char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	return len;
}

char *
key_read_secret(const char *where, size_t *len_r, struct err *err)
{
	char path[PATH_MAX], *secret = NULL;
	size_t size;

	if (find_secret(where, path, sizeof path, err) < 0)
		return NULL;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		err_errno(err, "cannot open the secret in %s", path);
		return NULL;
	}
	if (check_file(fd, path, S_IRWXO | S_IWGRP, KEY_SECRET_MAX, &size,
		       err) == 0) {
		secret = mem_new(size + 1);
		if (read_whole(fd, path, secret, size, err) < 0) {
			crypto_wipe(secret, size);
			free(secret);
			secret = NULL;
		}
	}
	close(fd);
	if (!secret)
		return NULL;
	*len_r = cut_line_break(secret, size);
	secret[*len_r] = '\0';
	return secret;
}
