/* test_stream - a stream of chunks opens in its order, under its passphrase, and only whole */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/conf.h"
#include "crypto/stream.h"

static const struct conf settings = { .argon2_kibibytes = 8192, .argon2_passes = 1 };
const struct conf *const conf = &settings;

static const unsigned char salt[STREAM_SALT] = "a salt of 16 by";
static const struct stream_cost cheap = { 8, 1 };
static struct rq *rq;
static unsigned char sealed[3][8 + STREAM_MORE];

static int
begin(void **state)
{
	struct stream *stream;
	int i;

	(void)state;
	rq = rq_begin("test_stream");
	if (stream_begin(rq, "open", salt, cheap, "head", &stream) != 0)
		return -1;
	for (i = 0; i < 3; i++)
		if (stream_seal(rq, stream, "12345678", 8, i == 2, sealed[i]) != 0)
			return -1;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

static struct stream *
reader(const char *passphrase, const char *head)
{
	struct stream *stream;

	assert_int_equal(stream_begin(rq, passphrase, salt, cheap, head, &stream), 0);
	return stream;
}

static void
what_was_sealed_opens_and_says_which_chunk_is_the_last(void **state)
{
	struct stream *stream = reader("open", "head");
	unsigned char out[8];
	bool last;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(stream_open(stream, sealed[i], sizeof(sealed[i]), out, &last), 0);
		assert_memory_equal(out, "12345678", 8);
		assert_int_equal(last, i == 2);
	}
}

static void
a_chunk_that_is_left_out_or_moved_or_changed_does_not_open(void **state)
{
	unsigned char out[8], other[sizeof(sealed[0])];
	struct stream *stream = reader("open", "head");
	bool last;

	(void)state;
	assert_int_equal(stream_open(stream, sealed[1], sizeof(sealed[1]), out, &last), REFUSED);
	memcpy(other, sealed[0], sizeof(other));
	other[3] ^= 1;
	assert_int_equal(stream_open(stream, other, sizeof(other), out, &last), REFUSED);
	assert_int_equal(stream_open(stream, sealed[0], STREAM_MORE - 1, out, &last), REFUSED);
	assert_int_equal(stream_open(stream, sealed[0], sizeof(sealed[0]), out, &last), 0);
	assert_int_equal(stream_open(stream, sealed[0], sizeof(sealed[0]), out, &last), REFUSED);
	assert_int_equal(stream_open(stream, sealed[2], sizeof(sealed[2]), out, &last), REFUSED);
}

static void
another_passphrase_or_another_head_opens_nothing(void **state)
{
	unsigned char out[8];
	bool last;

	(void)state;
	assert_int_equal(stream_open(reader("shut", "head"), sealed[0], sizeof(sealed[0]), out,
	    &last), REFUSED);
	assert_int_equal(stream_open(reader("open", "tail"), sealed[0], sizeof(sealed[0]), out,
	    &last), REFUSED);
}

static void
a_file_does_not_choose_how_much_memory_it_costs(void **state)
{
	struct stream_cost cost = { 64 << 20, 1 };
	struct stream *stream;

	(void)state;
	assert_int_equal(stream_begin(rq, "open", salt, cost, "", &stream), REFUSED);
	cost = (struct stream_cost){ 8, 1000 };
	assert_int_equal(stream_begin(rq, "open", salt, cost, "", &stream), REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_opens_and_says_which_chunk_is_the_last),
		cmocka_unit_test(a_chunk_that_is_left_out_or_moved_or_changed_does_not_open),
		cmocka_unit_test(another_passphrase_or_another_head_opens_nothing),
		cmocka_unit_test(a_file_does_not_choose_how_much_memory_it_costs),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
