/* The header of a file of tensors from anybody, behind two bytes that say how
 * much data follows it: what is taken covers the data without a gap. */
#include "fuzz.h"

#include <assert.h>

#include "base/err.h"
#include "model/safetensors.h"

static void
expect_no_gap(const struct safetensors *file, uint64_t data)
{
	uint64_t end = 0;

	for (size_t i = 0; i < file->n; i++) {
		const struct safetensors_entry *entry = &file->entries[i];
		assert(entry->begin == end && entry->end >= end);
		assert(entry->count >= 0);
		assert(entry->rank >= 0 && entry->rank <= SAFETENSORS_RANK_MAX);
		assert(safetensors_find(file, entry->name) == entry);
		end = entry->end;
	}
	assert(end == data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct safetensors file;
	struct err err = {0};

	if (size < 2)
		return 0;
	uint64_t bytes = data[0] | (uint64_t)data[1] << 8;
	const char *header = (const char *)data + 2;
	size_t len = size - 2;
	int ret = safetensors_parse(&file, header, len, 8 + len + bytes, &err);
	assert((ret < 0) == (err.text[0] != '\0'));
	if (ret == 0)
		expect_no_gap(&file, bytes);
	safetensors_close(&file);
	return 0;
}
