#include "cookie.h"

#include <string.h>

const char *
cookie_find(const char *cookies, const char *name, size_t *len_r)
{
	size_t name_len = strlen(name);
	while (cookies && *cookies) {
		cookies += strspn(cookies, "; ");
		size_t len = strcspn(cookies, ";");
		if (len > name_len && cookies[name_len] == '=' &&
		    strncmp(cookies, name, name_len) == 0) {
			*len_r = len - name_len - 1;
			return cookies + name_len + 1;
		}
		cookies += len;
	}
	return NULL;
}
