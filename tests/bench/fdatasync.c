/* What the disk takes for one flush: fdatasync PATH SECONDS appends 4 KiB and
 * flushes, again and again.  Prints one JSON object: flushes, p50_ms, p99_ms,
 * rate. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define SAMPLES_MAX 1000000

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

int
main(int argc, char *argv[])
{
	static char block[BLOCK];
	float *samples = malloc(SAMPLES_MAX * sizeof(*samples));
	size_t n = 0;
	if (argc != 3 || !samples) {
		fprintf(stderr, "fdatasync PATH SECONDS\n");
		return 2;
	}
	int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	double begin = now(), end = begin + strtod(argv[2], NULL);
	while (fd >= 0 && now() < end && n < SAMPLES_MAX) {
		double start = now();
		if (write(fd, block, BLOCK) != BLOCK || fdatasync(fd))
			break;
		samples[n++] = (float)((now() - start) * 1000);
	}
	if (!n) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	double rate = (double)n / (now() - begin);
	qsort(samples, n, sizeof(*samples), compare);
	printf("{\"flushes\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
	       "\"rate\":%.1f}\n",
	       n, (double)samples[n / 2], (double)samples[n * 99 / 100], rate);
	unlink(argv[1]);
	return 0;
}
