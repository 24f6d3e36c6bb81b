/* What Prometheus' own clients say of their process, under their names. */
#ifndef ADMIN_PROCESS_H
#define ADMIN_PROCESS_H

/* Put the numbers of now into the metrics. */
void process_gather(void);

#endif
