/* The peer's libraries are loaded by path, so that a build needs its headers
 * alone. */
#include "peer/peer.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <llama.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/config.h"
#include "model/weights.h"
#include "peer/gguf.h"

#define SEED 1

#define ALL_FUNCTIONS(DO)                       \
	DO(ggml_backend_dev_backend_reg)        \
	DO(ggml_backend_dev_by_type)            \
	DO(ggml_backend_load_all_from_path)     \
	DO(ggml_backend_reg_count)              \
	DO(ggml_backend_reg_get_proc_address)   \
	DO(ggml_threadpool_params_default)      \
	DO(llama_attach_threadpool)             \
	DO(llama_backend_init)                  \
	DO(llama_batch_free)                    \
	DO(llama_batch_init)                    \
	DO(llama_context_default_params)        \
	DO(llama_decode)                        \
	DO(llama_free)                          \
	DO(llama_get_logits_ith)                \
	DO(llama_get_memory)                    \
	DO(llama_init_from_model)               \
	DO(llama_log_set)                       \
	DO(llama_memory_clear)                  \
	DO(llama_model_default_params)          \
	DO(llama_model_free)                    \
	DO(llama_model_load_from_file)          \
	DO(llama_model_quantize)                \
	DO(llama_model_quantize_default_params) \
	DO(llama_print_system_info)             \
	DO(llama_version)

#define AS_MEMBER(name) __typeof__(name) *name;
static struct {
	ALL_FUNCTIONS(AS_MEMBER)
	__typeof__(ggml_threadpool_new) *threadpool_new;
	__typeof__(ggml_threadpool_free) *threadpool_free;
} api;

struct peer {
	struct peer_options options;
	struct llama_model *model;
	struct llama_context *context;
	struct llama_batch rows;
	ggml_threadpool_t threads;
};

/* ---- Libraries */

/* Only what went wrong. */
static void
tell(enum ggml_log_level level, const char *text, void *arg)
{
	(void)arg;
	if (level == GGML_LOG_LEVEL_ERROR)
		fputs(text, stderr);
}

static bool
is_library(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 && (name[len] == '.') &&
	       strstr(name + len, "so");
}

/* The one called prefix.so or prefix.VERSION.so. */
static void *
open_library(const char *dir, const char *prefix, struct err *err)
{
	DIR *entries = opendir(dir);
	struct dirent *entry;
	void *library = NULL;

	if (!entries) {
		err_errno(err, "%s", dir);
		return NULL;
	}
	err_set(err, "%s: there is no %s*.so", dir, prefix);
	while (!library && (entry = readdir(entries)))
		if (is_library(entry->d_name, prefix)) {
			char path[4096];
			snprintf(path, sizeof path, "%s/%s", dir,
				 entry->d_name);
			library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
			if (!library)
				err_set(err, "%s", dlerror());
		}
	closedir(entries);
	return library;
}

static int
find_functions(void *llama, struct err *err)
{
	/* What libllama needs is found through it as well. */
#define AS_ROW(function) {#function, (void **)(void *)&api.function},
	const struct {
		const char *name;
		void **place;
	} functions[] = {ALL_FUNCTIONS(AS_ROW)};

	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		*functions[i].place = dlsym(llama, functions[i].name);
		if (!*functions[i].place)
			return err_set(err, "the peer has no function %s",
				       functions[i].name);
	}
	return 0;
}

int
peer_load(const char *dir, struct err *err)
{
	void *llama = open_library(dir, "libllama", err);

	if (!llama || find_functions(llama, err))
		return -1;
	api.llama_log_set(tell, NULL);
	api.ggml_backend_load_all_from_path(dir);
	ggml_backend_dev_t cpu =
		api.ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
	if (!cpu)
		return err_set(err, "%s: no library is for this processor",
			       dir);
	ggml_backend_reg_t registered = api.ggml_backend_dev_backend_reg(cpu);
	*(void **)(void *)&api.threadpool_new =
		api.ggml_backend_reg_get_proc_address(registered,
						      "ggml_threadpool_new");
	*(void **)(void *)&api.threadpool_free =
		api.ggml_backend_reg_get_proc_address(registered,
						      "ggml_threadpool_free");
	if (!api.threadpool_new || !api.threadpool_free)
		return err_set(err, "the peer has no pool of threads");
	api.llama_backend_init();
	return 0;
}

const char *
peer_version(void)
{
	return api.llama_version();
}

const char *
peer_features(void)
{
	return api.llama_print_system_info();
}

/* ---- Files */

/* The same weights as `tellerctl model bench --synthetic` has. */
static int
make_file(const char *path, const char *shape, struct err *err)
{
	struct model_weights weights;

	if (model_weights_make(&weights, model_config_find(shape), SEED, err))
		return -1;
	int rc = gguf_write(path, &weights, err);
	model_weights_release(&weights);
	return rc;
}

