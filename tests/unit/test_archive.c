/* test_archive - what is written as an archive is read again; what is not whole is refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/conf.h"
#include "sbin/archive.h"
#include "sbin/portable.h"

static const struct conf settings = { .argon2_kibibytes = 8192, .argon2_passes = 1 };
const struct conf *const conf = &settings;

static struct rq *rq;

static int
begin(void **state)
{
	(void)state;
	rq = rq_begin("test_archive");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

/* An archive of n records, each as long as that. */
static FILE *
written(const char *passphrase, int n, size_t length)
{
	struct json *record = json_object(rq->mem);
	char *text = arena_alloc(rq->mem, length + 1);
	struct archive *archive;
	FILE *file = tmpfile();
	int i;

	memset(text, 'x', length);
	json_set_text(record, "Text", text);
	assert_non_null(file);
	assert_int_equal(archive_begin(rq, file, passphrase, true, 2, &archive), 0);
	for (i = 0; i < n; i++) {
		json_set_int(record, "I", i);
		assert_int_equal(archive_put(rq, archive, rq->mem, record), 0);
	}
	assert_int_equal(archive_end(rq, archive), 0);
	return file;
}

/* How many records it has; what was refused is in rq. */
static int
read_again(FILE *file, const char *passphrase, size_t *n_r)
{
	struct archive_head head;
	struct archive *archive;
	const struct json *record;
	int r;

	*n_r = 0;
	if ((r = archive_open(rq, file, passphrase, &head, &archive)) != 0)
		return r;
	do {
		if ((r = archive_next(rq, archive, rq->mem, &record)) != 0)
			return r;
		if (record != NULL)
			*n_r += json_int(record, "I", -1) == (int64_t)*n_r;
	} while (record != NULL);
	return 0;
}

static void
the_first_line_says_what_it_is(void **state)
{
	FILE *file = written(NULL, 0, 0);
	struct archive_head head;
	struct archive *archive;

	(void)state;
	assert_int_equal(archive_open(rq, file, NULL, &head, &archive), 0);
	assert_int_equal(head.schema, 2);
	assert_true(head.secrets);
	(void)fclose(file);
}

static void
what_is_written_is_read_again(void **state)
{
	static const char *const passphrases[] = { NULL, "open sesame" };
	static const size_t lengths[] = { 0, 10, 5000, 100000 };
	size_t i, j, n;
	FILE *file;

	(void)state;
	for (i = 0; i < 2; i++)
		for (j = 0; j < 4; j++) {
			file = written(passphrases[i], 12, lengths[j]);
			assert_int_equal(read_again(file, passphrases[i], &n), 0);
			assert_int_equal(n, 12);
			(void)fclose(file);
		}
}

/* The bytes of a file, cut at a length or with one of them changed. */
static FILE *
changed(FILE *file, long cut, long at)
{
	FILE *other = tmpfile();
	long i;
	int c;

	rewind(file);
	for (i = 0; (c = getc(file)) != EOF && i < cut; i++)
		(void)putc(i == at ? c ^ 1 : c, other);
	assert_int_equal(fflush(other), 0);
	return other;
}

static void
an_archive_that_is_cut_or_changed_anywhere_is_refused(void **state)
{
	static const char *const passphrases[] = { NULL, "open sesame" };
	FILE *file, *other;
	long at, size;
	size_t i, n;

	(void)state;
	for (i = 0; i < 2; i++) {
		file = written(passphrases[i], 2, 10);
		size = ftell(file);
		/* What is sealed costs half a second a time, so not at every byte. */
		for (at = i == 0 ? 0 : 20; at < size; at += i == 0 ? 1 : 150) {
			other = changed(file, at, -1);
			assert_int_equal(read_again(other, passphrases[i], &n), REFUSED);
			(void)fclose(other);
			other = changed(file, size, at);
			assert_int_not_equal(read_again(other, passphrases[i], &n), 0);
			(void)fclose(other);
		}
		(void)fclose(file);
	}
}

