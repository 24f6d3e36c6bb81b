/* From a directory of files into memory.  Any thread. */
#include "model/weights.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/checkpoint.h"
#include "model/file.h"
#include "model/layout.h"
#include "model/safetensors.h"
#include "model/tensor.h"

#define CONFIG "config.json"
#define WEIGHTS "model.safetensors"
#define PREFIX "transformer."
#define HEAD "lm_head.weight"

/* ---- What there is */

static int
read_config(struct model_config *config, const char *dir, struct err *err)
{
	struct buf text;

	buf_init(&text, MODEL_CONFIG_BYTES_MAX);
	int ret = model_file_read(dir, CONFIG, &text, err);
	if (!ret && model_config_read(config, buf_str(&text), text.len, err))
		ret = err_prefix(err, "%s/%s", dir, CONFIG);
	buf_release(&text);
	return ret;
}

/* A model is a directory; who names a file is told what it is. */
static int
check_is_directory(const char *dir, struct err *err)
{
	struct model_format format;
	struct stat status;
	char head[64];
	int64_t size;

	if (stat(dir, &status))
		return err_errno(err, "%s", dir);
	if (S_ISDIR(status.st_mode))
		return 0;
	int fd = model_file_open(dir, &size, err);
	if (fd < 0)
		return -1;
	size_t len = size < (int64_t)sizeof head ? (size_t)size : sizeof head;
	int ret = model_file_read_at(fd, dir, 0, head, len, err);
	close(fd);
	if (ret)
		return -1;
	if (model_format_of(head, len, &format))
		return err_set(err, "%s is %s; convert it: %s", dir,
			       format.name, format.way);
	return err_set(err,
		       "%s is a file; give the directory that holds " CONFIG
		       " and " WEIGHTS ", or what 'tellerctl model convert' "
		       "made of it",
		       dir);
}

static int
no_weights(const char *dir, struct err *err)
{
	struct model_format format;
	char file[NAME_MAX + 1];

	if (!model_format_in(dir, &format, file, sizeof file))
		return err_set(err, "%s has no " WEIGHTS, dir);
	return err_set(err,
		       "%s has no " WEIGHTS "; its %s is %s; convert it: "
		       "%s",
		       dir, file, format.name, format.way);
}

/* ---- Tensors */

struct loader {
	struct checkpoint checkpoint;
	struct model_config config;
	bool has_prefix; /* before the names of all but the head */
};

/* The head stands beside the transformer, not in it. */
static struct tensor_place
find(const struct loader *loader, const char *name)
{
	char whole[64];
	bool is_head = strcmp(name, HEAD) == 0;

	snprintf(whole, sizeof whole, "%s%s",
		 loader->has_prefix && !is_head ? PREFIX : "", name);
	return checkpoint_find(&loader->checkpoint, whole);
}

/* A head in the file is one of its own, unless it is the same as wte. */
static int
find_head(struct loader *loader, struct err *err)
{
	struct tensor_place head = find(loader, HEAD);
	struct tensor_place wte = find(loader, "wte.weight");
	bool is_equal = false;

	if (!head.entry && !loader->config.is_tied)
		return err_set(err,
			       "%s: tensor '" HEAD "' is missing, and " CONFIG
			       " says that it is not wte",
			       loader->checkpoint.path);
	if (!head.entry || !wte.entry)
		return 0;
	if (tensor_compare(&head, &wte, &is_equal, err))
		return -1;
	loader->config.is_tied = is_equal;
	return model_config_check(&loader->config, err);
}

static int
wrong_shape(const struct tensor_place *place,
	    const struct layout_tensor *tensor, struct err *err)
{
	const struct safetensors_entry *entry = place->entry;
	struct buf has;

	buf_init(&has, 200);
	for (int i = 0; i < entry->rank; i++)
		buf_addf(&has, i ? ", %lld" : "%lld",
			 (long long)entry->shape[i]);
	err_set(err,
		tensor->rank == 1 ? "%s: tensor '%s' has the shape [%s], "
				    "where " CONFIG " asks for [%lld]"
				  : "%s: tensor '%s' has the shape [%s], "
				    "where " CONFIG " asks for [%lld, %lld]",
		place->file->path, entry->name, buf_str(&has),
		(long long)tensor->shape[0], (long long)tensor->shape[1]);
	buf_release(&has);
	return -1;
}

static int
check_tensor(const struct loader *loader, const struct layout_tensor *tensor,
	     struct err *err)
{
	struct tensor_place place = find(loader, tensor->name);
	const struct safetensors_entry *entry = place.entry;

	if (!entry)
		return err_set(err, "%s: tensor '%s%s' is missing",
			       loader->checkpoint.path,
			       loader->has_prefix &&
					       strcmp(tensor->name, HEAD) != 0
				       ? PREFIX
				       : "",
			       tensor->name);
	bool is_same = entry->rank == tensor->rank;
	for (int i = 0; is_same && i < entry->rank; i++)
		is_same = entry->shape[i] == tensor->shape[i];
	if (!is_same)
		return wrong_shape(&place, tensor, err);
	return 0;
}

