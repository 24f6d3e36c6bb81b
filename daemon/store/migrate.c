/* Migrations.  On the thread that opens the store. */
#include "store/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/copy.h"
#include "store/files.h"

int
migrate_identify(struct db *db, size_t n_migrations, int *version_r,
		 struct err *err)
{
	int64_t id = 0, version = 0, n_objects = 0;

	if (db_exec_int(db, "PRAGMA application_id", &id, err) < 0 ||
	    db_exec_int(db, "PRAGMA user_version", &version, err) < 0 ||
	    db_exec_int(db, "SELECT count(*) FROM sqlite_schema", &n_objects,
			err) < 0)
		return -1;
	if (id == 0 && version == 0 && n_objects == 0) {
		*version_r = 0;
		return 0;
	}
	if (id != DB_APPLICATION_ID || version < 1)
		return err_set(err, "the file is a database of another "
				    "program, not a store of tellerd");
	if (version > (int64_t)n_migrations)
		return err_set(err,
			       "the store was written by a newer tellerd "
			       "(schema %lld, this one knows %zu): use that "
			       "one, or restore an older backup",
			       (long long)version, n_migrations);
	*version_r = (int)version;
	return 0;
}

static int
keep_copy(struct db *db, const char *path, int number, struct err *err)
{
	size_t size = strlen(path) + sizeof ".before-0000000000";
	char *kept = mem_new(size);

	snprintf(kept, size, "%s.before-%04d", path, number);
	unlink(kept);
	int result = copy_database(db, kept, err);
	if (result < 0)
		err_prefix(err, "cannot keep the store as it was in %s", kept);
	free(kept);
	return result;
}

static int
run_all(struct db *db, int version, const struct migration *migrations,
	size_t n_migrations, struct err *err)
{
	char numbers[96];

	for (size_t i = (size_t)version; i < n_migrations; i++)
		if (db_exec(db, migrations[i].text, err) < 0)
			return err_prefix(err, "migration %s",
					  migrations[i].name);
	snprintf(numbers, sizeof numbers,
		 "PRAGMA application_id = %d; PRAGMA user_version = %d;",
		 DB_APPLICATION_ID, migrations[n_migrations - 1].number);
	if (db_exec(db, numbers, err) < 0)
		return -1;
	return db_exec(db, "COMMIT", err);
}

int
migrate_run(struct db *db, const char *path, const struct migration *migrations,
	    size_t n_migrations, struct err *err)
{
	int version;

	if (migrate_identify(db, n_migrations, &version, err) < 0)
		return -1;
	if (version == (int)n_migrations)
		return 0;
	if (version > 0 && keep_copy(db, path, version + 1, err) < 0)
		return -1;
	if (db_exec(db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (run_all(db, version, migrations, n_migrations, err) == 0)
		return 0;
	db_exec(db, "ROLLBACK", NULL);
	return -1;
}
