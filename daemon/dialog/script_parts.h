/* What the files that read scripts have in common. */
#ifndef DIALOG_SCRIPT_PARTS_H
#define DIALOG_SCRIPT_PARTS_H

#include "dialog/script.h"

struct reading {
	struct yaml_file *file;
	struct err *err;
};

/* All return 0, or -1 and an error with file and line.  A node that is NULL is
 * not there, which leaves what is to be set as it is. */

/* Is the node a map of these keys, and no others? */
int script_check_map(struct reading *, const struct yaml *,
		     const char *const *keys, size_t n);
#define CHECK_MAP(r, node, keys) \
	script_check_map(r, node, keys, sizeof(keys) / sizeof(*(keys)))

/* A text, or a list of texts. */
int script_read_texts(struct reading *, const struct yaml *,
		      struct script_texts *);
int script_read_text(struct reading *, const struct yaml *, const char **);
/* true or false: 1 or 0. */
int script_read_flag(struct reading *, const struct yaml *, int *);
/* Is every text one of the names? */
int script_check_names(struct reading *, const struct yaml *,
		       const struct script_texts *, const char *const *names,
		       size_t n);
/* Is it a map of texts? */
int script_check_values(struct reading *, const struct yaml *);
int script_read_expect(struct reading *, const struct yaml *,
		       struct script_expect *);

#endif
