/* What the files that read forms have in common. */
#ifndef NLU_FORM_PARTS_H
#define NLU_FORM_PARTS_H

#include "conf/yaml.h"
#include "nlu/form.h"
#include "nlu/phrase.h"

struct form_set {
	const char *texts[FORM_TEXTS];
	struct form *forms;
	struct phrase_book *whole, *said; /* by form_command, and in `said` by
					   * choice and slot as well */
	size_t n_owners;
};

struct form_reading {
	struct pack *pack;
	const struct yaml_file *file;
	struct form_set *set;
	struct err *err;
};

/* Read a list of slots into the form.  0, or -1 and *err. */
int form_read_slots(struct form_reading *, const struct yaml *list,
		    struct form *);
/* A number of its own for some phrases, and the phrases.  0, or -1 and *err. */
int form_read_phrases(struct form_reading *, const struct yaml *list,
		      size_t *owner_r);
/* A list of texts; 0, or -1 and *err. */
int form_read_names(struct form_reading *, const struct yaml *list,
		    const char *const **names_r, size_t *n_r);
/* true or false as a plain word; without a node it stays as it is.  0, or -1
 * and *err. */
int form_read_bool(struct form_reading *, const struct yaml *, bool *value);

#endif
