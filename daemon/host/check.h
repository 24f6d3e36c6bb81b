/* Checks of what a plugin's object says of itself, before anything of it is
 * called. */
#ifndef HOST_CHECK_H
#define HOST_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct teller_option;
struct teller_plugin;

#define CHECK_NAME_MAX 32     /* bytes of a plugin's or option's name */
#define CHECK_OPTIONS_MAX 200 /* rows of a table, without the last */

/* Lower-case letters, digits and '_', a letter first, at most max bytes. */
bool check_is_name(const char *name, int max);

/* UTF-8 of at least min and at most max bytes; NULL is none. */
bool check_is_text(const char *text, size_t min, size_t max);

/* The same without what may not reach a terminal as it is. */
bool check_is_line(const char *text, size_t min, size_t max);

/* The two may name a conversation of a channel. */
bool check_is_conversation(const char *account, const char *key);

/* ABI, sizes, name (which the file has), functions, options.  0, or -1 and
 * *err.  Pointers are taken for what they claim to be. */
int check_plugin(const struct teller_plugin *, const char *name, struct err *);

/* A table of options ends, has good names, none twice, none of them "burst",
 * and each row says what its type needs.  0, or -1 and *err that names the
 * row. */
int check_options(const struct teller_option *, struct err *);

#endif
