/* Files of weights in formats that are not read, and what to do with them.
 * pytorch_model.bin is a program for an unpickler: not to run those of others
 * is why there are safetensors.  Any thread. */
#include "model/file.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define BY_LIBRARY(arguments)                           \
	"with Python's transformers, "                  \
	"GPT2LMHeadModel.from_pretrained(DIR" arguments \
	").save_pretrained(OUT, safe_serialization=True)"

static const char torch_way[] = BY_LIBRARY("");
static const char gguf_way[] = BY_LIBRARY(", gguf_file=FILE");
static const char keras_way[] = BY_LIBRARY(", from_tf=True");
static const char flax_way[] = BY_LIBRARY(", from_flax=True");
static const char onnx_way[] = "there is no way back from it: take the model "
			       "it was exported from, " BY_LIBRARY("");
static const char lfs_way[] = "fetch the file itself: git lfs pull";

static const struct {
	const char *magic;
	size_t len;
	struct model_format format;
} magics[] = {
	{"PK\3\4", 4, {"a PyTorch archive (ZIP)", torch_way}},
	{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
	 14,
	 {"a PyTorch file of the old format (pickle)", torch_way}},
	{"GGUF", 4, {"a GGUF file", gguf_way}},
	{"\x89HDF\r\n\x1a\n", 8, {"a Keras file (HDF5)", keras_way}},
	{"version https://git-lfs", 23, {"a pointer of Git LFS", lfs_way}},
};

bool
model_format_of(const char *head, size_t len, struct model_format *format)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		if (len < magics[i].len ||
		    memcmp(head, magics[i].magic, magics[i].len) != 0)
			continue;
		*format = magics[i].format;
		return true;
	}
	return false;
}

/* Names; one that begins with '*' stands for all that end so.  In the order
 * in which they are of use. */
static const struct {
	const char *name;
	struct model_format format;
} names[] = {
	{"pytorch_model.bin", {"PyTorch's own format", torch_way}},
	{"pytorch_model.bin.index.json", {"PyTorch's own format", torch_way}},
	{"*.gguf", {"a GGUF file", gguf_way}},
	{"tf_model.h5", {"a Keras file (HDF5)", keras_way}},
	{"flax_model.msgpack", {"a Flax file", flax_way}},
	{"*.bin", {"PyTorch's own format", torch_way}},
	{"*.pt", {"PyTorch's own format", torch_way}},
	{"*.pth", {"PyTorch's own format", torch_way}},
	{"*.h5", {"a Keras file (HDF5)", keras_way}},
	{"*.onnx", {"an ONNX graph", onnx_way}},
};

static bool
is_named(const char *file, const char *name)
{
	size_t len = strlen(file), end = strlen(name) - 1;

	if (*name != '*')
		return strcmp(file, name) == 0;
	return len > end && strcmp(file + len - end, name + 1) == 0;
}

#define N_NAMES (sizeof names / sizeof *names)

bool
model_format_in(const char *dir, struct model_format *format, char *file,
		size_t file_size)
{
	DIR *entries = opendir(dir);
	const struct dirent *entry;
	size_t best = N_NAMES;

	while (entries && (entry = readdir(entries))) {
		size_t i = 0;
		while (i < best && !is_named(entry->d_name, names[i].name))
			i++;
		if (i == best)
			continue;
		best = i;
		snprintf(file, file_size, "%s", entry->d_name);
	}
	if (entries)
		closedir(entries);
	if (best < N_NAMES)
		*format = names[best].format;
	return best < N_NAMES;
}
