/* Forms and the entries behind whose answers they are offered.  One thread. */
#include <string.h>

#include "conf/yaml.h"
#include "nlu/check_parts.h"

static void
check_entry(struct checking *c, const char *path, const struct yaml *node,
	    const char *const *names)
{
	for (size_t i = 0; i < c->n_entries; i++)
		if (strcmp(names[i], node->text) == 0)
			return;
	const char *near = conf_nearest(node->text, names, c->n_entries);
	findings_add(c->out, FINDING_ERROR, "unknown-entry", path, node->line,
		     "there is no entry '%s' behind which the form could be "
		     "offered%s%s%s",
		     node->text, near ? ": did you mean '" : "",
		     near ? near : "", near ? "'?" : "");
}

void
check_forms(struct checking *c)
{
	const char *path = check_path(c, "forms.yaml");
	size_t len;
	const char *text = pack_file(c->pack, path, &len);
	const char **names =
		arena_array(&c->arena, c->n_entries + 1, sizeof *names);
	struct yaml_file yaml;

	if (!text ||
	    yaml_read(&yaml, path, text, len, &yaml_limits_pack, NULL) < 0)
		return;
	for (size_t i = 0; i < c->n_entries; i++)
		names[i] = c->entries[i].name;
	yaml_each (form, yaml_get(yaml.root, "forms")) {
		const struct yaml *entries = yaml_get(form, "entries");
		if (!entries)
			continue;
		yaml_each (entry, entries)
			check_entry(c, path, entry, names);
	}
	yaml_release(&yaml);
}
