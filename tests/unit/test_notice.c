/* test_notice - messages to people */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/notice.h"
#include "base/buf.h"
#include "base/text.h"
#include "world.h"

static const struct json *
sent(enum notice what, const char *pool, const char *attributes, const char *code)
{
	const struct json *letter;

	world_pool(pool, "{}");
	world_create("al<i>ce", "UNCONFIRMED", "", false, arena_printf(world.rq->mem,
	    "[{'Name':'email','Value':'a@example.org'},"
	    "{'Name':'phone_number','Value':'+15550001234'}%s]", attributes));
	assert_int_equal(notice_send(world.rq, what, world.client, world_user("al<i>ce"),
	    "email", true, code), 0);
	world_step(0);
	letter = world_letter();
	assert_non_null(letter);
	assert_string_equal(json_text(letter, "To"), "a@example.org");
	return letter;
}

static void
has(const struct json *letter, const char *member, const char *words)
{
	const char *text = json_text(letter, member);

	if (text == NULL || strstr(text, words) == NULL)
		fail_msg("%s: \"%s\" is not in \"%s\"", member, words,
		    text != NULL ? text : "(none)");
}

static void
our_own_words_are_used_where_the_pool_has_none(void **state)
{
	const struct json *letter = sent(NOTICE_CODE, "{}", "", "123456");

	(void)state;
	assert_string_equal(json_text(letter, "Subject"), "Your verification code");
	has(letter, "Text", "Your verification code is 123456\n");
	has(letter, "Text", "24 hours");
	assert_null(json_text(letter, "Html"));
}

static void
the_language_is_the_users_own(void **state)
{
	const struct json *letter = sent(NOTICE_CODE, "{}",
	    ",{'Name':'locale','Value':'de-AT'}", "123456");

	(void)state;
	assert_string_equal(json_text(letter, "Subject"), "Ihr Best\xc3\xa4tigungscode");
	has(letter, "Text", "Ihr Best\xc3\xa4tigungscode ist 123456\n");
}

static void
the_words_of_the_pool_come_first(void **state)
{
	static const char old[] = "{'EmailVerificationMessage':'Old {####}',"
	    "'EmailVerificationSubject':'Old one'}";
	static const char new[] = "{'EmailVerificationMessage':'Old {####}',"
	    "'EmailVerificationSubject':'Old one','VerificationMessageTemplate':{"
	    "'EmailMessage':'<b>Hi {username}</b><br>code: {####} &amp; {other}',"
	    "'EmailSubject':'New one'}}";
	const struct json *letter;

	(void)state;
	letter = sent(NOTICE_CODE, old, "", "123456");
	assert_string_equal(json_text(letter, "Subject"), "Old one");
	assert_string_equal(json_text(letter, "Text"), "Old 123456");
	letter = sent(NOTICE_CODE, new, "", "123456");
	assert_string_equal(json_text(letter, "Subject"), "New one");
	assert_string_equal(json_text(letter, "Html"),
	    "<b>Hi al&lt;i&gt;ce</b><br>code: 123456 &amp; {other}");
	assert_string_equal(json_text(letter, "Text"), "Hi al<i>ce\ncode: 123456 & {other}");
}

/* The text message of a user called name. */
static const struct json *
texted(enum notice what, const char *pool, const char *name, int expected)
{
	int r;

	world_pool(pool, "{}");
	world_create(name, "CONFIRMED", "", false,
	    "[{'Name':'phone_number','Value':'+15550001234'}]");
	r = notice_send(world.rq, what, world.client, world_user(name), "phone_number", true,
	    "123456");
	assert_int_equal(r, expected);
	if (r != 0) {
		world_forget();
		return NULL;
	}
	world_step(0);
	return world_letter();
}

static void
a_text_message_is_one_plain_sentence_to_the_number(void **state)
{
	const struct json *letter = texted(NOTICE_CODE, "{}", "al", 0);

	(void)state;
	assert_string_equal(json_text(letter, "To"), "+15550001234");
	assert_string_equal(json_text(letter, "Text"), "Your verification code is 123456");
	assert_null(json_text(letter, "Html"));
	letter = texted(NOTICE_INVITATION, "{}", "al", 0);
	assert_string_equal(json_text(letter, "Text"),
	    "Your username is al and temporary password is 123456");
}

