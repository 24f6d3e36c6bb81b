/* tellerctl keys: who may use the HTTP interface as a program. */
#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/keys.h"
#include "store/key.h"

#define KEY_PREFIX "tk_"
#define KEY_BYTES 32
#define KEY_SIZE (sizeof(KEY_PREFIX) + KEY_BYTES * 4 / 3 + 2)

/* ---- add */

static int
check_name(const char *name, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				      "-_.@";
	size_t len = strspn(name, allowed);
	if (len >= 1 && len < KEYS_NAME_SIZE && !name[len])
		return 0;
	return err_misuse(err,
			  "NAME: 1 to %d letters, digits, '-', '_', '.', '@'",
			  KEYS_NAME_SIZE - 1);
}

static bool
is_scope(const char *word)
{
	const char *scope;
	for (unsigned int i = 0; (scope = keys_scope(i)); i++)
		if (strcmp(scope, word) == 0)
			return true;
	return false;
}

/* Each once, in our order. */
static int
read_scopes(struct admin_call *call, struct buf *out, struct err *err)
{
	const char *word, *scope;
	for (size_t i = 0; (word = admin_text_at(call, "scope", i)); i++)
		if (!is_scope(word))
			return err_misuse(err,
					  "--scope %s: there are ask and "
					  "metrics",
					  word);
	for (unsigned int k = 0; (scope = keys_scope(k)); k++)
		for (size_t i = 0; (word = admin_text_at(call, "scope", i));
		     i++)
			if (strcmp(word, scope) == 0) {
				buf_addf(out, "%s%s", out->len ? " " : "",
					 scope);
				break;
			}
	return out->len ? 0
			: err_misuse(err, "--scope: what the key is good for, "
					  "ask or metrics, is missing");
}

static void
make_key(char out[KEY_SIZE])
{
	unsigned char random[KEY_BYTES];
	crypto_random(random, sizeof(random));
	memcpy(out, KEY_PREFIX, sizeof(KEY_PREFIX));
	crypto_base64url(random, sizeof(random), out + strlen(KEY_PREFIX));
	crypto_wipe(random, sizeof(random));
}

static int
add(struct admin_call *call, const char *scopes, struct err *err)
{
	char key[KEY_SIZE], hash[SHA256_HEX_SIZE];
	make_key(key);
	crypto_sha256_hex(key, strlen(key), hash);
	struct store_add_key write = {
		.write.verb = &store_verb_add_key,
		.name = admin_text(call, "NAME"),
		.hash = hash,
		.scopes = scopes,
		.actor = call->actor,
		.now_us = time_now_us(),
	};
	int rc = 0;
	if (store_call(desk_store(call->desk), &write.write) != STORE_OK)
		rc = err_set(err, "%s", write.write.err.text);
	else
		rc = keys_read(desk_keys(call->desk), err);
	if (!rc)
		call->result = json_pack("{s:s, s:s, s:s}", "name", write.name,
					 "scopes", scopes, "key", key);
	crypto_wipe(key, sizeof(key));
	return rc;
}

static int
run_add(struct admin_call *call, struct err *err)
{
	struct buf scopes;
	buf_init(&scopes, 200);
	int rc = check_name(admin_text(call, "NAME"), err);
	if (!rc)
		rc = read_scopes(call, &scopes, err);
	if (!rc)
		rc = add(call, buf_str(&scopes), err);
	buf_release(&scopes);
	return rc;
}

static void
print_add(const json_t *result, FILE *out)
{
	fprintf(out,
		"%s\n\nThis is the key '%s', good for: %s.  It is shown this "
		"once, and kept nowhere.\n",
		json_get_text(result, "key", ""),
		json_get_text(result, "name", ""),
		json_get_text(result, "scopes", ""));
}

static const struct admin_argument add_arguments[] = {
	{"NAME", ADMIN_TEXT, true, NULL, "who has it, for the list"},
	{"--scope", ADMIN_TEXTS, false, "SCOPE",
	 "what it is good for: ask, metrics; may be given again"},
	{0},
};

/* ---- list */

static json_t *
row_of(const struct api_key *key)
{
	json_t *row = json_object();
	json_set_text(row, "name", key->name);
	json_set_text(row, "scopes", key->scopes);
	json_object_set_new(row, "created", admin_time(key->created_at_us));
	json_set_text(row, "created_by", key->created_by);
	if (key->used_at_us)
		json_object_set_new(row, "used", admin_time(key->used_at_us));
	if (key->revoked_at_us)
		json_object_set_new(row, "revoked",
				    admin_time(key->revoked_at_us));
	return row;
}

static int
read_list(struct admin_call *call, struct store_reader *reader,
	  struct arena *arena, struct err *err)
{
	const struct api_key *list;
	long n = store_list_keys(reader, arena, &list, err);
	json_t *rows = json_array();
	for (long i = 0; i < n; i++)
		if (!list[i].revoked_at_us || admin_flag(call, "all"))
			json_array_append_new(rows, row_of(&list[i]));
	call->result = json_pack("{s:o}", "keys", rows);
	return n < 0 ? -1 : 0;
}

static int
run_list(struct admin_call *call, struct err *err)
{
	return admin_read(call, read_list, err);
}

static void
print_list(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "keys"), i, row) {
		const char *revoked = json_get_text(row, "revoked", NULL);
		fprintf(out, "%-20s %-12s by %s, %s; last used %s%s%s\n",
			json_get_text(row, "name", ""),
			json_get_text(row, "scopes", ""),
			json_get_text(row, "created_by", ""),
			json_get_text(row, "created", ""),
			json_get_text(row, "used", "never"),
			revoked ? "; revoked " : "", revoked ? revoked : "");
	}
	if (!i)
		fprintf(out, "There is no key.\n");
}

static const struct admin_argument list_arguments[] = {
	{"--all", ADMIN_FLAG, false, NULL, "those that were revoked, too"},
	{0},
};

/* ---- revoke */

static int
run_revoke(struct admin_call *call, struct err *err)
{
	struct store_revoke_key write = {
		.write.verb = &store_verb_revoke_key,
		.name = admin_text(call, "NAME"),
		.actor = call->actor,
		.now_us = time_now_us(),
	};
	if (store_call(desk_store(call->desk), &write.write) != STORE_OK)
		return err_set(err, "%s", write.write.err.text);
	if (keys_read(desk_keys(call->desk), err))
		return err_prefix(err,
				  "the key '%s' is revoked, but this tellerd "
				  "takes it until keys are changed again, or "
				  "it starts anew",
				  write.name);
	call->result = json_pack("{s:s}", "revoked", write.name);
	return 0;
}

static void
print_revoke(const json_t *result, FILE *out)
{
	fprintf(out, "The key '%s' is good for nothing any more.\n",
		json_get_text(result, "revoked", ""));
}

static const struct admin_argument revoke_arguments[] = {
	{"NAME", ADMIN_TEXT, true, NULL, "the key's, in the list"},
	{0},
};

const struct admin_command admin_keys_commands[] = {
	{"keys", "add", "Make a key for a program and show it, once.", 0,
	 add_arguments, run_add, print_add},
	{"keys", "list", "The keys of programs, and when they were used.",
	 ADMIN_STORE, list_arguments, run_list, print_list},
	{"keys", "revoke", "From now on a key is good for nothing.",
	 ADMIN_STORE, revoke_arguments, run_revoke, print_revoke},
	{0},
};
