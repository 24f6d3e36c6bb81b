/* `tellerctl desk watch`: an agent at a terminal. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

struct arguments;
struct client;
struct err;

/* Show what happens until the conversation that was claimed is over, or stdin
 * is where lines are read from it, or for ever: over a new start of the daemon,
 * too.  0, or -1 and *err. */
int watch_run(struct client *, struct arguments *, struct err *);

#endif
