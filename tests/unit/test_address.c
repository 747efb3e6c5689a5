/* test_address - internet addresses, networks of them, and whom a request comes from */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/address.h"

static struct address
read_one(const char *s)
{
	struct address address;

	assert_true(address_read(s, strlen(s), &address));
	return address;
}

static void
addresses_are_read_as_proxies_write_them(void **state)
{
	static const struct { const char *s, *same; } rows[] = {
		{ "192.0.2.1:8080", "192.0.2.1" }, { "::ffff:192.0.2.1", "192.0.2.1" },
		{ "[2001:db8::1]", "2001:db8::1" }, { "[2001:db8::1]:443", "2001:DB8:0::1" },
	};
	static const char *const none[] = { "", "unknown", "192.0.2", "192.0.2.256", "_hidden",
		"2001:db8::1:::", "a:80", "[", "1234567890123456789012345678901234567890"
		"123456789012345678901234567890" };
	struct address a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		a = read_one(rows[i].s);
		b = read_one(rows[i].same);
		assert_memory_equal(&a, &b, sizeof(a));
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (address_read(none[i], strlen(none[i]), &a))
			fail_msg("\"%s\" was read", none[i]);
}

static void
an_address_is_in_a_network_by_its_first_bits(void **state)
{
	static const struct { const char *address, *networks; bool in; } rows[] = {
		{ "10.1.2.3", "10.0.0.0/8", true }, { "11.1.2.3", "10.0.0.0/8", false },
		{ "10.0.0.127", "10.0.0.0/25", true }, { "10.0.0.128", "10.0.0.0/25", false },
		{ "192.0.2.1", "192.0.2.1", true }, { "192.0.2.2", "192.0.2.1", false },
		{ "2001:db8::5", "fd00::/8 2001:db8::/32", true }, { "::1", "127.0.0.1", false },
		{ "192.0.2.1", "0.0.0.0/0", true }, { "::1", "0.0.0.0/0", false },
		{ "192.0.2.1", "::/0", true }, { "192.0.2.1", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct address a = read_one(rows[i].address);

		if (address_in(&a, rows[i].networks) != rows[i].in)
			fail_msg("%s in %s", rows[i].address, rows[i].networks);
	}
}

static void
a_list_that_is_none_is_not_taken(void **state)
{
	static const char *const wrong[] = { "10.0.0.0/33", "10.0.0.0/", "::/129", "localhost",
		"10.0.0.0/8,11.0.0.0/8", "10.0.0.0/-1", "[::1]", "10.0.0.0/8 x" };

	(void)state;
	assert_true(address_networks(""));
	assert_true(address_networks(" 127.0.0.1  ::1 10.0.0.0/8 "));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (address_networks(wrong[i]))
			fail_msg("\"%s\" was taken", wrong[i]);
}

/* What a client writes into the header itself stands on the left: only what proxies of ours added
 * is followed. */
static void
a_header_counts_only_where_a_trusted_proxy_wrote_it(void **state)
{
	static const struct { const char *remote, *forwarded, *trusted, *source; } rows[] = {
		{ "203.0.113.9", NULL, "", "203.0.113.9" },
		{ "203.0.113.9", "198.51.100.1", "", "203.0.113.9" },
		{ "203.0.113.9", "198.51.100.1", "10.0.0.0/8", "203.0.113.9" },
		{ "10.0.0.1", "198.51.100.1", "10.0.0.0/8", "198.51.100.1" },
		{ "10.0.0.1", "1.1.1.1, 198.51.100.1", "10.0.0.0/8", "198.51.100.1" },
		{ "10.0.0.1", "1.1.1.1, 198.51.100.1 , 10.0.0.2", "10.0.0.0/8", "198.51.100.1" },
		{ "10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.0/8", "10.0.0.3" },
		{ "10.0.0.1", "unknown", "10.0.0.0/8", "10.0.0.1" },
		{ "10.0.0.1", "198.51.100.1, rubbish", "10.0.0.0/8", "10.0.0.1" },
		{ "10.0.0.1", ",,", "10.0.0.0/8", "10.0.0.1" },
		{ "10.0.0.1", "", "10.0.0.0/8", "10.0.0.1" },
		{ "2001:db8:1:2:3:4:5:6", NULL, "", "2001:db8:1:2::" },
		{ "::1", "2001:db8:1:2:9::9", "::1", "2001:db8:1:2::" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct address source, wanted = read_one(rows[i].source);

		assert_true(address_source(rows[i].remote, rows[i].forwarded, rows[i].trusted,
		    &source));
		if (memcmp(&source, &wanted, sizeof(source)) != 0)
			fail_msg("row %zu: not %s", i, rows[i].source);
	}
}

static void
a_request_may_come_without_an_address(void **state)
{
	struct address source;

	(void)state;
	assert_false(address_source(NULL, "192.0.2.1", "::/0", &source));
	assert_false(address_source("unix:", "192.0.2.1", "::/0", &source));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_as_proxies_write_them),
		cmocka_unit_test(an_address_is_in_a_network_by_its_first_bits),
		cmocka_unit_test(a_list_that_is_none_is_not_taken),
		cmocka_unit_test(a_header_counts_only_where_a_trusted_proxy_wrote_it),
		cmocka_unit_test(a_request_may_come_without_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
