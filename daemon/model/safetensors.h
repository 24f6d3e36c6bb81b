/* A file of tensors: huggingface/safetensors, whose reader's rules these are.
 * A struct belongs to one thread at a time. */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct json_t;

#define SAFETENSORS_RANK_MAX 8
#define SAFETENSORS_ENTRIES_MAX 16384
/* The reference takes headers of up to 100,000,000 bytes.  That of the largest
 * model within our limits has less than 1 MiB, and a limit is what bounds the
 * memory that reading somebody's file takes. */
#define SAFETENSORS_HEADER_MAX ((uint64_t)8 << 20)

struct safetensors_entry {
	const char *name;
	const char *dtype; /* "F32" */
	int rank;	   /* 0: one number */
	int64_t shape[SAFETENSORS_RANK_MAX];
	int64_t count;	     /* the product of shape */
	uint64_t begin, end; /* bytes of the data, which begins at data_start */
};

struct safetensors {
	char *path;
	int fd;				   /* open while there is a path */
	uint64_t data_start;		   /* may be odd: nothing is aligned */
	struct safetensors_entry *entries; /* in the order of their data */
	size_t n;
	struct json_t *document; /* names and dtypes are borrowed from it */
};

/* Open a file and check its header whole.  0, or -1 and *err, which names the
 * file. */
int safetensors_open(struct safetensors *, const char *path, struct err *);
void safetensors_close(struct safetensors *);
/* The header alone, of a file of file_size bytes: for safetensors_open(), and
 * for tests.  safetensors_close() releases. */
int safetensors_parse(struct safetensors *, const char *header, size_t len,
		      uint64_t file_size, struct err *);

const struct safetensors_entry *safetensors_find(const struct safetensors *,
						 const char *name);

#endif
