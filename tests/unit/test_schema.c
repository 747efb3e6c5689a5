/* test_schema - which stores a program uses, and how an older one becomes of this version */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/schema.h"
#include "world.h"

static int told;

static void
tell(int64_t from, const char *what)
{
	assert_non_null(what);
	assert_int_equal(from, 1 + told);
	told++;
}

static const struct json *
meta(void)
{
	const struct record *record;

	assert_int_equal(record_get(world.rq, kv_key(world.rq->mem, KV_META, NULL), &record), 0);
	return record == NULL ? NULL : record->doc;
}

/* As a store of that version has it. */
static void
make_meta(const char *text)
{
	kv_put(world.rq, kv_key(world.rq->mem, KV_META, NULL), json_print(world.rq->mem,
	    world_json(text)), 0);
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(kv_renew(world.rq), 0);
}

static void
a_store_of_an_older_version_is_left_alone_until_it_is_upgraded(void **state)
{
	const struct kv_value *value;
	int64_t from;

	(void)state;
	make_meta("{'Version':1,'OldestReader':1,'Created':7}");
	assert_int_equal(kv_get(world.rq, kv_key(world.rq->mem, KV_META, NULL), &value), FAULT);

	told = 0;
	assert_int_equal(schema_upgrade(world.rq, true, tell, &from), 0);
	assert_int_equal(told, SCHEMA - 1);
	assert_int_equal(from, 1);
	assert_int_equal(json_int(meta(), "Version", 0), 1);

	told = 0;
	assert_int_equal(schema_upgrade(world.rq, false, tell, &from), 0);
	assert_int_equal(told, SCHEMA - 1);
	assert_int_equal(schema_fit(meta()), SCHEMA_FITS);
	assert_int_equal(json_int(meta(), "Created", 0), 7);
	assert_non_null(json_text(meta(), "Lineage"));
}

static void
a_store_of_this_version_has_nothing_to_upgrade(void **state)
{
	const char *lineage = json_text(meta(), "Lineage");
	int64_t from;

	(void)state;
	told = 0;
	assert_int_equal(schema_upgrade(world.rq, false, tell, &from), 0);
	assert_int_equal(told, 0);
	assert_int_equal(from, SCHEMA);
	assert_string_equal(json_text(meta(), "Lineage"), lineage);
}

static void
a_version_that_no_step_begins_with_is_not_upgraded(void **state)
{
	int64_t from;

	(void)state;
	make_meta("{'Version':0,'OldestReader':0,'Created':7}");
	assert_int_equal(schema_upgrade(world.rq, false, tell, &from), FAULT);
	assert_int_equal(json_int(meta(), "Version", -1), 0);
}

static void
a_document_says_which_programs_it_is_for(void **state)
{
	(void)state;
	assert_int_equal(schema_fit(schema_new(world.rq->mem)), SCHEMA_FITS);
	assert_int_equal(schema_fit(NULL), SCHEMA_NEWER);
	assert_int_equal(schema_fit(world_json("{'Version':9,'OldestReader':9}")), SCHEMA_NEWER);
	assert_int_equal(schema_fit(world_json("{'Version':9,'OldestReader':2}")), SCHEMA_FITS);
	assert_int_equal(schema_fit(world_json("{'Version':1,'OldestReader':1}")), SCHEMA_OLDER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_of_an_older_version_is_left_alone_until_it_is_upgraded),
		cmocka_unit_test(a_store_of_this_version_has_nothing_to_upgrade),
		cmocka_unit_test(a_version_that_no_step_begins_with_is_not_upgraded),
		cmocka_unit_test(a_document_says_which_programs_it_is_for),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
