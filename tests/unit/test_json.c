/* test_json - JSON text and values (RFC 8259) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"

static struct arena *mem;

static int
begin(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&mem);
	return 0;
}

static struct json *
parsed(const char *s)
{
	struct json *value;
	const char *error;

	if (!json_parse(mem, s, strlen(s), &value, &error))
		fail_msg("%s: %s", s, error);
	return value;
}

static void
what_is_parsed_prints_as_it_was(void **state)
{
	static const char *const cases[] = { "null", "true", "false", "0", "-1",
		"9223372036854775807",
		"1.50", "-1.5E+3", "\"\"", "\"a/b\"", "[]", "{}", "[1,[2,[3]],{}]",
		"{\"b\":1,\"a\":{\"c\":null},\"\":[true]}", "\"\xc3\xa9\xf0\x9f\x98\x80\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_string_equal(json_print(mem, parsed(cases[i])), cases[i]);
		assert_string_equal(json_print(mem, json_copy(mem, parsed(cases[i]))), cases[i]);
	}
	assert_string_equal(json_print(mem, parsed(" [ 1 ,\r\n\t{ \"a\" : 2 } ] ")),
	    "[1,{\"a\":2}]");
	assert_string_equal(json_as_text(parsed("\"\\u00e9\\ud83d\\ude00\\/\\n\"")),
	    "\xc3\xa9\xf0\x9f\x98\x80/\n");
}

static void
what_is_not_json_is_not_taken(void **state)
{
	static const char *const cases[] = {
		"", " ", "nul", "nulll", "True", "01", "1.", ".5", "-", "+1", "1e", "0x1", "NaN",
		"Infinity", "-Infinity", "1 2", "[", "]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1}",
		"{\"a\":1,}", "{\"a\"}", "{\"a\" 1}", "{\"a\"::1}", "{a:1}", "{'a':1}",
		"{\"a\":1 \"b\":2}", "{1:2}", "{} {}", "[]x", "[1]/* */", "// x\n1", "\"a",
		"\"a\nb\"", "\"\t\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\", "'a'",
		"[true false]", "\v1", "\f[]", "\xef\xbb\xbf{}", "\"\xff\"", "\"\xed\xa0\x80\"",
		"\"\xc0\xaf\""
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct json *value;
		const char *error;

		if (json_parse(mem, cases[i], strlen(cases[i]), &value, &error))
			fail_msg("taken: %s", cases[i]);
		assert_null(value);
		assert_non_null(error);
	}
}

static void
a_member_twice_is_refused_wherever_it_is(void **state)
{
	static const char *const cases[] = { "{\"a\":1,\"a\":1}",
		"[{\"b\":{\"a\":1,\"c\":2,\"a\":3}}]",
		"{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}", "{\"a\":null,\"a\":null}" };
	struct json *value;
	const char *error;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_false(json_parse(mem, cases[i], strlen(cases[i]), &value, &error));
		assert_string_equal(error, "a member twice");
	}
	(void)parsed("{\"a\":{\"a\":\"a:a\"},\"b\":[{\"a\":1},{\"a\":2}]}");
}

static void
a_nul_is_refused_in_either_spelling(void **state)
{
	struct json *value;
	const char *error;

	(void)state;
	assert_false(json_parse(mem, "\"a\0b\"", 5, &value, &error));
	assert_false(json_parse(mem, "\"\\u0000\"", 8, &value, &error));
	assert_false(json_parse(mem, "1\0", 2, &value, &error));
}

static void
thirty_two_levels_are_deep_enough(void **state)
{
	struct json *value;
	const char *error;
	char s[128];

	(void)state;
	for (size_t depth = 31; depth <= 33; depth++) {
		memset(s, '[', depth);
		memset(s + depth, ']', depth);
		assert_int_equal(json_parse(mem, s, 2 * depth, &value, &error), depth <= 32);
	}
	memset(s, '[', 100);
	assert_false(json_parse(mem, s, 100, &value, &error));
}

static void
no_error_repeats_the_input(void **state)
{
	struct json *value;
	const char *error;

	(void)state;
	assert_false(json_parse(mem, "{\"p\":\"hunter2\"", 14, &value, &error));
	assert_null(strstr(error, "hunter2"));
}