static void
another_passphrase_or_none_opens_nothing(void **state)
{
	FILE *file = written("open sesame", 1, 10);
	size_t n;

	(void)state;
	assert_int_equal(read_again(file, "open barley", &n), REFUSED);
	assert_int_equal(read_again(file, NULL, &n), REFUSED);
	(void)fclose(file);
}

static void
a_line_has_a_longest_length(void **state)
{
	FILE *file = written(NULL, 1, ARCHIVE_LINE);
	size_t n;

	(void)state;
	assert_int_equal(read_again(file, NULL, &n), REFUSED);
	assert_non_null(strstr(refusal_text(rq), "too long"));
	(void)fclose(file);
}

static int
parse(const char *text, struct portable *portable)
{
	const char *error;
	struct json *line;

	assert_true(json_parse(rq->mem, text, strlen(text), &line, &error));
	return portable_read(rq, line, true, portable);
}

static void
a_record_has_a_kind_a_key_of_its_parts_and_its_shape(void **state)
{
	struct portable p;

	(void)state;
	assert_int_equal(parse("{\"Kind\":\"alias\",\"Key\":[\"p_1\",\"email\",\"a@b\"],"
	    "\"Doc\":{\"Username\":\"u\"}}", &p), 0);
	assert_string_equal(kv_part(rq->mem, p.key, 2), "a@b");
	assert_int_equal(parse("{\"Kind\":\"alias\",\"Key\":[\"p_1\",\"email\"],"
	    "\"Doc\":{\"Username\":\"u\"}}", &p), REFUSED);
	assert_int_equal(parse("{\"Kind\":\"alias\",\"Key\":[\"p_1\",\"email\",\"a@b\"],"
	    "\"Doc\":{\"Username\":\"\"}}", &p), REFUSED);
	assert_int_equal(parse("{\"Kind\":\"alias\",\"Key\":[\"p_1\",\"email\",\"a@b\"]}", &p),
	    REFUSED);
	assert_int_equal(parse("{\"Kind\":\"meta\",\"Key\":[],\"Doc\":{}}", &p), REFUSED);
	assert_int_equal(parse("{\"Kind\":\"nobody\",\"Key\":[],\"Doc\":{}}", &p), REFUSED);
}

static const char *
missing(struct portable_set *set, const char *text)
{
	struct portable p;
	const char *what;

	assert_int_equal(parse(text, &p), 0);
	portable_refer(rq, set, p.kind, p.key, p.doc, &what);
	return what;
}

static void
a_record_leads_only_to_those_before_it(void **state)
{
	struct portable_set *set = portable_set_new(rq);

	(void)state;
	assert_string_equal(missing(set, "{\"Kind\":\"alias\",\"Key\":[\"p_1\",\"sub\",\"s\"],"
	    "\"Doc\":{\"Username\":\"u\"}}"), "pool p_1");
	assert_string_equal(missing(set, "{\"Kind\":\"client_pool\",\"Key\":[\"c\"],"
	    "\"Doc\":{\"UserPoolId\":\"p_1\"}}"), "client p_1 c");
	assert_string_equal(missing(set, "{\"Kind\":\"credential\",\"Key\":[\"p_1\",\"s\"],"
	    "\"Doc\":{\"Hash\":\"h\",\"Temporary\":false,\"Set\":1}}"), "pool p_1");
}

static void
the_secrets_of_every_kind_can_be_sealed_again(void **state)
{
	int kind;

	(void)state;
	for (kind = 0; kind < KV_NKINDS; kind++)
		if (!portable_is_known((enum kv_kind)kind))
			fail_msg("%s needs a row in portable.c", kv_kinds[kind].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_line_says_what_it_is, begin, end),
		cmocka_unit_test_setup_teardown(what_is_written_is_read_again, begin, end),
		cmocka_unit_test_setup_teardown(
		    an_archive_that_is_cut_or_changed_anywhere_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(another_passphrase_or_none_opens_nothing, begin,
		    end),
		cmocka_unit_test_setup_teardown(a_line_has_a_longest_length, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_record_has_a_kind_a_key_of_its_parts_and_its_shape, begin, end),
		cmocka_unit_test(the_secrets_of_every_kind_can_be_sealed_again),
		cmocka_unit_test_setup_teardown(a_record_leads_only_to_those_before_it, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
