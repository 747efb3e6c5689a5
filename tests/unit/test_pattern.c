/* test_pattern - Java's regular expressions, as the shape table has them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/pattern.h"
#include "base/shape.h"

static void
the_whole_text_must_match(void **state)
{
	static const struct {
		const char *pattern, *s;
		bool matches;
	} cases[] = {
		{ "[\\w+]+", "abc_+9", true },
		{ "[\\w+]+", "abc-", false },
		{ "[\\w+]+", "", false },
		{ "[\\w+]+", "abc\n", false },		/* not even a last line break */
		{ "[\\w+]+", "\xc3\xa9", false },	/* \w is ASCII in Java */
		{ "[\\w\\s+=,.@-]+", "My pool, 1 @home", true },
		{ "[\\w\\s+=,.@-]+", "a/b", false },
		{ "[\\w\\s+=,.@-]+", "a\xc2\xa0" "b", false },	/* and so is \s */
		{ "[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+", "J\xc3\xb6rg\xe2\x82\xac" "5!", true },
		{ "[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+", "a b", false },
		{ "[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+", "\xf0\x9f\x98\x80", true },
		{ "[\\S]+", "a\xc2\xa0" "b", true },
		{ "[\\S]+", "a b", false },
		{ "[A-Za-z0-9-_=.]+", "aB.c-d_e=", true },
		{ "^[a-z]+$", "abc", true },
		{ "^[a-z]+$", "abc\n", false },
		{ "^(terms-of-use|privacy-policy)$", "privacy-policy", true },
		{ "^(terms-of-use|privacy-policy)$", "privacy-policy2", false },
		{ "a|ab", "ab", true },			/* the longer way is tried too */
		{ ".*\\{####\\}.*", "code {####}.", true },
		{ ".*\\{####\\}.*", "code {###}.", false },
		{ ".*\\{####\\}.*", "a\n{####}", false },	/* a dot stops at line breaks */
		{ "(?s).*", "a\nb", true },
		{ "^[0-9A-Za-z\\.\\-_]*(?<!\\.)$", "a.b", true },
		{ "^[0-9A-Za-z\\.\\-_]*(?<!\\.)$", "a.b.", false },
		{ "[^_\\p{Z}][\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}][^_\\p{Z}]+", "SAML1", true },
		{ "[^_\\p{Z}][\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}][^_\\p{Z}]+", "_aml", false },
		{ "[\\x21\\x23-\\x5B\\x5D-\\x7E]+", "https://x/y", true },
		{ "[\\x21\\x23-\\x5B\\x5D-\\x7E]+", "a\\b", false },
	};

	(void)state;
	for (int round = 0; round < 2; round++)		/* the second from the cache */
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
			if (pattern_matches(cases[i].pattern, cases[i].s) != cases[i].matches)
				fail_msg("%s on \"%s\"", cases[i].pattern, cases[i].s);
}

/* A pattern that does not compile ends the process. */
static void
every_pattern_of_the_table_compiles(void **state)
{
	int n = 0;

	(void)state;
	for (int i = 0; i < shape_table_n; i++)
		for (int j = 0; j < shape_table[i].n; j++) {
			const struct shape_member *m = &shape_table[i].members[j];

			if (m->pattern != NULL)
				n += pattern_matches(m->pattern, "x") + 1;
			if (m->key_pattern != NULL)
				n += pattern_matches(m->key_pattern, "x") + 1;
		}
	assert_true(n > 400);
}

static void
work_is_bounded(void **state)
{
	char s[20001];
	int64_t start = clock_steady();

	(void)state;
	memset(s, 'a', sizeof(s) - 1);
	s[sizeof(s) - 1] = '\0';
	assert_false(pattern_matches("(a+)+b", s));
	assert_false(pattern_matches("([a-z]|[a-y])+!", s));
	assert_true(pattern_matches("[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*", s));
	assert_true(clock_steady() - start < 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_text_must_match),
		cmocka_unit_test(every_pattern_of_the_table_compiles),
		cmocka_unit_test(work_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
