/* test_record - documents in the store, over a map in this file in place of the engine */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rq.h"
#include "store/record.h"

enum { MOST = 16 };

static struct rq *rq;
static struct kv_row stored[MOST];
static size_t nstored, nread;
static uint64_t state_of_store;		/* 0: not known */

static struct kv_row *
find(const struct kv_key *key)
{
	size_t i;

	for (i = 0; i < nstored; i++)
		if (stored[i].key->n == key->n &&
		    memcmp(stored[i].key->data, key->data, key->n) == 0)
			return &stored[i];
	return NULL;
}

static int
fake_get(struct rq *r, const struct kv_key *key, const struct kv_value **value_r)
{
	const struct kv_row *row = find(key);

	(void)r;
	nread++;
	*value_r = row == NULL ? NULL : row->value;
	return 0;
}

static uint64_t
fake_state(void)
{
	return state_of_store;
}

static int
fake_scan(struct rq *r, const struct kv_key *prefix, const struct kv_key *after, size_t most,
    const struct kv_row **rows_r, size_t *n_r)
{
	(void)r;
	(void)prefix;
	(void)after;
	*rows_r = stored;
	*n_r = nstored < most ? nstored : most;
	return 0;
}

static bool
holds(const struct kv_op *op)
{
	const struct kv_row *row = find(op->key);

	if (op->what == KV_OP_ABSENT)
		return row == NULL;
	return op->what != KV_OP_SAME || (row != NULL && row->value->n == op->n &&
	    memcmp(row->value->text, op->text, op->n) == 0);
}

static void
set(const struct kv_op *op)
{
	struct kv_row *row = find(op->key);
	struct kv_value *value;

	if (row == NULL)
		row = &stored[nstored++];
	value = arena_alloc(rq->mem, sizeof(*value));
	*value = (struct kv_value){ op->text, op->n, op->expires };
	*row = (struct kv_row){ op->key, value };
}

static int
fake_apply(struct rq *r, const struct kv_op *ops, size_t n, bool lasting)
{
	struct kv_row *row;
	size_t i;

	(void)r;
	(void)lasting;
	for (i = 0; i < n; i++)
		if (!holds(&ops[i]))
			return KV_BROKEN;
	for (i = 0; i < n; i++) {
		row = find(ops[i].key);
		if (ops[i].what == KV_OP_PUT)
			set(&ops[i]);
		else if (ops[i].what == KV_OP_DROP && row != NULL)
			*row = stored[--nstored];
	}
	return 0;
}

const struct kv_engine kv_bdb = { .get = fake_get, .state = fake_state,
	.scan = fake_scan, .apply = fake_apply };

