/* The parts of a converted model.  Any thread: nothing is kept. */
#include "model/image.h"

#include <string.h>
#include <unistd.h>

#include "model/file.h"
#include "model/image_parts.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "files have numbers as they stand in memory");
_Static_assert(sizeof(struct image_header) == IMAGE_PAGE,
	       "the header is a page, without gaps");

/* Its first byte is in no text, and its last ones do not survive a transfer as
 * text. */
const char image_magic[16] = "\x89tellerd model\r\n";

static uint64_t
to_pages(uint64_t bytes)
{
	return (bytes + IMAGE_PAGE - 1) / IMAGE_PAGE * IMAGE_PAGE;
}

void
image_plan_make(struct image_plan *plan, uint64_t vocab_bytes,
		uint64_t merges_bytes, uint64_t numbers_bytes)
{
	uint64_t body =
		to_pages(vocab_bytes) + to_pages(merges_bytes) + numbers_bytes;

	plan->n_parts = (body + IMAGE_PART - 1) / IMAGE_PART;
	plan->sums = IMAGE_PAGE;
	plan->vocab = plan->sums + to_pages(plan->n_parts * SHA256_SIZE);
	plan->merges = plan->vocab + to_pages(vocab_bytes);
	plan->numbers = plan->merges + to_pages(merges_bytes);
	plan->end = plan->numbers + numbers_bytes;
}

uint64_t
image_part_bytes(const struct image_plan *plan, uint64_t part)
{
	uint64_t left = plan->end - plan->vocab - part * IMAGE_PART;

	return left < IMAGE_PART ? left : IMAGE_PART;
}

void
image_header_sum(const struct image_header *header, uint8_t out[SHA256_SIZE])
{
	crypto_sha256(header, sizeof *header - sizeof header->sum, out);
}

bool
image_is(const char *path)
{
	char magic[sizeof image_magic];
	int64_t size;
	int fd = model_file_open(path, &size, NULL);

	if (fd < 0)
		return false;
	bool is_image = model_file_read_at(fd, path, 0, magic, sizeof magic,
					   NULL) == 0 &&
			memcmp(magic, image_magic, sizeof magic) == 0;
	close(fd);
	return is_image;
}
