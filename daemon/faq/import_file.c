/* Entries from a file of either kind.  Any thread. */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "faq/import.h"

typedef int read_fn(struct faq_file *, const char *name, const char *text,
		    size_t len, template_value_fn *, const void *facts,
		    struct err *);

static const struct {
	const char *ending;
	read_fn *read;
} kinds[] = {
	{".yaml", faq_read_yaml},
	{".yml", faq_read_yaml},
	{".csv", faq_read_csv},
	{".tsv", faq_read_csv},
};

int
faq_read_file(struct faq_file *file, const char *name, const char *text,
	      size_t len, template_value_fn *value, const void *facts,
	      struct err *err)
{
	size_t name_len = strlen(name);

	*file = (struct faq_file){0};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t n = strlen(kinds[i].ending);
		if (name_len > n &&
		    strcasecmp(name + name_len - n, kinds[i].ending) == 0)
			return kinds[i].read(file, name, text, len, value,
					     facts, err);
	}
	return err_set(err,
		       "%s: entries come from files that end with .yaml, .yml, "
		       ".csv or .tsv",
		       name);
}
