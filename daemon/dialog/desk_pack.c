/* Which pack a command is about.  Any thread. */
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/options.h"
#include "dialog/desk_parts.h"
#include "dialog/places.h"

/* The pack of that name among those of the settings. */
static int
find_named(const struct settings *settings, const char *name, struct buf *out,
	   struct err *err)
{
	struct arena arena = {0};
	const char **names;
	struct buf packs;

	buf_init(&packs, PATH_MAX);
	places_packs(settings_text(settings, "desk.packs_dir"), &packs);
	buf_addf(out, "%s/%s", buf_str(&packs), name);
	int rc = places_is_directory(buf_str(out)) ? 0 : -1;
	if (rc) {
		long n =
			places_pack_names(buf_str(&packs), &arena, &names, err);
		if (n >= 0) {
			err_set(err, "there is no pack '%s' in %s", name,
				buf_str(&packs));
			desk_add_names(err, name, names, n);
		}
	}
	buf_release(&packs);
	arena_release(&arena);
	return rc;
}

int
desk_find_pack(const char *config_path, const char *pack, struct buf *out,
	       struct err *err)
{
	struct desk_config config = {.config_path = config_path};
	struct settings *settings;
	int rc = 0;

	if (pack && places_is_directory(pack)) {
		buf_adds(out, pack);
		while (out->len > 1 && out->data[out->len - 1] == '/')
			buf_cut(out, out->len - 1);
		return 0;
	}
	if (pack && strchr(pack, '/'))
		return err_set(err, "there is no directory %s", pack);
	settings = desk_settings_read(&config, NULL, 0, err);
	if (!settings)
		return -1;
	if (pack)
		rc = find_named(settings, pack, out, err);
	else
		desk_pack_dir(settings, out);
	settings_free(settings);
	return rc;
}