static int
quantize(const char *from, const char *to, const char *type, struct err *err)
{
	static const struct {
		const char *name;
		enum llama_ftype type;
		bool is_pure;
	} types[] = {
		{"F16", LLAMA_FTYPE_MOSTLY_F16, false},
		{"BF16", LLAMA_FTYPE_MOSTLY_BF16, false},
		{"Q8_0", LLAMA_FTYPE_MOSTLY_Q8_0, false},
		{"Q4_0", LLAMA_FTYPE_MOSTLY_Q4_0, false},
		{"Q4_0 pure", LLAMA_FTYPE_MOSTLY_Q4_0, true},
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(type, types[i].name) != 0)
			continue;
		llama_model_quantize_params params =
			api.llama_model_quantize_default_params();
		params.ftype = types[i].type;
		params.pure = types[i].is_pure;
		return api.llama_model_quantize(from, to, &params)
			       ? err_set(err, "the peer cannot make %s", to)
			       : 0;
	}
	return err_set(err, "'%s' is no type of weights", type);
}

int
peer_file(char *path, size_t size, const char *dir, const char *shape,
	  const char *type, struct err *err)
{
	char original[4096];

	snprintf(original, sizeof original, "%s/%s.F32.gguf", dir, shape);
	snprintf(path, size, "%s/%s.%s.gguf", dir, shape, type);
	if (access(original, R_OK) != 0 && make_file(original, shape, err))
		return -1;
	return access(path, R_OK) == 0 ? 0
				       : quantize(original, path, type, err);
}

static struct llama_context_params
context_params(const struct peer_options *options)
{
	struct llama_context_params params = api.llama_context_default_params();

	params.n_ctx = (uint32_t)(options->positions * options->batch);
	params.n_batch = (uint32_t)(options->rows > options->positions
					    ? options->rows
					    : options->positions);
	params.n_ubatch = (uint32_t)options->rows;
	params.n_seq_max = (uint32_t)options->batch;
	params.n_threads = options->threads;
	params.n_threads_batch = options->threads;
	params.flash_attn_type = options->has_flash
					 ? LLAMA_FLASH_ATTN_TYPE_ENABLED
					 : LLAMA_FLASH_ATTN_TYPE_DISABLED;
	params.kv_unified = options->is_unified;
	params.no_perf = true;
	if (options->has_f32_kv)
		params.type_k = params.type_v = GGML_TYPE_F32;
	return params;
}

/* One pool for as long as the context is there, as it looks at the pool that it
 * had when it is given another one. */
static ggml_threadpool_t
start_threads(int n)
{
	struct ggml_threadpool_params params =
		api.ggml_threadpool_params_default(n);

	return api.threadpool_new(&params);
}

struct peer *
peer_open(const char *path, const struct peer_options *options, struct err *err)
{
	struct peer *peer = mem_new(sizeof *peer);
	int n_rows = options->positions > options->batch ? options->positions
							 : options->batch;

	peer->options = *options;
	peer->rows = api.llama_batch_init(n_rows, 0, 1);
	peer->model = api.llama_model_load_from_file(
		path, api.llama_model_default_params());
	if (peer->model)
		peer->context = api.llama_init_from_model(
			peer->model, context_params(options));
	if (peer->context)
		peer->threads = start_threads(options->threads);
	if (peer->threads) {
		api.llama_attach_threadpool(peer->context, peer->threads, NULL);
		return peer;
	}
	err_set(err, "the peer refuses %s", path);
	peer_close(peer);
	return NULL;
}

void
peer_close(struct peer *peer)
{
	if (!peer)
		return;
	if (peer->context)
		api.llama_free(peer->context);
	if (peer->threads)
		api.threadpool_free(peer->threads);
	if (peer->model)
		api.llama_model_free(peer->model);
	api.llama_batch_free(peer->rows);
	free(peer);
}

/* ---- Steps */

void
peer_clear(struct peer *peer)
{
	api.llama_memory_clear(api.llama_get_memory(peer->context), false);
}

static void
add_row(struct llama_batch *rows, int sequence, int position, int token,
	bool has_logits)
{
	int i = rows->n_tokens++;

	rows->token[i] = token;
	rows->pos[i] = position;
	rows->n_seq_id[i] = 1;
	rows->seq_id[i][0] = sequence;
	rows->logits[i] = has_logits;
}

const float *
peer_read(struct peer *peer, int sequence, int position, const int *tokens,
	  int n)
{
	peer->rows.n_tokens = 0;
	for (int i = 0; i < n; i++)
		add_row(&peer->rows, sequence, position + i, tokens[i],
			i == n - 1);
	return api.llama_decode(peer->context, peer->rows)
		       ? NULL
		       : api.llama_get_logits_ith(peer->context, n - 1);
}

const float *
peer_step(struct peer *peer, int position, const int *tokens)
{
	peer->rows.n_tokens = 0;
	for (int s = 0; s < peer->options.batch; s++)
		add_row(&peer->rows, s, position, tokens[s], true);
	return api.llama_decode(peer->context, peer->rows)
		       ? NULL
		       : api.llama_get_logits_ith(peer->context, 0);
}
