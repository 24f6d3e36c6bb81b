/* Where plugins and packs are: installed, or beside an uninstalled build. */
#ifndef DIALOG_PLACES_H
#define DIALOG_PLACES_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct err;

/* The directory of plugins and that of packs; a setting that is not empty
 * wins, then the build tree the program runs from, then the installed one. */
void places_plugins(const char *setting, struct buf *out);
void places_packs(const char *setting, struct buf *out);

/* The names of the plugins, or packs, in a directory, in the order of the
 * alphabet, borrowed from the arena.  Returns how many, or -1 and *err. */
long places_plugin_names(const char *dir, struct arena *, const char ***names_r,
			 struct err *);
long places_pack_names(const char *dir, struct arena *, const char ***names_r,
		       struct err *);
bool places_is_directory(const char *path);

#endif
