/* A desk's own pack, made of one that is there. */
#ifndef NLU_PACK_NEW_H
#define NLU_PACK_NEW_H

struct err;

struct pack_new {
	const char *from; /* directory of the pack to copy */
	const char *to;	  /* directory that gets it, under its name; made if
			   * its parent is there */
	const char *name, *title;
};

/* Copy all files of the pack, also those that are no YAML but its hidden ones,
 * with its name and title changed in pack.yaml.  What is there already under
 * that name is refused; the new pack is there whole, can be read, and is on
 * disk, or it is not there.  0, or -1 and *err. */
int pack_make_new(const struct pack_new *, struct err *);

#endif
