#include "token.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 128
#define TEXT_SIZE (2 * TOKEN_MAX + 32)

static void
get_path(const struct workspace *workspace, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "workspaces.%.80s.token", workspace->name);
}

/* The next line, where the one after it begins; false: it is too long. */
static bool
read_line(const char **text, char out[TOKEN_MAX + 1])
{
	size_t len = strcspn(*text, "\r\n");
	if (len > TOKEN_MAX)
		return false;
	memcpy(out, *text, len);
	out[len] = '\0';
	*text += len;
	*text += **text == '\r';
	*text += **text == '\n';
	return true;
}

bool
token_read(const struct workspace *workspace, struct token *token)
{
	const struct slack *slack = workspace->slack;
	char path[PATH_SIZE];
	size_t len;
	get_path(workspace, path);
	const char *text = slack->services->secret_get(slack->host, path, &len);
	*token = (struct token){.expires_at_s = 0};
	if (!text || !read_line(&text, token->access) ||
	    !read_line(&text, token->refresh) || !*token->access)
		return false;
	token->is_given = *text != '\0';
	token->expires_at_s = strtoll(text, NULL, 10);
	return true;
}

static bool
copy_member(const json_t *body, const char *key, char out[TOKEN_MAX + 1])
{
	const char *text = event_text(body, key);
	if (!text || strlen(text) > TOKEN_MAX || strpbrk(text, "\r\n"))
		return false;
	snprintf(out, TOKEN_MAX + 1, "%s", text);
	return *out != '\0';
}

bool
token_of_answer(const struct slack *slack, const json_t *body,
		struct token *token)
{
	const char *type = event_text(body, "token_type");
	json_int_t left_s =
		json_integer_value(json_object_get(body, "expires_in"));
	int64_t now_s = slack->services->now_us(slack->host) / US_PER_S;
	*token = (struct token){.is_given = true};
	if (!copy_member(body, "access_token", token->access) ||
	    (type && strcmp(type, "bot") != 0))
		return false;
	if (copy_member(body, "refresh_token", token->refresh) && left_s > 0)
		token->expires_at_s = now_s + left_s;
	return true;
}

void
token_wipe(struct token *token)
{
	OPENSSL_cleanse(token, sizeof(*token));
}

int
token_keep(struct workspace *workspace, const struct token *token,
	   teller_kept_fn *done, void *arg)
{
	const struct slack *slack = workspace->slack;
	char path[PATH_SIZE], text[TEXT_SIZE];
	int len = snprintf(text, sizeof(text), "%s\n%s\n%lld", token->access,
			   token->refresh, (long long)token->expires_at_s);
	get_path(workspace, path);
	int rc = slack->services->secret_put(slack->host, path, text,
					     (size_t)len, done, arg);
	OPENSSL_cleanse(text, sizeof(text));
	workspace->n_tokens += rc == 0;
	return rc;
}

void
token_forget(struct workspace *workspace)
{
	const struct slack *slack = workspace->slack;
	struct token token;
	char path[PATH_SIZE];
	bool is_given = token_read(workspace, &token) && token.is_given;
	token_wipe(&token);
	if (!is_given)
		return;
	get_path(workspace, path);
	slack->services->secret_put(slack->host, path, "", 0, NULL, NULL);
	slack_log(slack, TELLER_LOG_INFO,
		  "workspace %s: its token is forgotten", workspace->name);
}
