/* What the process was not given of stdin, stdout and stderr. */
#ifndef CLI_STANDARD_H
#define CLI_STANDARD_H

/* Have their three descriptors taken, before anything else is opened: one that
 * was closed would be that of the next file or socket, and what is printed
 * would go there.  Whoever reads or writes it is told that he cannot. */
void standard_hold(void);

#endif
