/* Public models, by the sums of their files: where these come from does not
 * matter then. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/model_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "base/time.h"
#include "net/download.h"

#define BAR 24
#define BAR_US 200000

struct file {
	const char *name;
	int64_t size;
	const char *sha256;
};

/* distilbert/distilgpt2, Apache-2.0; the weights last. */
static const struct file distilgpt2[] = {
	{"config.json", 762,
	 "4ec5947c1d59fee6212cdf3b0ec1a53eac02092554c5ff0a733488cbd2c64f3a"},
	{"generation_config.json", 124,
	 "b90eadacf585a743a30ea51e8b5c88b8d282a2a34dc0c7e556d0987cdbd68805"},
	{"tokenizer_config.json", 26,
	 "5e04eb606e3a1583530a42e36c2a6b6615c86f34fe77e44d9ddeb43ff940931f"},
	{"vocab.json", 1042301,
	 "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"},
	{"merges.txt", 456318,
	 "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"},
	{"tokenizer.json", 1355256,
	 "8414cab924d8b9b33013f0d221c5862f365ee9be39c5c2bfae8a5a9e970478a6"},
	{"model.safetensors", 352824413,
	 "e1ff18884359fe8beb795a5f414feb85a6ce3d929ad019c0d958c039d2b94a1b"},
	{0},
};

static const struct model {
	const char *name, *base;
	const struct file *files;
} models[] = {
	{"distilgpt2",
	 "https://huggingface.co/distilbert/distilgpt2/resolve/"
	 "2290a62682d06624634c1f46a6ad5be0f47f38aa",
	 distilgpt2},
};

/* ---- Progress, on a terminal */

struct bar {
	const struct file *file;
	int64_t drawn_us, began_us, began_bytes;
	bool is_terminal;
};

static void
draw(void *arg, int64_t bytes)
{
	struct bar *bar = arg;
	int64_t now_us = time_mono_us(), size = bar->file->size;
	char line[BAR + 1] = "";

	if (bar->began_bytes < 0) {
		bar->began_us = now_us;
		bar->began_bytes = bytes;
	}
	if (!bar->is_terminal ||
	    (now_us - bar->drawn_us < BAR_US && bytes < size))
		return;
	bar->drawn_us = now_us;
	for (int i = 0; i < BAR; i++)
		line[i] = i < bytes * BAR / size ? '#' : '.';
	double seconds = (double)(now_us - bar->began_us) / 1e6;
	double rate =
		seconds > 0 ? (double)(bytes - bar->began_bytes) / 1e6 / seconds
			    : 0;
	fprintf(stderr, "\r%-24s [%s] %7.1f of %.1f MB, %.1f MB/s  %s",
		bar->file->name, line, (double)bytes / 1e6, (double)size / 1e6,
		rate, bytes < size ? "" : "\n");
}

/* ---- Files */

static int
pull_file(const struct file *file, const char *base, const char *dir,
	  json_t *list, struct err *err)
{
	char url[2048], path[PATH_MAX];
	struct bar bar = {.file = file,
			  .began_bytes = -1,
			  .is_terminal = isatty(STDERR_FILENO)};
	struct download download = {.url = url,
				    .path = path,
				    .size = file->size,
				    .sha256 = file->sha256,
				    .on_bytes = draw,
				    .arg = &bar};
	size_t len = strlen(base);

	len -= len > 0 && base[len - 1] == '/';
	if (snprintf(url, sizeof url, "%.*s/%s", (int)len, base, file->name) >=
		    (int)sizeof url ||
	    snprintf(path, sizeof path, "%s/%s", dir, file->name) >=
		    (int)sizeof path)
		return err_set(err, "%s: the path is too long", file->name);
	if (download_file(&download, err))
		return -1;
	json_t *row = json_object();
	json_set_text(row, "name", file->name);
	json_set_int(row, "bytes", file->size);
	json_set_bool(row, "fetched", !download.was_there);
	json_array_append_new(list, row);
	return 0;
}

static const struct model *
find_model(const char *name, struct err *err)
{
	for (size_t i = 0; i < sizeof models / sizeof *models; i++)
		if (strcmp(models[i].name, name) == 0)
			return &models[i];
	err_misuse(err, "the files of '%s' are not known; there is %s", name,
		   models[0].name);
	return NULL;
}

int
model_pull(struct admin_call *call, struct err *err)
{
	const struct model *model = find_model(admin_text(call, "NAME"), err);
	if (!model)
		return -1;
	const char *from = admin_text(call, "from");
	const char *dir = admin_text(call, "to");
	dir = dir ? dir : model->name;
	bool is_new = mkdir(dir, 0755) == 0;
	if (!is_new && errno != EEXIST)
		return err_errno(err, "%s", dir);
	json_t *list = json_array();
	int rc = 0;
	for (const struct file *file = model->files; !rc && file->name; file++)
		rc = pull_file(file, from ? from : model->base, dir, list, err);
	if (rc) {
		if (is_new) /* if nothing was put there */
			rmdir(dir);
		json_decref(list);
		return -1;
	}
	call->result = json_object();
	json_set_text(call->result, "model", model->name);
	json_set_text(call->result, "directory", dir);
	json_object_set_new(call->result, "files", list);
	return 0;
}

void
model_print_pull(const json_t *result, FILE *out)
{
	fprintf(out, "%s is in %s, whole and as it is known.\n",
		json_get_text(result, "model", ""),
		json_get_text(result, "directory", ""));
}

const struct admin_argument model_pull_arguments[] = {
	{"NAME", ADMIN_TEXT, true, NULL, "the model: distilgpt2"},
	{"--to", ADMIN_TEXT, false, "DIR",
	 "the directory for it; else one of its name here"},
	{"--from", ADMIN_TEXT, false, "URL",
	 "another place that has the same files"},
	{0},
};