static int
begin(void **state)
{
	(void)state;
	nstored = 0;
	state_of_store = 0;
	rq = rq_begin("test_record");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

static const struct kv_key *
throttle(const char *subject)
{
	return kv_key(rq->mem, KV_THROTTLE, "pool", subject, NULL);
}

static struct json *
failures(int64_t n)
{
	struct json *doc = json_object(rq->mem);

	json_set_int(doc, "Failures", n);
	json_set_int(doc, "Last", 1);
	return doc;
}

static const struct record *
get(const struct kv_key *key)
{
	const struct record *record;

	assert_int_equal(record_get(rq, key, &record), 0);
	return record;
}

static void
a_document_is_read_as_it_was_written(void **state)
{
	const struct record *record;

	(void)state;
	assert_null(get(throttle("ann")));
	assert_int_equal(record_create(rq, throttle("ann"), failures(3), 99), 0);
	assert_int_equal(kv_apply(rq), 0);
	record = get(throttle("ann"));
	assert_int_equal(json_int(record->doc, "Failures", 0), 3);
	assert_int_equal(record->seen->expires, 99);
}

static void
creating_expects_absence(void **state)
{
	(void)state;
	assert_int_equal(record_create(rq, throttle("ann"), failures(1), 0), 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(record_create(rq, throttle("ann"), failures(2), 0), 0);
	assert_int_equal(kv_apply(rq), KV_BROKEN);
	assert_int_equal(json_int(get(throttle("ann"))->doc, "Failures", 0), 1);
}

static void
changing_expects_what_was_read(void **state)
{
	const struct record *first;

	(void)state;
	assert_int_equal(record_put(rq, throttle("ann"), failures(1), 0), 0);
	assert_int_equal(kv_apply(rq), 0);
	first = get(throttle("ann"));
	assert_int_equal(record_change(rq, first, failures(2), 0), 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(record_change(rq, first, failures(3), 0), 0);
	assert_int_equal(kv_apply(rq), KV_BROKEN);
	assert_int_equal(json_int(get(throttle("ann"))->doc, "Failures", 0), 2);
}

static void
of_two_who_take_a_record_one_wins(void **state)
{
	const struct record *record;

	(void)state;
	assert_int_equal(record_put(rq, throttle("ann"), failures(1), 0), 0);
	assert_int_equal(kv_apply(rq), 0);
	record = get(throttle("ann"));
	record_take(rq, record);
	assert_int_equal(kv_apply(rq), 0);
	assert_null(get(throttle("ann")));
	record_take(rq, record);
	assert_int_equal(kv_apply(rq), KV_BROKEN);
}

static void
a_scan_gives_records(void **state)
{
	const struct record *records;
	size_t n;

	(void)state;
	assert_int_equal(record_put(rq, throttle("ann"), failures(1), 0), 0);
	assert_int_equal(record_put(rq, throttle("bob"), failures(2), 0), 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(record_scan(rq, kv_key(rq->mem, KV_THROTTLE, NULL), NULL, 10, &records,
	    &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(json_int(records[1].doc, "Failures", 0), 2);
	assert_string_equal(kv_part(rq->mem, records[1].key, 1), "bob");
}

static void
a_kind_without_a_document_takes_none_and_needs_none(void **state)
{
	const struct kv_key *key = kv_key(rq->mem, KV_POOL_DOMAIN, "pool", "host", NULL);

	(void)state;
	assert_int_equal(record_put(rq, key, NULL, 0), 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_non_null(get(key));
	assert_null(get(key)->doc);
	assert_int_equal(record_put(rq, key, failures(1), 0), FAULT);
	assert_int_equal(record_put(rq, throttle("ann"), NULL, 0), FAULT);
}

static void
a_document_without_its_shape_is_our_own_fault(void **state)
{
	struct json *doc = json_object(rq->mem);

	(void)state;
	json_set_text(doc, "Failures", "many");
	assert_int_equal(record_put(rq, throttle("ann"), doc, 0), FAULT);
	assert_null(rq->refusal);
	assert_int_equal(record_put(rq, throttle("ann"), json_object(rq->mem), 0), FAULT);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(nstored, 0);
}

static void
a_stored_text_that_is_no_document_is_a_fault(void **state)
{
	const struct record *record;

	(void)state;
	kv_put(rq, throttle("ann"), "{", 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(record_get(rq, throttle("ann"), &record), FAULT);
	assert_null(record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static const struct kv_key *
family(void)
{
	return kv_key(rq->mem, KV_FAMILY, "pool", "id", NULL);
}

static void
store_family(const char *scope, int64_t expires)
{
	const char *text = arena_printf(rq->mem, "{\"Scope\":\"%s\"}", scope);

	set(&(struct kv_op){ KV_OP_PUT, family(), text, strlen(text), expires });
}

static const char *
scope_read(void)
{
	const struct record *record = get(family());

	return record == NULL ? NULL : json_text(record->doc, "Scope");
}

static void
the_store_is_asked_again_as_soon_as_anything_was_written(void **state)
{
	(void)state;
	nread = 0;
	store_family("a", 0);
	state_of_store = 1;
	assert_string_equal(scope_read(), "a");
	assert_string_equal(scope_read(), "a");
	assert_int_equal(nread, 1);
	store_family("b", 0);
	state_of_store = 2;
	assert_string_equal(scope_read(), "b");
	assert_int_equal(nread, 2);
	nstored = 0;
	state_of_store = 3;
	assert_null(scope_read());
	assert_null(scope_read());	/* what is not there is not kept */
	assert_int_equal(nread, 4);
}

static void
a_state_that_is_not_known_keeps_nothing_from_being_read(void **state)
{
	(void)state;
	nread = 0;
	state_of_store = 0;
	store_family("a", 0);
	assert_string_equal(scope_read(), "a");
	store_family("c", 0);
	assert_string_equal(scope_read(), "c");
	assert_int_equal(nread, 2);
}

static void
what_is_kept_expires_all_the_same(void **state)
{
	(void)state;
	rq->now = 1000;
	state_of_store = 9;
	store_family("a", 1500);
	assert_string_equal(scope_read(), "a");
	nread = 0;
	rq->now = 1499;
	assert_string_equal(scope_read(), "a");
	assert_int_equal(nread, 0);
	rq->now = 1500;
	(void)scope_read();
	assert_int_equal(nread, 1);
}

static void
a_change_of_what_was_kept_expects_it_as_it_was_read(void **state)
{
	const struct record *record;

	(void)state;
	state_of_store = 11;
	store_family("a", 0);
	(void)get(family());
	record = get(family());
	record_take(rq, record);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(nstored, 0);
	record_take(rq, record);
	assert_int_equal(kv_apply(rq), KV_BROKEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_document_is_read_as_it_was_written),
		TEST(creating_expects_absence),
		TEST(changing_expects_what_was_read),
		TEST(of_two_who_take_a_record_one_wins),
		TEST(a_scan_gives_records),
		TEST(a_kind_without_a_document_takes_none_and_needs_none),
		TEST(a_document_without_its_shape_is_our_own_fault),
		TEST(a_stored_text_that_is_no_document_is_a_fault),
		TEST(the_store_is_asked_again_as_soon_as_anything_was_written),
		TEST(a_state_that_is_not_known_keeps_nothing_from_being_read),
		TEST(what_is_kept_expires_all_the_same),
		TEST(a_change_of_what_was_kept_expects_it_as_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