/* The causal mask, which old files hold as a tensor of whatever type. */
static bool
is_buffer(const char *name)
{
	static const char *const ends[] = {".attn.bias", ".attn.masked_bias"};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t end = strlen(ends[i]);
		if (len > end && strcmp(name + len - end, ends[i]) == 0)
			return true;
	}
	return false;
}

/* A part of a layer that we do not compute, or a layer that config.json does
 * not know of: the result would be another model's.  What stands beside the
 * layers, as the heads of classifiers do, is left alone. */
static int
check_strangers(const struct loader *loader, const struct safetensors *file,
		const struct layout *layout, struct err *err)
{
	for (size_t i = 0; i < file->n; i++) {
		const char *name = file->entries[i].name;
		if (loader->has_prefix &&
		    strncmp(name, PREFIX, strlen(PREFIX)) == 0)
			name += strlen(PREFIX);
		if (strncmp(name, "h.", 2) == 0 && !is_buffer(name) &&
		    !layout_find(layout, name))
			return err_set(err,
				       "%s: tensor '%s' is in no GPT-2 of %d "
				       "layers",
				       file->path, file->entries[i].name,
				       loader->config.n_layers);
	}
	return 0;
}

static int
read_tensor(const struct loader *loader, const struct layout_tensor *tensor,
	    struct err *err)
{
	struct tensor_place place = find(loader, tensor->name);

	if (tensor_read(place.file, place.entry, 0, tensor->count, tensor->data,
			err))
		return -1;
	if (!tensor_is_finite(tensor->data, tensor->count))
		return err_set(err,
			       "%s: tensor '%s' holds numbers that are not "
			       "finite (NaN or infinite): the model is broken",
			       place.file->path, place.entry->name);
	return 0;
}

/* Nothing is allocated by what the shape says before the file was found to
 * have it all. */
static int
read_tensors(struct loader *loader, struct layout *layout,
	     struct model_weights *weights, struct err *err)
{
	const struct checkpoint *checkpoint = &loader->checkpoint;

	for (size_t i = 0; i < layout->n; i++)
		if (check_tensor(loader, &layout->tensors[i], err))
			return -1;
	for (size_t i = 0; i < checkpoint->n; i++)
		if (check_strangers(loader, &checkpoint->parts[i], layout, err))
			return -1;
	if (layout_place(layout, &loader->config, weights, err))
		return -1;
	for (size_t i = 0; i < layout->n; i++) {
		if (read_tensor(loader, &layout->tensors[i], err) == 0)
			continue;
		model_weights_release(weights);
		return -1;
	}
	return 0;
}

static void
tell_source(const struct loader *loader, const struct layout *layout,
	    struct model_source *source)
{
	const struct checkpoint *checkpoint = &loader->checkpoint;

	*source = (struct model_source){0};
	snprintf(source->path, sizeof source->path, "%s", checkpoint->path);
	for (size_t i = 0; i < checkpoint->n; i++) {
		const struct safetensors *part = &checkpoint->parts[i];
		source->n_tensors += (int)part->n;
		source->bytes += (int64_t)part->data_start;
		if (part->n > 0)
			source->bytes +=
				(int64_t)part->entries[part->n - 1].end;
	}
	for (size_t i = 0; i < layout->n; i++) {
		const char *dtype =
			find(loader, layout->tensors[i].name).entry->dtype;
		bool is_first = i == 0 || strcmp(source->dtype, dtype) == 0;
		snprintf(source->dtype, sizeof source->dtype, "%s",
			 is_first ? dtype : "mixed");
		if (!is_first)
			break;
	}
}

static int
load(struct loader *loader, struct model_weights *weights,
     struct model_source *source, struct err *err)
{
	struct layout layout;

	loader->has_prefix =
		checkpoint_find(&loader->checkpoint, PREFIX "wte.weight")
			.entry != NULL;
	if (find_head(loader, err) ||
	    layout_open(&layout, &loader->config, err))
		return -1;
	int ret = read_tensors(loader, &layout, weights, err);
	if (!ret && source)
		tell_source(loader, &layout, source);
	layout_release(&layout);
	return ret;
}

int
model_weights_look(struct model_config *config, const char *dir,
		   struct err *err)
{
	if (check_is_directory(dir, err) || read_config(config, dir, err))
		return -1;
	return checkpoint_is_there(dir) ? 0 : no_weights(dir, err);
}

int
model_weights_load(struct model_weights *weights, const char *dir,
		   struct model_source *source_r, struct err *err)
{
	struct loader loader = {0};

	if (model_weights_look(&loader.config, dir, err) ||
	    checkpoint_open(&loader.checkpoint, dir, err))
		return -1;
	int ret = load(&loader, weights, source_r, err);
	checkpoint_close(&loader.checkpoint);
	return ret;
}
