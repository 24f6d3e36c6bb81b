/* What a service manager says of the sockets that it passes on. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "net/listen_fds.h"

static void
say(const char *pid, const char *n, const char *names)
{
	char own[32];

	snprintf(own, sizeof own, "%ld", (long)getpid());
	setenv("LISTEN_PID", pid ? pid : own, 1);
	setenv("LISTEN_FDS", n, 1);
	if (names)
		setenv("LISTEN_FDNAMES", names, 1);
	else
		unsetenv("LISTEN_FDNAMES");
}

/* Something at descriptors 3 to 5, whatever was there. */
static void
open_three(void)
{
	for (int fd = 3; fd < 6; fd++)
		assert_int_equal(dup2(STDERR_FILENO, fd), fd);
}

static void
test_sockets_come_with_their_names(void **state)
{
	struct listen_fds fds;
	struct err err = {0};

	(void)state;
	open_three();
	say(NULL, "3", "web:admin");
	assert_int_equal(listen_fds_read(&fds, &err), 0);
	assert_int_equal(fds.first, 3);
	assert_int_equal(fds.n, 3);
	assert_string_equal(fds.names[0], "web");
	assert_string_equal(fds.names[1], "admin");
	assert_string_equal(fds.names[2], "");
	for (int fd = 3; fd < 6; fd++)
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void
test_a_long_name_is_cut(void **state)
{
	char names[300];
	struct listen_fds fds;
	struct err err = {0};

	(void)state;
	open_three();
	memset(names, 'x', sizeof names);
	memcpy(names + sizeof names - 3, ":y", 3);
	say(NULL, "2", names);
	assert_int_equal(listen_fds_read(&fds, &err), 0);
	assert_int_equal(strlen(fds.names[0]), sizeof fds.names[0] - 1);
	assert_string_equal(fds.names[1], "y");
	say(NULL, "1", NULL);
	assert_int_equal(listen_fds_read(&fds, &err), 0);
	assert_string_equal(fds.names[0], "");
}

static void
test_those_of_another_process_are_not_ours(void **state)
{
	struct listen_fds fds;
	struct err err = {0};

	(void)state;
	open_three();
	say("1", "3", NULL);
	assert_int_equal(listen_fds_read(&fds, &err), 0);
	assert_int_equal(fds.n, 0);
	assert_int_equal(fcntl(3, F_GETFD), 0);
	say("", "3", NULL);
	assert_int_equal(listen_fds_read(&fds, &err), 0);
	assert_int_equal(fds.n, 0);
	unsetenv("LISTEN_FDS");
	assert_int_equal(listen_fds_read(&fds, &err), 0);
	assert_int_equal(fds.n, 0);
}

static void
test_what_is_malformed_is_refused_in_words(void **state)
{
	static const char *const bad[] = {
		"", "x", "-1", "+1", "1x", "33", "99999999999999999999"};
	struct listen_fds fds;
	struct err err = {0};

	(void)state;
	open_three();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		say(NULL, bad[i], NULL);
		assert_int_equal(listen_fds_read(&fds, &err), -1);
		assert_non_null(strstr(err.text, "LISTEN_FDS"));
		assert_int_equal(fds.n, 0);
	}
	close(5);
	say(NULL, "3", NULL);
	assert_int_equal(listen_fds_read(&fds, &err), -1);
	assert_non_null(strstr(err.text, "descriptor 5 is not open"));
	assert_int_equal(fds.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sockets_come_with_their_names),
		cmocka_unit_test(test_a_long_name_is_cut),
		cmocka_unit_test(test_those_of_another_process_are_not_ours),
		cmocka_unit_test(test_what_is_malformed_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
