#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "base/utf8.h"

#define N_THREADS 4
#define N_EACH 1000

/* While a test runs, stderr is this file. */
static FILE *file;
static int real_stderr;
static char captured[1 << 20];

static int
capture(void **state)
{
	(void)state;
	file = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	return dup2(fileno(file), STDERR_FILENO) < 0 ? -1 : 0;
}

static int
restore(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_to_journal(NULL);
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	fclose(file);
	log_open(LOG_LEVEL_INFO);
	return 0;
}

/* All that was logged so far. */
static const char *
logged(void)
{
	ssize_t n = pread(fileno(file), captured, sizeof captured - 1, 0);

	captured[n > 0 ? n : 0] = '\0';
	return captured;
}

/* The text of the only line, after the time and the level. */
static const char *
logged_text(void)
{
	char *line = (char *)logged(), *end = strchr(line, '\n');

	assert_non_null(end);
	assert_string_equal(end, "\n");
	*end = '\0';
	return line + strlen("2026-05-03T14:05:06.123Z error ");
}

static void
test_line_is_time_level_and_text(void **state)
{
	int64_t us;

	(void)state;
	log_open(LOG_LEVEL_DEBUG);
	log_warn("disk %d%% full", 99);
	char *line = (char *)logged();
	assert_string_equal(line + 24, " warn  disk 99% full\n");
	line[24] = '\0';
	assert_true(time_parse(line, &us));
}

static void
test_lines_below_the_level_are_dropped(void **state)
{
	(void)state;
	log_info("info before opening");
	log_debug("dropped");
	log_open(LOG_LEVEL_WARN);
	log_info("dropped");
	log_debug("dropped");
	log_line(LOG_LEVEL_WARN, NULL, "warned");
	log_line((enum log_level)99, NULL, "dropped");
	log_line((enum log_level) - 1, NULL, "dropped");
	log_error("failed");
	assert_null(strstr(logged(), "dropped"));
	assert_non_null(strstr(logged(), "info  info before"));
	assert_non_null(strstr(logged(), "warn  warned\n"));
	assert_non_null(strstr(logged(), "error failed\n"));
}

