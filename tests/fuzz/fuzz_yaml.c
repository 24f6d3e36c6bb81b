/* Any bytes as a file of YAML: either a tree within the limits, or words that
 * begin with the file's name; and as facts. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "conf/facts.h"
#include "conf/yaml.h"

static const struct yaml_limits limits = {.max_bytes = 65536, .max_nodes = 500};

/* How many nodes there are. */
static size_t
walk(const struct yaml *node, int depth, int least_line)
{
	size_t n = 0, count = 1;

	assert(node->line >= least_line);
	if (node->kind == YAML_TEXT) {
		assert(utf8_is_valid(node->text, strlen(node->text)));
		assert(!node->first && node->n == 0);
		return 1;
	}
	assert(depth <= YAML_MAX_DEPTH && !node->text);
	yaml_each (child, node) {
		assert((node->kind == YAML_MAP) == (child->key != NULL));
		assert(!child->key || yaml_get(node, child->key) == child);
		count += walk(child, depth + 1, node->line);
		n++;
	}
	assert(n == node->n);
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct yaml_file file;
	struct facts facts;

	if (yaml_read(&file, "f", (const char *)data, size, &limits, &err) <
	    0) {
		assert(strncmp(err.text, "f:", 2) == 0);
		assert(!strstr(err.text, "this is not YAML"));
		assert(!file.root && !file.name);
		return 0;
	}
	if (file.root)
		assert(walk(file.root, 1, 1) <= limits.max_nodes);
	if (facts_read(&facts, &file, &err) == 0)
		map_each (e, &facts.values)
			assert(facts_value(&facts, e->key, strlen(e->key)) ==
			       e->value);
	facts_release(&facts);
	yaml_release(&file);
	return 0;
}
