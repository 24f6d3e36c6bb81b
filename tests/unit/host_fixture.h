/* For tests of the host: a fresh directory, and in it files, copies of test
 * plugins, a store; a loop and workers. */
#ifndef TESTS_UNIT_HOST_FIXTURE_H
#define TESTS_UNIT_HOST_FIXTURE_H

#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/queue.h"
#include "base/time.h"
#include "net/loop.h"
#include "store/store.h"

#define FIXTURE_PATH 512

/* How many workers fixture_begin() makes. */
__attribute__((unused)) static int fixture_n_workers = 2;

struct fixture {
	char dir[128];
	struct loop *loop;
	struct pool *workers;
	struct store *store;
};

__attribute__((unused)) static const char *
fixture_path(const struct fixture *fixture, const char *name,
	     char out[FIXTURE_PATH])
{
	snprintf(out, FIXTURE_PATH, "%s/%s", fixture->dir, name);
	return out;
}

__attribute__((unused)) static void
fixture_make_dir(struct fixture *fixture)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(fixture->dir, sizeof fixture->dir, "%s/tellerd-host-XXXXXX",
		 tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(fixture->dir));
}

static int
fixture_unlink(const char *path, const struct stat *st, int type,
	       struct FTW *where)
{
	(void)st, (void)type, (void)where;
	return remove(path);
}

__attribute__((unused)) static void
fixture_remove_dir(struct fixture *fixture)
{
	nftw(fixture->dir, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

__attribute__((unused)) static void
fixture_write(const char *path, const void *data, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* Copy a built test plugin into the fixture's directory, under that name. */
__attribute__((unused)) static void
fixture_copy_plugin(struct fixture *fixture, const char *plugin,
		    const char *name)
{
	const char *top = getenv("top_builddir");
	char from[FIXTURE_PATH], to[FIXTURE_PATH], buf[65536];
	ssize_t n;

	snprintf(from, sizeof from, "%s/tests/plugins/%s.so", top ? top : ".",
		 plugin);
	int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		fail_msg("%s is not built (make check builds it)", from);
	int out = open(fixture_path(fixture, name, to),
		       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	while ((n = read(in, buf, sizeof buf)) > 0)
		assert_int_equal(write(out, buf, (size_t)n), n);
	close(in);
	close(out);
}

/* The bad plugin of that name, and how it is called in the directory. */
__attribute__((unused)) static void
fixture_add_bad(struct fixture *fixture, const char *name)
{
	char from[64], to[64];

	snprintf(from, sizeof from, "bad/.libs/%s", name);
	snprintf(to, sizeof to, "%s.so", name);
	fixture_copy_plugin(fixture, from, to);
}

__attribute__((unused)) static void
fixture_open_store(struct fixture *fixture)
{
	struct err err = {0};
	char dir[FIXTURE_PATH];
	struct store_config config = {
		.dir = fixture_path(fixture, "state", dir)};

	fixture->store = store_open(&config, NULL, &err);
	if (!fixture->store)
		fail_msg("%s", err.text);
}

/* A loop, workers and an open store. */
__attribute__((unused)) static void
fixture_begin(struct fixture *fixture)
{
	struct err err = {0};

	fixture_make_dir(fixture);
	fixture->loop = loop_new(&err);
	assert_non_null(fixture->loop);
	fixture->workers = pool_new("worker", fixture_n_workers, 100);
	assert_non_null(fixture->workers);
	fixture_open_store(fixture);
}

__attribute__((unused)) static void
fixture_end(struct fixture *fixture)
{
	pool_free(fixture->workers);
	store_close(fixture->store);
	loop_free(fixture->loop);
	fixture_remove_dir(fixture);
}

/* Run the loop until *flag, for a minute at most: slower than that is wrong
 * under any tool. */
__attribute__((unused)) static void
fixture_run_until(struct fixture *fixture, const bool *flag)
{
	int64_t end_us = time_mono_us() + 60000000;

	while (!*flag && time_mono_us() < end_us)
		loop_run_once(fixture->loop, 100);
	assert_true(*flag);
}

/* Run the loop for a while, for what must not happen. */
__attribute__((unused)) static void
fixture_run_for(struct fixture *fixture, int64_t ms)
{
	int64_t end_us = time_mono_us() + ms * 1000;

	while (time_mono_us() < end_us)
		loop_run_once(fixture->loop, 5);
}

__attribute__((unused)) static int
fixture_open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

#endif
