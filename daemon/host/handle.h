/* What plugins hold of the host's: themselves as the host knows them, watches,
 * requests, streams, connections.  A mistake with one (used after its end, or
 * from a thread that is not the loop's) is answered in words, where it would
 * write into what somebody else has by now.  It finds mistakes, not all: memory
 * that was freed may be a thing of the same kind again. */
#ifndef HOST_HANDLE_H
#define HOST_HANDLE_H

#include <stdbool.h>

/* From now on it is there, and then no longer.  On the loop thread; one that is
 * not there may be forgotten. */
void handle_note(const void *thing);
void handle_forget(const void *thing);

/* This thread runs code of that plugin from now on, NULL: of none.  What it ran
 * before; the name is borrowed until then. */
const char *handle_enter(const char *plugin);

/* May a plugin that calls the service `what` use it?  false, and a line in the
 * log: this is another thread, or it is not there.  From any thread;
 * the line names the plugin, unless it made the thread itself. */
bool handle_is_good(const void *thing, const char *what);

/* The line in the log for a call of that service, and why it cannot be ("
 * without a function").  false.  From any thread. */
bool handle_refuse(const char *what, const char *why);

#endif
