/* What is logged meanwhile, for tests of it. */
#ifndef TESTS_UNIT_LOG_CAPTURE_H
#define TESTS_UNIT_LOG_CAPTURE_H

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"

struct log_capture {
	FILE *file;
	int real_stderr;
};

/* From here on warnings are kept; ended by log_capture_end(). */
static inline struct log_capture
log_capture_begin(void)
{
	struct log_capture capture = {
		.file = tmpfile(),
		.real_stderr = dup(STDERR_FILENO),
	};

	dup2(fileno(capture.file), STDERR_FILENO);
	log_open(LOG_LEVEL_WARN);
	return capture;
}

static inline void
log_capture_end(struct log_capture *capture, char *text_r, size_t size)
{
	dup2(capture->real_stderr, STDERR_FILENO);
	close(capture->real_stderr);
	log_open(LOG_LEVEL_ERROR);
	rewind(capture->file);
	text_r[fread(text_r, 1, size - 1, capture->file)] = '\0';
	fclose(capture->file);
}

#endif
