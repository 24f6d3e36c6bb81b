/* All tensors of a directory: model.safetensors, or the parts that
 * model.safetensors.index.json names, as large models have them.  A struct
 * belongs to one thread at a time. */
#ifndef MODEL_CHECKPOINT_H
#define MODEL_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct safetensors;
struct safetensors_entry;

#define CHECKPOINT_PARTS_MAX 256

struct checkpoint {
	struct safetensors *parts;
	size_t n;
	char *path; /* model.safetensors, or the index */
};

struct tensor_place {
	const struct safetensors *file;
	const struct safetensors_entry *entry; /* NULL: there is none */
};

/* Whether a directory has one. */
bool checkpoint_is_there(const char *dir);
/* Open all parts and check their headers, and that index and parts have the
 * same tensors, each in one part.  0, or -1 and *err, which names the file. */
int checkpoint_open(struct checkpoint *, const char *dir, struct err *);
void checkpoint_close(struct checkpoint *);
struct tensor_place checkpoint_find(const struct checkpoint *,
				    const char *name);

#endif
