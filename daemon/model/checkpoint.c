/* One file of tensors, or several with an index.  Any thread. */
#include "model/checkpoint.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/file.h"
#include "model/safetensors.h"

#define WHOLE "model.safetensors"
#define INDEX "model.safetensors.index.json"
#define SUFFIX ".safetensors"
#define INDEX_MAX ((size_t)8 << 20)
#define DEPTH_MAX 8

static int
open_part(struct checkpoint *checkpoint, const char *dir, const char *name,
	  struct err *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
		return err_set(err, "%s: the path is too long", name);
	if (safetensors_open(&checkpoint->parts[checkpoint->n], path, err))
		return -1;
	checkpoint->n++;
	return 0;
}

/* ---- The index */

/* A file of this directory, and not one of another by its name. */
static bool
is_part_name(const char *name)
{
	size_t len = strlen(name), end = strlen(SUFFIX);

	return len > end && len <= NAME_MAX && name[0] != '.' &&
	       !strchr(name, '/') && strcmp(name + len - end, SUFFIX) == 0;
}

static const char *
name_of(const struct safetensors *part)
{
	return strrchr(part->path, '/') + 1;
}

static bool
is_open(const struct checkpoint *checkpoint, const char *name)
{
	for (size_t i = 0; i < checkpoint->n; i++)
		if (strcmp(name_of(&checkpoint->parts[i]), name) == 0)
			return true;
	return false;
}

static int
open_parts(struct checkpoint *checkpoint, const char *dir, json_t *map,
	   struct err *err)
{
	const char *tensor, *last = "";
	json_t *value;

	json_object_foreach (map, tensor, value) {
		const char *name = json_string_value(value);
		if (!name || !is_part_name(name))
			return err_set(err,
				       "%s: tensor '%s' is in no file of the "
				       "directory that could be a part",
				       checkpoint->path, tensor);
		if (strcmp(name, last) == 0 || is_open(checkpoint, name))
			continue;
		if (checkpoint->n == CHECKPOINT_PARTS_MAX)
			return err_set(err, "%s: it has more than %d parts",
				       checkpoint->path, CHECKPOINT_PARTS_MAX);
		if (open_part(checkpoint, dir, name, err))
			return -1;
		last = name;
	}
	return 0;
}

/* Whether each tensor of a part is where the index has it. */
static int
check_part(const struct checkpoint *checkpoint, const struct safetensors *part,
	   json_t *map, struct err *err)
{
	for (size_t i = 0; i < part->n; i++) {
		const char *tensor = part->entries[i].name;
		const char *name = json_get_text(map, tensor, NULL);
		if (!name)
			return err_set(err,
				       "%s: its tensor '%s' is not in " INDEX,
				       part->path, tensor);
		if (strcmp(name, name_of(part)) != 0)
			return err_set(
				err, "%s: its tensor '%s' is one of %s in %s",
				part->path, tensor, name, checkpoint->path);
	}
	return 0;
}

/* A part is missing some of its tensors; which is the first? */
static int
name_missing(const struct checkpoint *checkpoint, json_t *map, struct err *err)
{
	const char *tensor;
	json_t *value;

	json_object_foreach (map, tensor, value)
		if (!checkpoint_find(checkpoint, tensor).entry)
			return err_set(err,
				       "%s: tensor '%s' is not in %s, where it "
				       "should be",
				       checkpoint->path, tensor,
				       json_string_value(value));
	return -1;
}

/* As a tensor of a part is one of the index, and of no other part, there are as
 * many of them if none is missing. */
static int
check_parts(const struct checkpoint *checkpoint, json_t *map, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < checkpoint->n; i++) {
		if (check_part(checkpoint, &checkpoint->parts[i], map, err))
			return -1;
		n += checkpoint->parts[i].n;
	}
	return n == json_object_size(map) ? 0
					  : name_missing(checkpoint, map, err);
}

static int
read_index(struct checkpoint *checkpoint, const char *dir,
	   const json_t *document, struct err *err)
{
	json_t *map = json_object_get(document, "weight_map");

	if (!json_is_object(map) || json_object_size(map) == 0)
		return err_set(err, "%s: there is no weight_map in it",
			       checkpoint->path);
	if (json_object_size(map) > SAFETENSORS_ENTRIES_MAX)
		return err_set(err, "%s: it has more than %d tensors",
			       checkpoint->path, SAFETENSORS_ENTRIES_MAX);
	checkpoint->parts =
		mem_array(CHECKPOINT_PARTS_MAX, sizeof *checkpoint->parts);
	if (!checkpoint->parts)
		return err_set(err, "there is no memory for the parts");
	if (open_parts(checkpoint, dir, map, err))
		return -1;
	return check_parts(checkpoint, map, err);
}

static int
open_index(struct checkpoint *checkpoint, const char *dir, struct err *err)
{
	json_t *document = NULL;
	struct buf text;

	buf_init(&text, INDEX_MAX);
	int rc = model_file_read(dir, INDEX, &text, err);
	if (!rc) {
		document = json_read(buf_str(&text), text.len, DEPTH_MAX, err);
		rc = document ? read_index(checkpoint, dir, document, err)
			      : err_prefix(err, "%s", checkpoint->path);
	}
	json_decref(document);
	buf_release(&text);
	return rc;
}

/* ---- All of it */

bool
checkpoint_is_there(const char *dir)
{
	return model_file_exists(dir, WHOLE) || model_file_exists(dir, INDEX);
}

/* One file, if there are both, as the reference library has it. */
int
checkpoint_open(struct checkpoint *checkpoint, const char *dir, struct err *err)
{
	bool is_whole = model_file_exists(dir, WHOLE);
	char path[PATH_MAX];
	int rc;

	*checkpoint = (struct checkpoint){0};
	if (snprintf(path, sizeof path, "%s/%s", dir,
		     is_whole ? WHOLE : INDEX) >= (int)sizeof path)
		return err_set(err, "%s: the path is too long", dir);
	checkpoint->path = mem_strdup(path);
	if (is_whole) {
		checkpoint->parts = mem_new(sizeof *checkpoint->parts);
		rc = open_part(checkpoint, dir, WHOLE, err);
	} else {
		rc = open_index(checkpoint, dir, err);
	}
	if (rc)
		checkpoint_close(checkpoint);
	return rc;
}

void
checkpoint_close(struct checkpoint *checkpoint)
{
	for (size_t i = 0; i < checkpoint->n; i++)
		safetensors_close(&checkpoint->parts[i]);
	free(checkpoint->parts);
	free(checkpoint->path);
	*checkpoint = (struct checkpoint){0};
}

struct tensor_place
checkpoint_find(const struct checkpoint *checkpoint, const char *name)
{
	for (size_t i = 0; i < checkpoint->n; i++) {
		const struct safetensors *part = &checkpoint->parts[i];
		const struct safetensors_entry *entry =
			safetensors_find(part, name);
		if (entry)
			return (struct tensor_place){part, entry};
	}
	return (struct tensor_place){0};
}
