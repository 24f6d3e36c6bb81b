#include "admin/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

/* Members of a large group are many. */
#define ENTRY_MAX (16L * 1024 * 1024)
#define ENTRY_FIRST 4096
#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

/* What getpwuid_r() and getgrnam_r() want: room until there is enough of it. */
static bool
grow(char **room, size_t *size)
{
	if (*room && (errno != ERANGE || *size >= ENTRY_MAX))
		return false;
	*size = *room ? 2 * *size : ENTRY_FIRST;
	char *more = mem_array_grow(*room, *size, 1);
	if (more)
		*room = more;
	return more != NULL;
}

/* Names of *out are in *room, which the caller frees. */
static bool
find_user(uid_t uid, struct passwd *out, char **room)
{
	struct passwd *found = NULL;
	size_t size = 0;
	*room = NULL;
	while (!found && grow(room, &size))
		errno = getpwuid_r(uid, out, *room, size, &found);
	return found != NULL;
}

char *
user_name(uid_t uid)
{
	struct passwd user;
	char *room, *name;
	if (find_user(uid, &user, &room))
		name = mem_strdup(user.pw_name);
	else if (asprintf(&name, "uid:%lu", (unsigned long)uid) < 0)
		mem_exhausted();
	free(room);
	return name;
}

bool
user_find_group(const char *name, gid_t *gid_r)
{
	struct group group, *found = NULL;
	char *room = NULL;
	size_t size = 0;
	while (!found && grow(&room, &size))
		errno = getgrnam_r(name, &group, room, size, &found);
	free(room);
	if (found)
		*gid_r = group.gr_gid;
	return found != NULL;
}

/* All groups of a user; NULL: they cannot be told. */
static gid_t *
groups_of(const struct passwd *user, int *n_r)
{
	gid_t *groups = mem_array(GROUPS_MAX, sizeof(*groups));
	*n_r = GROUPS_MAX;
	if (groups &&
	    getgrouplist(user->pw_name, user->pw_gid, groups, n_r) >= 0)
		return groups;
	free(groups);
	return NULL;
}

bool
user_is_in_group(uid_t uid, const char *group)
{
	struct passwd user;
	gid_t gid;
	char *room = NULL;
	gid_t *groups = NULL;
	int n;
	bool is_in = false;
	if (user_find_group(group, &gid) && find_user(uid, &user, &room))
		groups = groups_of(&user, &n);
	for (int i = 0; groups && i < n; i++)
		is_in |= groups[i] == gid;
	free(groups);
	free(room);
	return is_in;
}
