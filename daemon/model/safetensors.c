/* The header: u64 length, JSON, then the data of all tensors without a gap
 * (safetensors/src/tensor.rs of the reference). */
#include "model/safetensors.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/file.h"

#define DEPTH_MAX 8
#define LENGTH_BYTES 8

/* ---- One entry */

/* Bits of one number; some types have less than a byte. */
static const struct {
	const char *name;
	unsigned int bits;
} dtypes[] = {
	{"BOOL", 8},	{"F4", 4},	    {"F6_E2M3", 6},	{"F6_E3M2", 6},
	{"U8", 8},	{"I8", 8},	    {"F8_E5M2", 8},	{"F8_E4M3", 8},
	{"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
	{"U16", 16},	{"F16", 16},	    {"BF16", 16},	{"I32", 32},
	{"U32", 32},	{"F32", 32},	    {"C64", 64},	{"F64", 64},
	{"I64", 64},	{"U64", 64},
};

static unsigned int
bits_of(const char *dtype)
{
	for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
		if (strcmp(dtypes[i].name, dtype) == 0)
			return dtypes[i].bits;
	return 0;
}

static int
read_shape(struct safetensors_entry *entry, const json_t *shape,
	   struct err *err)
{
	size_t rank = json_array_size(shape);

	if (!json_is_array(shape))
		return err_set(err, "has no shape");
	if (rank > SAFETENSORS_RANK_MAX)
		return err_set(err, "has more than %d dimensions",
			       SAFETENSORS_RANK_MAX);
	entry->rank = (int)rank;
	entry->count = 1;
	for (size_t i = 0; i < rank; i++) {
		const json_t *size = json_array_get(shape, i);
		if (!json_is_integer(size) || json_integer_value(size) < 0)
			return err_set(err, "has a shape that is none");
		entry->shape[i] = json_integer_value(size);
		/* In the order of the reference, so that a product which
		 * overflows before a zero is refused as it is there. */
		if (__builtin_mul_overflow(entry->count, entry->shape[i],
					   &entry->count))
			return err_set(err, "has a shape that is too large");
	}
	return 0;
}

static int
read_offsets(struct safetensors_entry *entry, const json_t *offsets,
	     struct err *err)
{
	const json_t *begin = json_array_get(offsets, 0);
	const json_t *end = json_array_get(offsets, 1);

	if (json_array_size(offsets) != 2 || !json_is_integer(begin) ||
	    !json_is_integer(end) || json_integer_value(begin) < 0 ||
	    json_integer_value(end) < 0)
		return err_set(err, "has no two data_offsets");
	entry->begin = (uint64_t)json_integer_value(begin);
	entry->end = (uint64_t)json_integer_value(end);
	if (entry->end < entry->begin)
		return err_set(err, "ends before it begins");
	return 0;
}

static int
check_bytes(const struct safetensors_entry *entry, struct err *err)
{
	uint64_t bits;

	if (__builtin_mul_overflow((uint64_t)entry->count,
				   bits_of(entry->dtype), &bits))
		return err_set(err, "has a shape that is too large");
	if (bits % 8)
		return err_set(err, "is no whole number of bytes");
	if (bits / 8 != entry->end - entry->begin)
		return err_set(err, "has %llu bytes where its shape needs %llu",
			       (unsigned long long)(entry->end - entry->begin),
			       (unsigned long long)(bits / 8));
	return 0;
}

static int
read_entry(struct safetensors_entry *entry, const char *name,
	   const json_t *value, struct err *err)
{
	entry->name = name;
	entry->dtype = json_get_text(value, "dtype", NULL);
	if (!json_is_object(value) || !entry->dtype)
		err_set(err, "has no dtype");
	else if (!bits_of(entry->dtype))
		err_set(err, "is of the unknown type '%s'", entry->dtype);
	else if (!read_shape(entry, json_object_get(value, "shape"), err) &&
		 !read_offsets(entry, json_object_get(value, "data_offsets"),
			       err) &&
		 !check_bytes(entry, err))
		return 0;
	return err_prefix(err, "tensor '%s'", name);
}

/* ---- All of them */

static int
check_metadata(const json_t *metadata, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(metadata))
		return err_set(err, "__metadata__ is no object");
	json_object_foreach ((json_t *)metadata, key, value)
		if (!json_is_string(value))
			return err_set(err, "__metadata__ holds what is no "
					    "text");
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct safetensors_entry *left = a, *right = b;

	if (left->begin != right->begin)
		return left->begin < right->begin ? -1 : 1;
	if (left->end != right->end)
		return left->end < right->end ? -1 : 1;
	return 0;
}

/* Each begins where the one before it ends, and the last ends the file. */
static int
check_places(const struct safetensors *file, uint64_t file_size,
	     struct err *err)
{
	uint64_t end = 0;

