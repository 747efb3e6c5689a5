/* test_http - which addresses are never called */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/conf.h"
#include "net/http.h"

static void
addresses_of_our_own_network_are_refused_in_every_spelling(void **state)
{
	static const char *const urls[] = {
		"http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://127.1:9/",
		"http://2130706433:9/", "http://0x7f.1:9/", "http://0.0.0.0:9/", "http://[::]:9/",
		"http://[::ffff:127.0.0.1]:9/", "http://10.0.0.1:9/", "http://169.254.169.254/",
		"http://172.31.0.1:9/", "http://192.168.1.1:9/", "http://100.64.0.1:9/",
		"http://[fd00::1]:9/", "http://[fe80::1]:9/", "http://[64:ff9b::7f00:1]:9/",
		"http://[2002:7f00:1::]:9/", "http://224.0.0.1:9/", "https://127.0.0.1:9/",
		"http://[64:ff9b:1::7f00:1]:9/", "http://[2001:0:7f00:1::]:9/",
		"http://[::ffff:0:7f00:1]:9/", "http://[fec0::1]:9/", "http://[3fff::1]:9/",
	};
	struct rq *rq = rq_begin("test");

	(void)state;
	assert_string_equal(conf->http_private, "no");
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		const char *why = "";
		long status = 1;

		assert_int_equal(http_post(rq, urls[i], "a=b", &status, &why), REFUSED);
		if (strstr(why, "private") == NULL)
			fail_msg("%s: %s", urls[i], why);
		assert_int_equal(status, 0);
	}
	rq_end(&rq);
}

static void
other_schemes_are_not_spoken(void **state)
{
	static const char *const urls[] = { "file:///etc/passwd", "ftp://192.0.2.1/",
		"gopher://192.0.2.1/", "dict://192.0.2.1/" };
	struct rq *rq = rq_begin("test");

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		const char *why = "";
		long status;

		assert_int_equal(http_post(rq, urls[i], "a=b", &status, &why), REFUSED);
		assert_non_null(strstr(why, "rotocol"));
	}
	rq_end(&rq);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_our_own_network_are_refused_in_every_spelling),
		cmocka_unit_test(other_schemes_are_not_spoken),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
