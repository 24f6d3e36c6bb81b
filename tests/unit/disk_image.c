/* Putting the files together.  Where nothing is recorded meanwhile. */
#include "disk_steps.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

#define SECTOR_BYTES 512

/* The luck of one failure. */
struct cut {
	size_t n_steps;
	unsigned int *seed;
	unsigned int kept_percent; /* of what was not synced */
	bool has_rubbish;	   /* where a file grew, not zeros */
	size_t n_named; /* steps with names that reached the directory */
	size_t synced_at[DISK_FILES_MAX]; /* one more than the newest such step
					   */
};

static bool
is_kept(struct cut *cut)
{
	return (unsigned int)rand_r(cut->seed) % 100 < cut->kept_percent;
}

static void
resize(struct disk_content *content, size_t len, struct cut *cut)
{
	if (len > content->len) {
		content->data = realloc(content->data, len);
		assert(content->data);
	}
	for (size_t i = content->len; i < len; i++)
		content->data[i] =
			cut->has_rubbish ? (uint8_t)rand_r(cut->seed) : 0;
	content->len = len;
}

static void
put(struct disk_content *content, size_t offset, const uint8_t *data,
    size_t len, struct cut *cut)
{
	if (offset + len > content->len)
		resize(content, offset + len, cut);
	memcpy(content->data + offset, data, len);
}

static void
put_sectors(struct disk_content *content, const struct disk_step *step,
	    struct cut *cut)
{
	size_t done = 0;

	while (done < step->len) {
		size_t at = step->offset + done;
		size_t n = SECTOR_BYTES - at % SECTOR_BYTES;
		if (n > step->len - done)
			n = step->len - done;
		if (is_kept(cut))
			put(content, at, step->data + done, n, cut);
		done += n;
	}
}

static void
replay_content(struct disk_content *content, const struct disk_step *step,
	       bool is_synced, struct cut *cut)
{
	if (step->what == WRITTEN && is_synced)
		put(content, step->offset, step->data, step->len, cut);
	else if (step->what == WRITTEN)
		put_sectors(content, step, cut);
	else if (step->what == CUT_OFF && (is_synced || is_kept(cut)))
		resize(content, step->len, cut);
}

static void
replay_name(struct disk_names *names, const struct disk_step *step)
{
	char *name = names->of[step->file];

	if (step->what == REMOVED) {
		name[0] = '\0';
	} else if (step->what == NAMED) {
		disk_set_name(name, step->name);
	} else if (step->what == RENAMED) {
		int over = disk_find(names, step->to);
		if (over != DISK_NOT_OURS)
			names->of[over][0] = '\0';
		disk_set_name(name, step->to);
	}
}

static bool
is_of_names(const struct disk_step *step)
{
	return step->what == NAMED || step->what == RENAMED ||
	       step->what == REMOVED;
}

static void
draw_luck(struct cut *cut)
{
	size_t n_named = 0, n_more = 0;

	for (size_t i = 0; i < cut->n_steps; i++) {
		const struct disk_step *step = &disk_record.steps[i];
		if (is_of_names(step))
			n_more++;
		if (step->what != SYNCED)
			continue;
		cut->synced_at[step->file] = i + 1;
		if (step->file == DISK_DIRECTORY) {
			n_named += n_more;
			n_more = 0;
		}
	}
	cut->n_named = n_named + (size_t)rand_r(cut->seed) % (n_more + 1);
	unsigned int kind = (unsigned int)rand_r(cut->seed) % 4;
	cut->kept_percent = kind == 0	? 0
			    : kind == 1 ? 100
					: (unsigned int)rand_r(cut->seed) % 100;
	cut->has_rubbish = rand_r(cut->seed) % 4 == 0;
}

static void
save(const char *dir, const char *name, const struct disk_content *content)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *file = fopen(path, "wb");
	assert(file);
	size_t n = fwrite(content->data, 1, content->len, file);
	assert(n == content->len);
	fclose(file);
}

void
disk_image(const char *dir, size_t n_steps, unsigned int *seed)
{
	static struct disk_content files[DISK_FILES_MAX];
	struct cut cut = {.n_steps = n_steps, .seed = seed};
	struct disk_names names = disk_record.names;
	size_t n_named = 0;

	draw_luck(&cut);
	for (int i = 0; i < DISK_FILES_MAX; i++) {
		files[i] = (struct disk_content){.data = mem_new(1)};
		if (disk_record.files[i].len)
			put(&files[i], 0, disk_record.files[i].data,
			    disk_record.files[i].len, &cut);
	}
	for (size_t i = 0; i < n_steps; i++) {
		const struct disk_step *step = &disk_record.steps[i];
		replay_content(&files[step->file], step,
			       i < cut.synced_at[step->file], &cut);
		if (is_of_names(step) && n_named++ < cut.n_named)
			replay_name(&names, step);
	}
	int result = mkdir(dir, 0700);
	assert(result == 0);
	for (int i = 0; i < DISK_FILES_MAX; i++) {
		if (names.of[i][0])
			save(dir, names.of[i], &files[i]);
		free(files[i].data);
	}
}
