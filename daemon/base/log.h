/* The log: one line an event, on stderr, from any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* Lines below the level are dropped.  Before this call the level is info.
 * When stderr is the journal (JOURNAL_STREAM names it), a line starts with
 * "<priority>" instead of a time and the level's name. */
void log_open(enum log_level level);

/* The level of that name (error, warn, info, debug); false if none. */
bool log_level_by_name(const char *name, enum log_level *level_r);

/* One line each, written by one write(2).  Control characters are escaped
 * and invalid UTF-8 replaced: a text from outside cannot forge a line.
 * Customer text, tokens and keys are never passed here. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same with the level as a value, for plugins' lines. */
void log_line(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
