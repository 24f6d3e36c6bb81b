/* Clocks.  Times are UTC microseconds since 1970 unless a name says so. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT_SIZE 32

int64_t time_now_us(void);
int64_t time_mono_us(void); /* CLOCK_MONOTONIC: for intervals, never stored */

/* A condition for time_cond_wait(). */
void time_cond_init(pthread_cond_t *);
/* Wait until that time of time_mono_us(), whatever becomes of the other clock;
 * false: it is over. */
bool time_cond_wait(pthread_cond_t *, pthread_mutex_t *, int64_t until_us);

/* "2026-05-03T14:05:06.123Z" (RFC 3339, milliseconds). */
const char *time_format(int64_t us, char out[TIME_TEXT_SIZE]);
/* RFC 3339 date-time, or a date alone (midnight UTC); false if it is none. */
bool time_parse(const char *text, int64_t *us_r);

#endif