	for (size_t i = 0; i < file->n; i++) {
		const struct safetensors_entry *entry = &file->entries[i];
		if (entry->begin != end)
			return err_set(err, "tensor '%s' %s", entry->name,
				       entry->begin < end
					       ? "overlaps another"
					       : "has a hole before it");
		end = entry->end;
	}
	uint64_t room = file_size - file->data_start;
	if (end > room)
		return err_set(err, "%llu bytes are missing at its end",
			       (unsigned long long)(end - room));
	if (end < room)
		return err_set(err,
			       "there are %llu bytes behind its last "
			       "tensor",
			       (unsigned long long)(room - end));
	return 0;
}

static int
read_entries(struct safetensors *file, json_t *document, uint64_t file_size,
	     struct err *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(document))
		return err_set(err, "its header is no object");
	if (json_object_size(document) > SAFETENSORS_ENTRIES_MAX)
		return err_set(err, "it has more than %d tensors",
			       SAFETENSORS_ENTRIES_MAX);
	file->entries =
		mem_array(json_object_size(document), sizeof *file->entries);
	if (!file->entries)
		return err_set(err, "there is no memory for its header");
	json_object_foreach (document, name, value) {
		bool is_metadata = strcmp(name, "__metadata__") == 0;
		if (is_metadata ? check_metadata(value, err)
				: read_entry(&file->entries[file->n], name,
					     value, err))
			return -1;
		file->n += !is_metadata;
	}
	qsort(file->entries, file->n, sizeof *file->entries, compare);
	return check_places(file, file_size, err);
}

int
safetensors_parse(struct safetensors *file, const char *header, size_t len,
		  uint64_t file_size, struct err *err)
{
	*file = (struct safetensors){.fd = -1};
	file->data_start = LENGTH_BYTES + (uint64_t)len;
	json_t *document = json_read(header, len, DEPTH_MAX, err);
	if (!document)
		return err_prefix(err, "its header");
	file->document = document;
	if (read_entries(file, document, file_size, err) == 0)
		return 0;
	safetensors_close(file);
	return -1;
}

/* ---- The file */

static int
check_format(const struct safetensors *file, int64_t size, struct err *err)
{
	char head[64];
	struct model_format format;
	size_t len = size < (int64_t)sizeof head ? (size_t)size : sizeof head;

	if (model_file_read_at(file->fd, file->path, 0, head, len, err))
		return -1;
	if (model_format_of(head, len, &format))
		return err_set(err,
			       "this is %s, not safetensors; convert it: %s",
			       format.name, format.way);
	if (len < LENGTH_BYTES)
		return err_set(err, "it is shorter than any header");
	return 0;
}

static int
read_length(const struct safetensors *file, uint64_t size, size_t *len_r,
	    struct err *err)
{
	unsigned char bytes[LENGTH_BYTES];
	uint64_t len = 0;

	if (model_file_read_at(file->fd, file->path, 0, bytes, sizeof bytes,
			       err))
		return -1;
	for (int i = LENGTH_BYTES - 1; i >= 0; i--)
		len = len << 8 | bytes[i];
	if (len > size - LENGTH_BYTES)
		return err_set(err,
			       "its header of %llu bytes goes beyond its "
			       "end",
			       (unsigned long long)len);
	if (len > SAFETENSORS_HEADER_MAX)
		return err_set(err,
			       "its header of %llu bytes is larger than "
			       "%llu",
			       (unsigned long long)len,
			       (unsigned long long)SAFETENSORS_HEADER_MAX);
	*len_r = (size_t)len;
	return 0;
}

static int
read_header(struct safetensors *file, int64_t size, struct err *err)
{
	struct safetensors parsed;
	size_t len = 0;

	if (check_format(file, size, err) ||
	    read_length(file, (uint64_t)size, &len, err))
		return -1;
	char *header = mem_array(len, 1);
	if (!header)
		return err_set(err, "there is no memory for its header");
	int ret = model_file_read_at(file->fd, file->path, LENGTH_BYTES, header,
				     len, err);
	if (!ret)
		ret = safetensors_parse(&parsed, header, len, (uint64_t)size,
					err);
	free(header);
	if (ret)
		return -1;
	parsed.path = file->path;
	parsed.fd = file->fd;
	*file = parsed;
	return 0;
}

int
safetensors_open(struct safetensors *file, const char *path, struct err *err)
{
	int64_t size;

	*file = (struct safetensors){.fd = model_file_open(path, &size, err)};
	if (file->fd < 0)
		return -1;
	file->path = mem_strdup(path);
	if (read_header(file, size, err) == 0)
		return 0;
	safetensors_close(file);
	return err_prefix(err, "%s", path);
}

void
safetensors_close(struct safetensors *file)
{
	if (file->path && file->fd >= 0)
		close(file->fd);
	json_decref(file->document);
	free(file->entries);
	free(file->path);
	*file = (struct safetensors){.fd = -1};
}

const struct safetensors_entry *
safetensors_find(const struct safetensors *file, const char *name)
{
	for (size_t i = 0; i < file->n; i++)
		if (strcmp(file->entries[i].name, name) == 0)
			return &file->entries[i];
	return NULL;
}
