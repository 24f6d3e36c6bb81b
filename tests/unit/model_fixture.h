/* A directory that a test fills with the files of a model. */
#ifndef TESTS_UNIT_MODEL_FIXTURE_H
#define TESTS_UNIT_MODEL_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

static char model_dir[64];

static inline void
model_dir_make(void)
{
	snprintf(model_dir, sizeof model_dir, "/tmp/tellerd-model-XXXXXX");
	if (!mkdtemp(model_dir))
		abort();
}

static inline const char *
model_path(const char *name)
{
	static char path[400];

	snprintf(path, sizeof path, "%s/%s", model_dir, name);
	return path;
}

static inline void
model_file_write(const char *name, const void *data, size_t len)
{
	FILE *file = fopen(model_path(name), "wb");

	if (!file || fwrite(data, 1, len, file) != len || fclose(file))
		abort();
}

static inline void
model_dir_empty(void)
{
	DIR *entries = opendir(model_dir);
	const struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			remove(model_path(entry->d_name));
	closedir(entries);
}

static inline void
model_dir_remove(void)
{
	model_dir_empty();
	rmdir(model_dir);
}

/* A file of tensors: its length, the header, then len bytes of data. */
static inline void
tensors_write(const char *name, const char *header, const void *data,
	      size_t len)
{
	struct buf file;
	size_t header_len = strlen(header);

	buf_init(&file, 1 << 26);
	for (int i = 0; i < 8; i++)
		buf_addc(&file, (char)((uint64_t)header_len >> 8 * i));
	buf_add(&file, header, header_len);
	buf_add(&file, data, len);
	model_file_write(name, buf_str(&file), file.len);
	buf_release(&file);
}

#endif
