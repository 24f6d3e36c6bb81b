/* What the entries of a list must be, by the list's type.  Any thread. */
#ifndef CONF_VALUE_CHECK_H
#define CONF_VALUE_CHECK_H

#include <stddef.h>

struct err;
struct teller_option;

/* 0, or -1 and *err: "must hold ...". */
int value_check_items(const struct teller_option *, const char *const *items,
		      size_t n, struct err *);

#endif
