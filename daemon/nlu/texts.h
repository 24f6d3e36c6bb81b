/* texts.yaml: what the bot says of itself. */
#ifndef NLU_TEXTS_H
#define NLU_TEXTS_H

struct err;
struct pack;
struct yaml_file;

/* 0, or -1 and *err with file and line. */
int texts_read(struct pack *, const struct yaml_file *, struct err *);

#endif
