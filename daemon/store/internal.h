/* The store itself, for the files that open it and copy it. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/reader.h"
#include "store/thread.h"

#define STORE_FILE "store.db"

struct store {
	char *dir, *path, *log_path;
	int lock_fd; /* -1: not locked */
	struct store_thread thread;
	struct readers readers;
};

#endif
