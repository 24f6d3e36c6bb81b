#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"
#include "net/notify.h"

/* A manager's socket at the name, and $NOTIFY_SOCKET that tells it. */
static int
open_manager(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(
		bind(fd, (struct sockaddr *)&address,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
				 (name[0] == '/'))),
		0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static const char *
receive(int fd)
{
	static char text[1024];
	ssize_t n = recv(fd, text, sizeof text - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static void
test_a_path_is_notified(void **state)
{
	char dir[] = "/tmp/tellerd-test-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/notify", dir);
	int fd = open_manager(path);
	assert_int_equal(notify_send("READY=1\nSTATUS=up"), 0);
	assert_string_equal(receive(fd), "READY=1\nSTATUS=up");
	close(fd);
	unlink(path);
	/* Nobody is there any more. */
	assert_int_equal(notify_send("READY=1"), -1);
	rmdir(dir);
}

static void
test_an_abstract_name_is_notified(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof name, "@tellerd-test-%ld", (long)getpid());
	int fd = open_manager(name);
	assert_int_equal(notify_status("%d jobs\nREADY=1", 3), 0);
	assert_string_equal(receive(fd), "STATUS=3 jobs READY=1");
	close(fd);
}

static void
test_reloading_tells_the_monotonic_time(void **state)
{
	char name[64];
	long long us = 0;

	(void)state;
	snprintf(name, sizeof name, "@tellerd-test-%ld", (long)getpid());
	int fd = open_manager(name);
	int64_t before = time_mono_us();
	assert_int_equal(notify_reloading(), 0);
	assert_int_equal(
		sscanf(receive(fd), "RELOADING=1\nMONOTONIC_USEC=%lld", &us),
		1);
	assert_true(us >= before && us <= time_mono_us());
	close(fd);
}

static void
test_long_words_are_cut(void **state)
{
	char name[64], words[1000];

	(void)state;
	memset(words, 'x', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	snprintf(name, sizeof name, "@tellerd-test-%ld", (long)getpid());
	int fd = open_manager(name);
	assert_int_equal(notify_status("%s", words), 0);
	assert_int_equal(strlen(receive(fd)), 255);
	close(fd);
}

static void
test_a_manager_that_does_not_read_holds_up_nobody(void **state)
{
	char name[64];
	int n = 0;

	(void)state;
	snprintf(name, sizeof name, "@tellerd-test-%ld", (long)getpid());
	int fd = open_manager(name);
	while (n < 100000 && notify_send("STATUS=up") == 0)
		n++;
	assert_in_range(n, 1, 99999);
	assert_string_equal(receive(fd), "STATUS=up");
	assert_int_equal(notify_send("READY=1"), 0);
	close(fd);
}

static void
test_without_a_manager_nothing_happens(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_send("READY=1"), 0);
}

static void
test_a_name_that_is_no_socket_is_refused(void **state)
{
	static const char *const names[] = {"", "/", "@", "relative", "vsock:"};
	char name[200];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		assert_int_equal(notify_send("READY=1"), -1);
	}
	memset(name, '/', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_send("READY=1"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_path_is_notified),
		cmocka_unit_test(test_an_abstract_name_is_notified),
		cmocka_unit_test(test_reloading_tells_the_monotonic_time),
		cmocka_unit_test(test_long_words_are_cut),
		cmocka_unit_test(
			test_a_manager_that_does_not_read_holds_up_nobody),
		cmocka_unit_test(test_without_a_manager_nothing_happens),
		cmocka_unit_test(test_a_name_that_is_no_socket_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
