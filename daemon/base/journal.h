/* systemd's journal, by its own protocol
 * (systemd.io/JOURNAL_NATIVE_PROTOCOL): an entry is a datagram of fields. */
#ifndef BASE_JOURNAL_H
#define BASE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
/* A datagram of this size needs no file of its own. */
#define JOURNAL_ENTRY_MAX 8192

/* On the caller's stack: the log is needed when there is no memory. */
struct journal_entry {
	size_t len;
	char bytes[JOURNAL_ENTRY_MAX];
};

/* Append a field, whose name has capitals, digits and '_' and begins with a
 * capital.  Any bytes may be its value: where there is a line break, its length
 * stands before it.  false: it has no room, and is left out. */
bool journal_add(struct journal_entry *, const char *name, const char *value,
		 size_t len);
/* The same of a string; NULL is left out. */
void journal_add_text(struct journal_entry *, const char *name,
		      const char *value);

struct journal {
	int fd;
	struct sockaddr_un address;
};

/* 0, or -1: there is no socket, or the path is too long. */
int journal_open(struct journal *, const char *path);
void journal_close(struct journal *);
/* Does not wait.  Any thread.  0, or -1: the journal does not take it now. */
int journal_send(const struct journal *, const struct journal_entry *);

#endif
