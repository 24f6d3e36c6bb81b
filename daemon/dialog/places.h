/* Where plugins and packs are: installed, or beside an uninstalled build. */
#ifndef DIALOG_PLACES_H
#define DIALOG_PLACES_H

struct buf;

/* The directory of plugins and that of packs; a setting that is not empty
 * wins, then the build tree the program runs from, then the installed one. */
void places_plugins(const char *setting, struct buf *out);
void places_packs(const char *setting, struct buf *out);

#endif
