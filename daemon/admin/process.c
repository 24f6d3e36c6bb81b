#include "admin/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/metric.h"

/* Memory in pages: all, and what is resident. */
static void
gather_memory(void)
{
	double all, resident, page = (double)sysconf(_SC_PAGESIZE);
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file)
		return;
	if (fscanf(file, "%lf %lf", &all, &resident) == 2) {
		metric_set(metric_get(METRIC_GAUGE,
				      "process_virtual_memory_bytes",
				      "Virtual memory.", ""),
			   all * page);
		metric_set(metric_get(METRIC_GAUGE,
				      "process_resident_memory_bytes",
				      "Memory that is resident.", ""),
			   resident * page);
	}
	fclose(file);
}

static void
gather_descriptors(void)
{
	struct rlimit limit;
	int n = -3; /* ".", "..", and the one that reads them */
	DIR *dir = opendir("/proc/self/fd");
	while (dir && readdir(dir))
		n++;
	if (dir) {
		closedir(dir);
		metric_set(metric_get(METRIC_GAUGE, "process_open_fds",
				      "Open file descriptors.", ""),
			   n);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		metric_set(metric_get(METRIC_GAUGE, "process_max_fds",
				      "How many there may be.", ""),
			   (double)limit.rlim_cur);
}

static double
seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void
gather_cpu(void)
{
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		metric_set(metric_get(METRIC_COUNTER,
				      "process_cpu_seconds_total",
				      "Time on processors, of the process and "
				      "of the kernel for it.",
				      ""),
			   seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
}

void
process_gather(void)
{
	gather_memory();
	gather_descriptors();
	gather_cpu();
}
