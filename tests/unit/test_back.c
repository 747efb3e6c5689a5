/* test_back - which address stands for one that a request leaves out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "oidc/back.h"
#include "world.h"

/* Where the answer goes; NULL: to the error page. */
static const char *
leads_to(const char *client)
{
	const struct back_wish wish = { .response_type = "code" };
	const struct back *back;

	world_pool("{}", client);
	if (back_verify(world.rq, world.client, &wish, &back) != 0) {
		assert_null(back);
		assert_null(world.rq->back);
		return NULL;
	}
	assert_ptr_equal(world.rq->back, back);
	return back_uri(back);
}

#define ONE "'CallbackURLs':['https://a.example/cb']"
#define TWO "'CallbackURLs':['https://a.example/cb','https://b.example/cb']"
#define DEFAULT "'DefaultRedirectURI':'https://b.example/cb'"
#define LOCAL "'SupportedIdentityProviders':['COGNITO']"
#define MORE "'SupportedIdentityProviders':['COGNITO','Google']"

static void
with_one_provider_the_only_callback_or_the_default_stands_for_it(void **state)
{
	(void)state;
	assert_string_equal(leads_to("{" LOCAL "," ONE "}"), "https://a.example/cb");
	assert_string_equal(leads_to("{" LOCAL "," TWO "," DEFAULT "}"), "https://b.example/cb");
	assert_null(leads_to("{" LOCAL "," TWO "}"));
	assert_null(leads_to("{" LOCAL "}"));
}

static void
with_several_providers_or_none_nothing_does(void **state)
{
	(void)state;
	assert_null(leads_to("{" MORE "," ONE "}"));
	assert_null(leads_to("{" MORE "," TWO "," DEFAULT "}"));
	assert_null(leads_to("{" ONE "}"));
}

static void
a_default_that_is_no_callback_does_not(void **state)
{
	(void)state;
	assert_null(leads_to("{" LOCAL "," ONE "," DEFAULT "}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_one_provider_the_only_callback_or_the_default_stands_for_it),
		cmocka_unit_test(with_several_providers_or_none_nothing_does),
		cmocka_unit_test(a_default_that_is_no_callback_does_not),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
