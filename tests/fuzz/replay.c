/* The main() of a fuzz harness without a fuzzer: every file of the harness's
 * corpus once.  The harness tests/fuzz/fuzz_NAME reads tests/fuzz/corpus/NAME
 * of $top_srcdir, or the files that are named on the command line.  TAP. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

/* The data is in an allocation of exactly its size, so that a sanitizer sees
 * the first byte that is read behind it. */
static int
replay_file(const char *path)
{
	struct stat st;
	FILE *file = fopen(path, "rb");
	if (!file || fstat(fileno(file), &st)) {
		printf("# %s: %s\n", path, strerror(errno));
		if (file)
			fclose(file);
		return -1;
	}
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size ? size : 1);
	int status = -1;
	if (data && fread(data, 1, size, file) == size) {
		printf("# %s\n", path);
		fflush(stdout);
		LLVMFuzzerTestOneInput(data, size);
		status = 0;
	}
	free(data);
	fclose(file);
	return status;
}

/* How many files of the directory were replayed; -1: one could not be read. */
static int
replay_directory(const char *dir)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, NULL, alphasort);
	if (n < 0) {
		printf("# %s: %s\n", dir, strerror(errno));
		return -1;
	}
	int replayed = 0;
	for (int i = 0; i < n; i++) {
		char path[4096];
		int len = snprintf(path, sizeof path, "%s/%s", dir,
				   entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && replayed >= 0) {
			if (len >= (int)sizeof path || replay_file(path))
				replayed = -1;
			else
				replayed++;
		}
		free(entries[i]);
	}
	free(entries);
	return replayed;
}

int
main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	const char *corpus = strncmp(name, "fuzz_", 5) ? name : name + 5;
	const char *top = getenv("top_srcdir");
	int replayed = 0;

	puts("1..1");
	if (argc > 1) {
		for (int i = 1; i < argc && replayed >= 0; i++)
			replayed = replay_file(argv[i]) ? -1 : replayed + 1;
	} else {
		char dir[4096];
		int len = snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s",
				   top ? top : ".", corpus);
		replayed = len < (int)sizeof dir ? replay_directory(dir) : -1;
	}
	printf("%s 1 - %s survives its corpus of %d\n",
	       replayed > 0 ? "ok" : "not ok", name, replayed);
	return replayed > 0 ? 0 : 1;
}
