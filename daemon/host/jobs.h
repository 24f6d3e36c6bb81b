/* The services by which a plugin answers the jobs it was given. */
#ifndef HOST_JOBS_H
#define HOST_JOBS_H

#include <tellerd/plugin.h>

void jobs_progress(struct teller_host *, const char *job, const void *state,
		   size_t len);
void jobs_sent(struct teller_host *, const char *job, const char *external_id);
void jobs_failed(struct teller_host *, const char *job, enum teller_failure,
		 int64_t not_before_us, const char *words);

#endif
