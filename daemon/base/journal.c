#include "base/journal.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define LENGTH_BYTES 8

static void
put(struct journal_entry *entry, const void *bytes, size_t len)
{
	memcpy(entry->bytes + entry->len, bytes, len);
	entry->len += len;
}

/* Little endian, whatever we are. */
static void
put_length(struct journal_entry *entry, uint64_t len)
{
	unsigned char bytes[LENGTH_BYTES];

	for (int i = 0; i < LENGTH_BYTES; i++)
		bytes[i] = (unsigned char)(len >> (8 * i));
	put(entry, bytes, sizeof bytes);
}

bool
journal_add(struct journal_entry *entry, const char *name, const char *value,
	    size_t len)
{
	if (len > sizeof entry->bytes)
		return false;
	size_t name_len = strlen(name);
	bool is_plain = !memchr(value, '\n', len);
	size_t added = name_len + 1 + (is_plain ? 0 : LENGTH_BYTES) + len + 1;

	if (added > sizeof entry->bytes - entry->len)
		return false;
	put(entry, name, name_len);
	put(entry, is_plain ? "=" : "\n", 1);
	if (!is_plain)
		put_length(entry, len);
	put(entry, value, len);
	put(entry, "\n", 1);
	return true;
}

void
journal_add_text(struct journal_entry *entry, const char *name,
		 const char *value)
{
	if (value)
		journal_add(entry, name, value, strlen(value));
}

int
journal_open(struct journal *journal, const char *path)
{
	size_t len = strlen(path);

	journal->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len >= sizeof journal->address.sun_path)
		return -1;
	memcpy(journal->address.sun_path, path, len);
	journal->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return journal->fd < 0 ? -1 : 0;
}

void
journal_close(struct journal *journal)
{
	close(journal->fd);
}

/* By its path each time: the journal may be started again. */
int
journal_send(const struct journal *journal, const struct journal_entry *entry)
{
	ssize_t n = sendto(journal->fd, entry->bytes, entry->len,
			   MSG_NOSIGNAL | MSG_DONTWAIT,
			   (const struct sockaddr *)&journal->address,
			   sizeof journal->address);

	return n == (ssize_t)entry->len ? 0 : -1;
}
