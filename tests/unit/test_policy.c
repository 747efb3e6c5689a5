/* test_policy - what a pool demands of passwords */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/policy.h"
#include "account/refusals.h"
#include "base/rq.h"
#include "base/text.h"

static struct rq *rq;

static int
begin(void **state)
{
	(void)state;
	rq = rq_begin("test_policy");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

static const struct pool strict = {
	.password_least = 8, .upper = true, .lower = true, .digits = true, .symbols = true
};
static const struct pool lax = { .password_least = 6 };

static void
the_first_rule_that_fails_is_told(void **state)
{
	static const struct {
		const struct pool *pool;
		const char *password;
		const struct refusal *refused;		/* NULL: fine */
	} cases[] = {
		{ &strict, "Passw0rd!", NULL },
		{ &strict, "", &password_short },
		{ &strict, "Passw0!", &password_short },
		{ &strict, "passw0rd!", &password_upper },
		{ &strict, "PASSW0RD!", &password_lower },
		{ &strict, "Password!", &password_digits },
		{ &strict, "Passw0rdd", &password_symbols },
		{ &strict, "passwordd", &password_upper }, /* upper before digits and symbols */
		{ &strict, "Pass w0rd", NULL },			/* an inner blank is a symbol */
		{ &strict, "Passw0rd! ", &password_blank },
		{ &strict, " Passw0rd!", &password_blank },
		{ &strict, "\xc3\x84nderung0a", &password_upper },	/* not an ASCII capital */
		{ &strict, "P\xc3\xa4ssw0rd!", NULL },
		{ &lax, "aaaaaa", NULL },
		{ &lax, "aaaaa", &password_short },
		/* characters */
		{ &lax, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", &password_short },
		{ &lax, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", NULL },
		{ &lax, "aaa\taaa", &password_blank },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rq->refusal = NULL;
		assert_int_equal(policy_check(rq, cases[i].pool, cases[i].password),
		    cases[i].refused == NULL ? 0 : REFUSED);
		if (rq->refusal != cases[i].refused)
			fail_msg("case %zu, %s: %s", i, cases[i].password, refusal_text(rq));
	}
}

static void
each_symbol_of_the_contract_counts(void **state)
{
	static const char symbols[] = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-";
	const char *s;

	(void)state;
	assert_int_equal(strlen(symbols), 32);
	for (s = symbols; *s != '\0'; s++)
		assert_int_equal(policy_check(rq, &strict,
		    arena_printf(rq->mem, "Passw0rd%c", *s)), 0);
}

static void
more_than_256_characters_are_refused(void **state)
{
	const char *most = arena_printf(rq->mem, "Aa0!%0252d", 0);

	(void)state;
	assert_int_equal(policy_check(rq, &strict, most), 0);
	assert_int_equal(policy_check(rq, &strict, arena_printf(rq->mem, "%s0", most)), REFUSED);
	assert_ptr_equal(rq->refusal, &invalid_parameter);
}

static void
a_generated_password_satisfies_every_policy(void **state)
{
	struct pool pool = strict;
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		const char *password;

		pool.password_least = 6 + i % 94;
		password = policy_generate(rq, &pool);
		assert_int_equal(policy_check(rq, &pool, password), 0);
		assert_true((int64_t)strlen(password) >= pool.password_least);
		assert_null(strpbrk(password, "<>&\"' 0O1lI"));
	}
	assert_string_not_equal(policy_generate(rq, &lax), policy_generate(rq, &lax));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_rule_that_fails_is_told, begin, end),
		cmocka_unit_test_setup_teardown(each_symbol_of_the_contract_counts, begin, end),
		cmocka_unit_test_setup_teardown(more_than_256_characters_are_refused, begin, end),
		cmocka_unit_test_setup_teardown(a_generated_password_satisfies_every_policy, begin,
		    end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
