/* What disk.c records, for disk_image.c alone. */
#ifndef TESTS_UNIT_DISK_STEPS_H
#define TESTS_UNIT_DISK_STEPS_H

#include <stdint.h>

#include "disk.h"

#define DISK_FILES_MAX 256 /* that ever had a name */
#define DISK_NAME_SIZE 80
/* In the place of a file; files are counted from 2. */
#define DISK_NOT_OURS 0
#define DISK_DIRECTORY 1

enum disk_what { WRITTEN, CUT_OFF, SYNCED, NAMED, RENAMED, REMOVED };

struct disk_step {
	enum disk_what what;
	int file;
	size_t offset, len;
	uint8_t *data;
	char name[DISK_NAME_SIZE], to[DISK_NAME_SIZE];
};

struct disk_names {
	char of[DISK_FILES_MAX][DISK_NAME_SIZE]; /* "": it has none */
};

struct disk_content {
	uint8_t *data;
	size_t len;
};

struct disk_record {
	struct disk_names names; /* when it began */
	struct disk_content files[DISK_FILES_MAX];
	struct disk_step *steps;
	size_t n_steps;
};
extern struct disk_record disk_record;

void disk_set_name(char out[DISK_NAME_SIZE], const char *name);
/* DISK_NOT_OURS when no file has the name. */
int disk_find(const struct disk_names *, const char *name);

#endif
