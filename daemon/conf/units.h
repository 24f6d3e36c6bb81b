/* Numbers, durations and sizes as people write them. */
#ifndef CONF_UNITS_H
#define CONF_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#define UNITS_TEXT_SIZE 32

/* Each is false, with nothing set, when text is none or does not fit. */

/* "-12": at most 18 digits. */
bool units_read_int(const char *text, int64_t *number_r);
/* "0.25", "-3": at most 15 digits, so that the value is the nearest there is
 * and no locale is asked. */
bool units_read_real(const char *text, double *real_r);
/* "500 ms", "30 s", "5 min", "2 h", "7 d": to milliseconds. */
bool units_read_duration(const char *text, int64_t *ms_r);
/* "512", "64 KiB", "10 MiB", "1 GiB": to bytes. */
bool units_read_size(const char *text, int64_t *bytes_r);

/* The way back, in the largest unit that leaves no fraction; out. */
const char *units_write_int(int64_t number, char out[UNITS_TEXT_SIZE]);
const char *units_write_real(double real, char out[UNITS_TEXT_SIZE]);
const char *units_write_duration(int64_t ms, char out[UNITS_TEXT_SIZE]);
const char *units_write_size(int64_t bytes, char out[UNITS_TEXT_SIZE]);

#endif
