/* A disk that power failures can be tried on.  What this process writes in one
 * directory is recorded, by SQLite and by us alike, as functions of the C
 * library stand in disk.c; then the files are put together as a failure at any
 * instant may have left them.
 *
 * What was synced is there.  Of what was written to a file since, each sector
 * is there or not; where the file grew without it there are zeros, or whatever
 * the disk had there before.  Names are made, changed and removed in order: of
 * those that the directory was not synced after, the first few are there, or
 * none.  Nothing is really synced, which makes thousands of cuts a matter of
 * seconds. */
#ifndef TESTS_UNIT_DISK_H
#define TESTS_UNIT_DISK_H

#include <stddef.h>

/* Record what happens in dir, an absolute path without links; what is there
 * already is on the disk.  What was recorded before is forgotten. */
void disk_begin(const char *dir);
/* Record no more; the record stays. */
void disk_end(void);
/* How many steps are recorded.  Any thread. */
size_t disk_n_steps(void);
/* Syncs of files whose names end so do nothing, as on a disk that lies about
 * them; "/" is the directory, NULL: all are honest. */
void disk_lie(const char *suffix);
/* There is no space for files whose names end so; NULL: for all there is. */
void disk_fill(const char *suffix);
/* Make dir, which is not there, with the files as they may be when the power
 * fails after that many steps. */
void disk_image(const char *dir, size_t n_steps, unsigned int *seed);

#endif
