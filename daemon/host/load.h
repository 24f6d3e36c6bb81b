/* Loading of plugins' objects: the only place that calls dlopen. */
#ifndef HOST_LOAD_H
#define HOST_LOAD_H

struct err;
struct teller_option;
struct teller_plugin;

/* A loaded object.  Nothing of the plugin runs before it is opened. */
struct object {
	const struct teller_plugin *plugin;
	struct teller_option *options; /* the host's burst, then the plugin's */
	char *burst;		       /* its fallback */
	void *handle;
	int fd;
};

/* Load DIR/NAME.so.  The file, its directory and every directory above belong
 * to root or to our user and can be written by nobody else; a directory above
 * that is root's and sticky (/tmp) will do.  What was checked is what is
 * loaded.  NULL and *err. */
struct object *object_load(const char *dir, const char *name, struct err *);
/* Unload it: none of its code is running or will be called. */
void object_free(struct object *);

#endif
