/* The schema's migrations, which embed.sh makes a part of the program. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>

struct migration {
	int number; /* 1, 2, ...: user_version once it is done */
	const char *name;
	const char *text;
};

extern const struct migration store_migrations[];
extern const size_t store_n_migrations;

#endif
