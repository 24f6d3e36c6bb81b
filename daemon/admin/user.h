/* Who is on the other side: users and groups of this machine.  Any thread; may
 * take a while where they are kept elsewhere. */
#ifndef ADMIN_USER_H
#define ADMIN_USER_H

#include <stdbool.h>
#include <sys/types.h>

/* The user's name, "uid:4711" if he has none; the caller frees it. */
char *user_name(uid_t uid);
/* false: there is no such group. */
bool user_find_group(const char *name, gid_t *gid_r);
/* Is he in the group?  Not if one of both does not exist. */
bool user_is_in_group(uid_t uid, const char *group);

#endif