static void
the_words_of_the_pool_for_text_messages_come_first(void **state)
{
	static const struct { enum notice what; const char *pool, *text; } rows[] = {
		{ NOTICE_RESET, "{'SmsVerificationMessage':'Old {####}'}", "Old 123456" },
		{ NOTICE_CODE, "{'SmsVerificationMessage':'Old {####}',"
		    "'VerificationMessageTemplate':{'SmsMessage':'New {####} <{username}>'}}",
		    "New 123456 <a&b>" },
		{ NOTICE_MFA, "{'SmsAuthenticationMessage':'Old {####}'}", "Old 123456" },
		{ NOTICE_MFA, "{'SmsAuthenticationMessage':'Old {####}','SmsMfaConfiguration':"
		    "{'SmsAuthenticationMessage':'New {####}'}}", "New 123456" },
		{ NOTICE_INVITATION, "{'AdminCreateUserConfig':{'InviteMessageTemplate':"
		    "{'SMSMessage':'{username}: {####}'}}}", "a&b: 123456" },
		{ NOTICE_CODE, "{'VerificationMessageTemplate':{"
		    "'DefaultEmailOption':'CONFIRM_WITH_LINK'}}",
		    "Your verification code is 123456" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(json_text(texted(rows[i].what, rows[i].pool, "a&b", 0), "Text"),
		    rows[i].text);
}

static void
a_text_message_has_140_characters_and_no_more(void **state)
{
	static const char full[] = "{'SmsVerificationMessage':'{####}123456{username}'}";
	static const char over[] = "{'SmsVerificationMessage':'{####}1234567{username}'}";
	char name[129];

	(void)state;
	(void)snprintf(name, sizeof(name), "%0128d", 1);
	assert_int_equal(strlen(json_text(texted(NOTICE_CODE, full, name, 0), "Text")), 140);
	(void)texted(NOTICE_CODE, over, name, REFUSED);
}

static const char by_link[] = "{'VerificationMessageTemplate':{"
    "'DefaultEmailOption':'CONFIRM_WITH_LINK'";

static void
domain(void)
{
	struct json *doc = world_json("{'Domain':'auth.example.org','Custom':true,'Created':1}");

	json_set_text(doc, "UserPoolId", world.rq->pool->id);
	assert_int_equal(domain_create(world.rq, "auth.example.org", doc), 0);
	world_step(0);
}

static const struct json *
sent_by_link(const char *more)
{
	const struct domain *old;

	world_pool(arena_printf(world.rq->mem, "%s%s}}", by_link, more), "{}");
	assert_int_equal(domain_get(world.rq, "auth.example.org", &old), 0);
	if (old != NULL)
		domain_drop(world.rq, old);
	world_step(0);
	domain();
	world_create("al ice", "UNCONFIRMED", "", false,
	    "[{'Name':'email','Value':'a@example.org'}]");
	assert_int_equal(notice_send(world.rq, NOTICE_CODE, world.client, world_user("al ice"),
	    "email", true, "123456"), 0);
	world_step(0);
	return world_letter();
}

#define LINK "https://auth.example.org/confirmUser?client_id=client&user_name=al+ice" \
	"&confirmation_code=123456"

static void
a_link_leads_to_the_domain_of_the_pool(void **state)
{
	const struct json *letter;

	(void)state;
	letter = sent_by_link("");
	assert_string_equal(json_text(letter, "Subject"), "Your verification link");
	has(letter, "Text", "\n" LINK "\n");
	letter = sent_by_link(",'EmailMessageByLink':'<p>Please {##Click Here##}!</p>',"
	    "'EmailSubjectByLink':'Link'");
	assert_string_equal(json_text(letter, "Subject"), "Link");
	has(letter, "Html", "<p>Please <a href=\"https://auth.example.org/confirmUser?client_id="
	    "client&amp;user_name=al+ice&amp;confirmation_code=123456\">Click Here</a>!</p>");
	has(letter, "Text", "Please " LINK "!");
	letter = sent_by_link(",'EmailMessageByLink':'<a href=#>Us</a> {##Go##} <a "
	    "href=#>Them</a>'");
	assert_string_equal(json_text(letter, "Text"), "Us " LINK " Them");
}

static void
the_longest_message_of_a_pool_is_sent_whole(void **state)
{
	struct arena *mem = arena_new();
	struct buf *longest = buf_new(mem, 128 * 1024);
	const struct json *letter;
	int i;

	(void)state;
	buf_text(longest, "{'EmailVerificationMessage':'{####}");
	for (i = 6; i < 20000; i++)
		buf_text(longest, "\xf0\x9f\x8f\x94");		/* a mountain */
	buf_text(longest, "'}");
	letter = sent(NOTICE_CODE, longest->s, "", "123456");
	arena_free(&mem);
	assert_int_equal(strlen(json_text(letter, "Text")), 6 + 4 * (20000 - 6));
	assert_int_equal(strlen(json_text(letter, "Html")), 6 + 4 * (20000 - 6));
}

static void
without_a_domain_the_code_itself_is_sent(void **state)
{
	const struct json *letter = sent(NOTICE_CODE,
	    "{'VerificationMessageTemplate':{'DefaultEmailOption':'CONFIRM_WITH_LINK'}}", "",
	    "123456");

	(void)state;
	has(letter, "Text", "123456");
}

static void
an_invitation_names_the_user_and_the_password(void **state)
{
	const struct json *letter;

	(void)state;
	letter = sent(NOTICE_INVITATION, "{}", "", "Pa<ss");
	assert_string_equal(json_text(letter, "Subject"), "Your temporary password");
	has(letter, "Text", "Your username is al<i>ce\n");
	has(letter, "Text", "temporary password is Pa<ss\n");
	letter = sent(NOTICE_INVITATION, "{'AdminCreateUserConfig':{'InviteMessageTemplate':{"
	    "'EmailMessage':'{username}: {####}','EmailSubject':'Welcome'}}}", "", "Pa<ss");
	assert_string_equal(json_text(letter, "Subject"), "Welcome");
	assert_string_equal(json_text(letter, "Html"), "al&lt;i&gt;ce: Pa&lt;ss");
	assert_string_equal(json_text(letter, "Text"), "al<i>ce: Pa<ss");
}

static void
an_invitation_names_the_address_where_people_sign_in_with_it(void **state)
{
	const struct json *letter = sent(NOTICE_INVITATION, "{'UsernameAttributes':['email']}",
	    "", "pass");

	(void)state;
	has(letter, "Text", "Your username is a@example.org\n");
}

static void
destinations_are_masked(void **state)
{
	static const struct { const char *attribute, *value, *mask; } cases[] = {
		{ "email", "john@example.org", "j***@e***" },
		{ "email", "a@b", "a***@b***" },
		{ "email", "\xc3\xa4lex@example.org", "\xc3\xa4***@e***" },
		{ "phone_number", "+12125551234", "+*******1234" },
		{ "phone_number", "+123", "+*******" },
		{ "email", "broken", "***" },
		{ "email", "@", "***@***" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(notice_mask(world.rq->mem, cases[i].attribute, cases[i].value),
		    cases[i].mask);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_words_are_used_where_the_pool_has_none),
		cmocka_unit_test(the_language_is_the_users_own),
		cmocka_unit_test(the_words_of_the_pool_come_first),
		cmocka_unit_test(a_text_message_is_one_plain_sentence_to_the_number),
		cmocka_unit_test(the_words_of_the_pool_for_text_messages_come_first),
		cmocka_unit_test(a_text_message_has_140_characters_and_no_more),
		cmocka_unit_test(a_link_leads_to_the_domain_of_the_pool),
		cmocka_unit_test(the_longest_message_of_a_pool_is_sent_whole),
		cmocka_unit_test(without_a_domain_the_code_itself_is_sent),
		cmocka_unit_test(an_invitation_names_the_user_and_the_password),
		cmocka_unit_test(an_invitation_names_the_address_where_people_sign_in_with_it),
		cmocka_unit_test(destinations_are_masked),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