static void
slashes_are_escaped_where_the_contract_wants_it(void **state)
{
	(void)state;
	assert_string_equal(json_print_slashes(mem, parsed("{\"a/b\":\"c/d\"}")),
	    "{\"a\\/b\":\"c\\/d\"}");
}

static void
pretty_text_is_indented_by_four(void **state)
{
	(void)state;
	assert_string_equal(json_pretty(mem,
	    parsed("{\"a\":[1,{\"b\":\"  [\"}],\"c\":{},\"d\":[]}")),
	    "{\n    \"a\": [\n        1,\n        {\n            \"b\": \"  [\"\n        }\n"
	    "    ],\n    \"c\": {},\n    \"d\": []\n}");
	assert_string_equal(json_pretty(mem, parsed("[]")), "[]");
	assert_string_equal(json_pretty(mem, parsed("1")), "1");
}

static void
reals_print_with_the_fewest_digits(void **state)
{
	static const struct {
		double x;
		const char *s;
	} cases[] = {
		{ 1715100742.022, "1715100742.022" }, { 0.1, "0.1" }, { 3, "3" },
		{ -2.5, "-2.5" },
		{ 1.0 / 3, "0.3333333333333333" }, { 1e300, "1e+300" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(json_print(mem, json_new_real(mem, cases[i].x)), cases[i].s);
}

static void
members_are_set_replaced_and_dropped(void **state)
{
	struct json *o = json_object(mem);
	const char *old;

	(void)state;
	json_set_text(o, "a", "one");
	json_set_int(o, "b", 2);
	json_set_bool(o, "c", true);
	json_set_real(o, "d", 0.5);
	json_set_text(o, "none", NULL);
	json_set(o, "none", NULL);
	old = json_text(o, "a");
	json_set_text(o, "a", "another");
	assert_string_equal(old, "one");	/* as long as the arena */
	assert_string_equal(json_print(mem, o), "{\"a\":\"another\",\"b\":2,\"c\":true,\"d\":0.5}");
	old = json_text(o, "a");
	json_drop(o, "a");
	json_drop(o, "a");
	assert_string_equal(old, "another");
	assert_false(json_has(o, "a"));
	assert_int_equal(json_count(o), 3);
}

static void
a_shared_value_outlives_the_arena_it_came_from(void **state)
{
	struct arena *other = arena_new();
	struct json *o = json_object(mem), *inner = json_object(other);

	(void)state;
	json_set_text(inner, "k", "v");
	json_set(o, "inner", inner);
	json_set(o, "text", json_new_text(other, "t"));
	arena_free(&other);
	assert_string_equal(json_print(mem, o), "{\"inner\":{\"k\":\"v\"},\"text\":\"t\"}");
}

static void
a_copy_changes_alone(void **state)
{
	struct json *a = parsed("{\"x\":{\"y\":[1,null,\"s\"]},\"n\":1.50}");
	struct json *b = json_copy(mem, a);

	(void)state;
	assert_true(json_equal(a, b));
	json_set_int(b, "n", 2);
	assert_false(json_equal(a, b));
	assert_string_equal(json_print(mem, a), "{\"x\":{\"y\":[1,null,\"s\"]},\"n\":1.50}");
	assert_null(json_copy(mem, NULL));
}

static void
equality_ignores_the_order_of_members_alone(void **state)
{
	(void)state;
	assert_true(json_equal(parsed("{\"a\":1,\"b\":2}"), parsed("{\"b\":2,\"a\":1}")));
	assert_false(json_equal(parsed("[1,2]"), parsed("[2,1]")));
	assert_false(json_equal(parsed("1"), parsed("\"1\"")));
	assert_false(json_equal(parsed("{}"), parsed("[]")));
	assert_false(json_equal(parsed("{\"a\":1}"), parsed("{\"a\":1,\"b\":2}")));
	assert_true(json_equal(NULL, NULL));
	assert_false(json_equal(NULL, parsed("{}")));
}

static void
the_first_object_with_a_text_is_found(void **state)
{
	struct json *list = parsed("[1,{\"t\":\"x\"},{\"t\":\"y\",\"i\":1},"
	    "{\"t\":\"y\",\"i\":2}]");

	(void)state;
	assert_int_equal(json_int(json_find(list, "t", "y"), "i", 0), 1);
	assert_null(json_find(list, "t", "z"));
}

static void
readers_take_missing_and_wrong_for_absent(void **state)
{
	struct json *o = parsed("{\"t\":\"x\",\"i\":5,\"r\":2.75,\"b\":true,\"n\":null,"
	    "\"l\":[\"a\",1,\"b\"]}");

	(void)state;
	assert_string_equal(json_text(o, "t"), "x");
	assert_null(json_text(o, "i"));
	assert_null(json_text(json_get(o, "no"), "t"));
	assert_null(json_text(json_get(o, "t"), "t"));
	assert_int_equal(json_int(o, "i", 9), 5);
	assert_int_equal(json_int(o, "r", 9), 2);
	assert_int_equal(json_int(o, "t", 9), 9);
	assert_int_equal(json_int(NULL, "i", 9), 9);
	assert_true(json_flag(o, "b", false));
	assert_true(json_flag(o, "t", true));
	assert_false(json_flag(o, "no", false));
	assert_true(json_has(o, "t"));
	assert_false(json_has(o, "n"));
	assert_int_equal(json_words(mem, o, "l").n, 2);
	assert_null(json_find(json_get(o, "l"), "t", "a"));
	assert_null(json_find(NULL, "t", "a"));
	assert_string_equal(json_words(mem, o, "l").at[1], "b");
	assert_null(json_words(mem, o, "l").at[2]);
	assert_int_equal(json_words(mem, o, "t").n, 0);
	assert_non_null(json_words(mem, NULL, "l").at);
	assert_int_equal(json_as_int(json_get(o, "t")), 0);
	assert_false(json_as_bool(json_get(o, "i")));
	assert_int_equal(json_type(NULL), JSON_NULL);
	assert_null(json_at(json_get(o, "l"), 3));
	assert_null(json_at(o, 0));
	assert_int_equal(json_count(json_get(o, "t")), 0);
}

static void
members_are_visited_in_order(void **state)
{
	struct buf *b = buf_new(mem, 100);
	struct json *o = parsed("{\"z\":1,\"a\":null,\"m\":[]}");

	(void)state;
	for (struct json_member m = json_first(o); m.name != NULL; m = json_next(m))
		buf_printf(b, "%s%d ", m.name, (int)json_type(m.value));
	assert_string_equal(b->s, "z2 a0 m5 ");
	assert_null(json_first(NULL).name);
	assert_null(json_first(parsed("[]")).name);
	assert_null(json_first(parsed("{}")).name);
}

static void
lists_hold_what_is_added(void **state)
{
	struct words list = words_split(mem, "a b", ' ');
	struct json *array = json_new_words(mem, list);

	(void)state;
	json_add_text(array, "c");
	json_add(array, json_new_int(mem, 4));
	json_add(array, json_new_bool(mem, false));
	json_add(array, NULL);
	assert_string_equal(json_print(mem, array), "[\"a\",\"b\",\"c\",4,false]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_parsed_prints_as_it_was),
		cmocka_unit_test(what_is_not_json_is_not_taken),
		cmocka_unit_test(a_member_twice_is_refused_wherever_it_is),
		cmocka_unit_test(a_nul_is_refused_in_either_spelling),
		cmocka_unit_test(thirty_two_levels_are_deep_enough),
		cmocka_unit_test(no_error_repeats_the_input),
		cmocka_unit_test(slashes_are_escaped_where_the_contract_wants_it),
		cmocka_unit_test(pretty_text_is_indented_by_four),
		cmocka_unit_test(reals_print_with_the_fewest_digits),
		cmocka_unit_test(members_are_set_replaced_and_dropped),
		cmocka_unit_test(a_shared_value_outlives_the_arena_it_came_from),
		cmocka_unit_test(a_copy_changes_alone),
		cmocka_unit_test(equality_ignores_the_order_of_members_alone),
		cmocka_unit_test(the_first_object_with_a_text_is_found),
		cmocka_unit_test(readers_take_missing_and_wrong_for_absent),
		cmocka_unit_test(members_are_visited_in_order),
		cmocka_unit_test(lists_hold_what_is_added),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
