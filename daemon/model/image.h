/* A converted model: one file that holds a model packed, as the kernels read
 * it, with its shape and its vocabulary, so that it is mapped and not read.
 *
 * Numbers are little-endian.  Sections follow one another, each at a multiple
 * of IMAGE_PAGE from the beginning of the file:
 *
 *   header      struct image_header, a page
 *   sums        the SHA-256 of each IMAGE_PART bytes of what follows
 *   vocabulary  the text of vocab.json; of no bytes if there was none
 *   merges      the text of merges.txt, likewise
 *   numbers     as model_place() has them
 *
 * The header has a SHA-256 of the sums and one of itself, so that there is no
 * byte that nothing vouches for, and that the parts can be looked at by all
 * threads at once.  What the sums find is what happens to files by chance;
 * who makes a file for us can make its sums, so nothing else is believed for
 * them either: sizes follow from the shape alone, numbers are finite. */
#ifndef MODEL_IMAGE_H
#define MODEL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"

struct compute;
struct err;

#define IMAGE_VERSION 1
#define IMAGE_PAGE ((uint64_t)4096)
#define IMAGE_PART ((uint64_t)1 << 20)

struct image {
	struct model model; /* its memory holds the texts as well */
	const char *vocab, *merges;
	size_t vocab_len, merges_len; /* both 0: there is no vocabulary */
	uint64_t bytes;		      /* of the file */
};

/* Whether a path names a file that begins as converted models do. */
bool image_is(const char *path);

/* Look at every byte of a file, and map it.  A mapped file that is cut short,
 * or written to, takes the process with it; so only a file is mapped that
 * belongs to root or to this process' user and that nobody else may write to.
 * Of any other the bytes are copied into memory.  0, or -1 and *err, which
 * names the file and says what to do.  The model, released, takes the texts
 * with it. */
int image_open(struct image *, const char *path, struct compute *,
	       struct err *);

/* The texts without the numbers: of the file no more than their parts is read,
 * and looked at.  0, or -1 and *err, likewise; to be released as well. */
int image_open_texts(struct image *, const char *path, struct compute *,
		     struct err *);

/* The shape, the packing and the lengths alone, by the header: what takes no
 * time.  0, or -1 and *err.  To be released as well. */
int image_look(struct image *, const char *path, struct err *);

/* Give all bytes of the file, in order.  The caller sets the model and the
 * texts; the model's numbers are finite.  0, or -1: what put() returned, whose
 * caller knows why. */
typedef int image_put_fn(void *arg, const void *data, size_t len);
int image_write(const struct image *, struct compute *, image_put_fn *,
		void *arg, struct err *);

#endif