static void
test_levels_have_names(void **state)
{
	enum log_level level = LOG_LEVEL_INFO;

	(void)state;
	assert_true(log_level_by_name("error", &level));
	assert_int_equal(level, LOG_LEVEL_ERROR);
	assert_true(log_level_by_name("debug", &level));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_false(log_level_by_name("Debug", &level));
	assert_false(log_level_by_name("", &level));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

static void
test_text_from_outside_cannot_forge_a_line(void **state)
{
	(void)state;
	log_error("said %s",
		  "x\n2026-05-03T14:05:06.123Z error forged\r\t\x1b[2J\x7f");
	assert_string_equal(logged_text(),
			    "said x\\n2026-05-03T14:05:06.123Z error "
			    "forged\\x0d\\t\\x1b[2J\\x7f");
}

static void
test_wide_controls_are_escaped_too(void **state)
{
	(void)state;
	log_error("%s", "\xC2\x85\xC2\x9B|\xE2\x80\xA8\xE2\x80\xAE|\xC3\xA9");
	assert_string_equal(logged_text(),
			    "\\u0085\\u009b|\\u2028\\u202e|\xC3\xA9");
}

static void
test_ill_formed_bytes_are_replaced(void **state)
{
	(void)state;
	log_error("%s", "a\xFF\xC3z");
	assert_string_equal(logged_text(), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

static void
test_long_line_is_cut_with_a_mark(void **state)
{
	static const char *const pieces[] = {
		"x",  "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
		"\n", "\xFF"};

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		char text[9000] = "";
		size_t n = strlen(pieces[i]);
		for (size_t len = 0; len + n < sizeof text; len += n)
			memcpy(text + len, pieces[i], n + 1);
		assert_int_equal(ftruncate(fileno(file), 0), 0);
		lseek(fileno(file), 0, SEEK_SET);
		log_error("%s", text);
		size_t len = strlen(logged());
		assert_in_range(len, 4090, 4096);
		assert_string_equal(captured + len - 4, "...\n");
		assert_true(utf8_is_valid(captured, len));
		assert_ptr_equal(strchr(captured, '\n'), captured + len - 1);
	}
}

static void
test_errno_is_kept(void **state)
{
	(void)state;
	close(STDERR_FILENO);
	errno = EDOM;
	log_error("nowhere to go");
	assert_int_equal(errno, EDOM);
}

/* ---- The journal */

static int
open_journal(char dir[static 32])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(dir, 32, "/tmp/tellerd-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address),
			 0);
	log_to_journal(address.sun_path);
	return fd;
}

static void
close_journal(int fd, const char *dir)
{
	char path[64];

	snprintf(path, sizeof path, "%s/socket", dir);
	close(fd);
	unlink(path);
	rmdir(dir);
}

/* The next entry, as text. */
static const char *
received(int fd)
{
	static char text[1 << 16];
	ssize_t n = recv(fd, text, sizeof text - 1, 0);

	assert_true(n > 0);
	text[n] = '\0';
	return text;
}

static void
test_entry_has_text_place_and_what_it_is_about(void **state)
{
	char dir[32];
	int fd = open_journal(dir);

	(void)state;
	log_line(LOG_LEVEL_WARN,
		 &((struct log_about){.conversation = "cnv_1",
				      .channel = "web",
				      .request = "r-1"}),
		 "turn %d", 7);
	const char *entry = received(fd);
	assert_memory_equal(entry, "MESSAGE=turn 7\nPRIORITY=4\n", 26);
	assert_non_null(strstr(entry, "\nSYSLOG_IDENTIFIER="));
	assert_non_null(strstr(entry, "test_log.c\n"));
	assert_non_null(strstr(entry, "\nCODE_LINE="));
	assert_non_null(strstr(entry, "\nCODE_FUNC=test_entry_has_text"));
	assert_non_null(strstr(entry, "\nTELLERD_CONVERSATION=cnv_1\n"));
	assert_non_null(strstr(entry, "\nTELLERD_CHANNEL=web\n"));
	assert_non_null(strstr(entry, "\nREQUEST_ID=r-1\n"));
	assert_null(strstr(entry, "TELLERD_PLUGIN"));
	assert_string_equal(logged(), "");
	close_journal(fd, dir);
}

static void
test_text_from_outside_cannot_forge_a_field(void **state)
{
	static const char text[] = "x\nPRIORITY=0\nTELLERD_PLUGIN=y\x1b";
	static const char shown[] = "x\nPRIORITY=0\nTELLERD_PLUGIN=y\\x1b";
	char dir[32];
	int fd = open_journal(dir);

	(void)state;
	log_error("%s", text);
	const char *entry = received(fd);
	assert_memory_equal(entry, "MESSAGE\n", 8);
	assert_int_equal(entry[8], sizeof shown - 1);
	assert_memory_equal(entry + 16, shown, sizeof shown - 1);
	assert_memory_equal(entry + 16 + sizeof shown - 1, "\nPRIORITY=3\n",
			    12);
	close_journal(fd, dir);
}

static void
test_long_text_is_cut_in_an_entry_too(void **state)
{
	char dir[32], text[9000];
	int fd = open_journal(dir);

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_error("%s", text);
	const char *entry = received(fd);
	assert_in_range(strcspn(entry, "\n"), 4090, 4110);
	assert_non_null(strstr(entry, "...\nPRIORITY=3\n"));
	assert_non_null(strstr(entry, "\nCODE_FUNC="));
	close_journal(fd, dir);
}

static void
test_what_the_journal_does_not_take_goes_to_stderr(void **state)
{
	(void)state;
	log_to_journal("/nonexistent/socket");
	log_open(LOG_LEVEL_DEBUG);
	log_error("e");
	log_warn("w");
	log_info("i");
	log_debug("d\n<0>forged");
	assert_string_equal(logged(), "<3>e\n<4>w\n<6>i\n<7>d\\n<0>forged\n");
}

/* It may be there, or not: on stderr no line has a time. */
static void
test_the_journal_is_known_by_what_stderr_is(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof stream, "%llu:%llu",
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open(LOG_LEVEL_DEBUG);
	log_debug("a test of tellerd's log");
	if (*logged())
		assert_string_equal(logged(), "<7>a test of tellerd's log\n");
}

static void
test_journal_of_another_process_is_not_ours(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:2", 1);
	log_open(LOG_LEVEL_INFO);
	log_info("x");
	assert_int_not_equal(logged()[0], '<');
	setenv("JOURNAL_STREAM", "nonsense", 1);
	log_open(LOG_LEVEL_INFO);
	log_info("x");
	assert_null(strchr(logged(), '<'));
}

static void *
log_many(void *arg)
{
	for (int i = 0; i < N_EACH; i++)
		log_info("%s", (const char *)arg);
	return NULL;
}

static void
test_lines_of_threads_do_not_mix(void **state)
{
	static char texts[N_THREADS][101];
	pthread_t threads[N_THREADS];
	int n = 0;

	(void)state;
	for (int i = 0; i < N_THREADS; i++) {
		memset(texts[i], 'a' + i, 100);
		pthread_create(&threads[i], NULL, log_many, texts[i]);
	}
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	logged();
	for (char *line = captured, *end; (end = strchr(line, '\n'));
	     line = end + 1, n++) {
		*end = '\0';
		char *text = line + strlen(line) - 100;
		assert_int_equal(strlen(line), 31 + 100);
		assert_memory_equal(text, texts[text[0] - 'a'], 100);
	}
	assert_int_equal(n, N_THREADS * N_EACH);
}

#define captured_test(function) \
	cmocka_unit_test_setup_teardown(function, capture, restore)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		captured_test(test_line_is_time_level_and_text),
		captured_test(test_lines_below_the_level_are_dropped),
		captured_test(test_levels_have_names),
		captured_test(test_text_from_outside_cannot_forge_a_line),
		captured_test(test_wide_controls_are_escaped_too),
		captured_test(test_ill_formed_bytes_are_replaced),
		captured_test(test_long_line_is_cut_with_a_mark),
		captured_test(test_errno_is_kept),
		captured_test(test_entry_has_text_place_and_what_it_is_about),
		captured_test(test_text_from_outside_cannot_forge_a_field),
		captured_test(test_long_text_is_cut_in_an_entry_too),
		captured_test(
			test_what_the_journal_does_not_take_goes_to_stderr),
		captured_test(test_the_journal_is_known_by_what_stderr_is),
		captured_test(test_journal_of_another_process_is_not_ours),
		captured_test(test_lines_of_threads_do_not_mix),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
