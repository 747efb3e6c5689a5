/* test_tarnd - mail on its way out: tries, pauses, senders that die; the clock and the relay are
 * this file's */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>
#include <unistd.h>

int tarnd_main(int argc, char **argv);
#define main tarnd_main
#include "../../sbin/tarnd.c"
#undef main
#include "base/random.h"
#include "world.h"

/*
 * The clock: time of day as the test says, steady time as it is.
 */

static int64_t now = INT64_C(1800000000000);

int64_t
clock_now(void)
{
	return now;
}

int64_t
clock_steady(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const char *
clock_http(struct arena *mem, int64_t ms)
{
	return arena_printf(mem, "%lld", (long long)ms);
}

const char *
clock_iso(struct arena *mem, int64_t ms)
{
	return arena_printf(mem, "%lld", (long long)ms);
}

/*
 * Settings are the world's; what main would read is not looked at.
 */

const char *
conf_path(void)
{
	return "";
}

bool
conf_read(const char *path, const char **error_r)
{
	*error_r = path;
	return false;
}

/*
 * The relay: what it gets it writes into a pipe, and the addressee says what becomes of it.
 */

static int got[2];

int
mail_send(struct rq *rq, const struct mail *mail, const char **why_r)
{
	const char *line = arena_printf(rq->mem, "%s %s\n", mail->id, mail->to);

	*why_r = "because";
	if (write(got[1], line, strlen(line)) == -1)
		return FAULT;
	if (text_starts(mail->to, "crash"))
		(void)raise(SIGKILL);
	if (text_starts(mail->to, "slow"))
		(void)sleep(60);
	return text_starts(mail->to, "busy") ? REFUSED : text_starts(mail->to, "never") ? FAULT : 0;
}

int
sms_send(struct rq *rq, const struct sms *sms, const char **why_r)
{
	const char *line = arena_printf(rq->mem, "%s %s\n", sms->to, sms->text);

	*why_r = "because";
	if (write(got[1], line, strlen(line)) == -1)
		return FAULT;
	return text_ends(sms->to, "1") ? REFUSED : text_ends(sms->to, "2") ? FAULT : 0;
}

/*
 * A relying party: what a call is sealed with here is its address, and says what it answers.
 */

int
farewell_call(struct rq *rq, const struct letter *call, const char **url_r, const char **form_r)
{
	(void)rq;
	*url_r = text_equal(call->sealed, "gone") ? NULL : call->sealed;
	*form_r = "logout_token=t";
	return text_equal(call->sealed, "fault") ? FAULT : 0;
}

int
http_post(struct rq *rq, const char *url, const char *form, long *status_r, const char **why_r)
{
	const char *line = arena_printf(rq->mem, "%s %s\n", url, form);

	*why_r = "because";
	*status_r = 0;
	if (write(got[1], line, strlen(line)) == -1 || text_equal(url, "away"))
		return REFUSED;
	if (text_equal(url, "slow"))
		(void)sleep(60);
	(void)text_number(url, status_r);
	return 0;
}

/* What the relay got since the last time, "" for nothing. */
static const char *
relay_got(void)
{
	static char text[4096];
	ssize_t n = read(got[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int
begin(void **state)
{
	if (pipe(got) == -1 || fcntl(got[0], F_SETFL, O_NONBLOCK) == -1)
		return -1;
	signals_take();
	return world_begin(state);
}

static const char *
post(const char *to)
{
	const char *sealed, *id = random_uuid(world.rq->mem);
	const char *text = arena_printf(world.rq->mem,
	    "{\"To\":\"%s\",\"Subject\":\"s\",\"Text\":\"t\"}",
	    to);

	assert_int_equal(aead_seal(world.rq, "outbox", text, strlen(text), &sealed), 0);
	world.rq->now = now;
	assert_int_equal(outbox_put(world.rq, id, sealed), 0);
	assert_int_equal(kv_apply(world.rq), 0);
	return id;
}

/* As many turns as it takes until nobody is under way. */
static void
deliver(void)
{
	int lock = dup(got[0]);

	do {
		lines_turn(lock);
		wait_a_tick();
	} while (flights_look() > 0);
	(void)close(lock);
}

static size_t
waiting(void)
{
	const struct letter *const *letters;
	struct rq *rq = rq_begin("test");
	size_t n;

	rq->now = INT64_MAX / 2;
	assert_int_equal(outbox_due(rq, 100, &letters, &n), 0);
	rq_end(&rq);
	return n;
}

static void
a_letter_is_delivered_once_and_leaves_the_outbox(void **state)
{
	const char *id = post("a@example.org");

	(void)state;
	deliver();
	assert_string_equal(relay_got(), arena_printf(world.rq->mem, "%s a@example.org\n", id));
	assert_int_equal(waiting(), 0);
	deliver();
	assert_string_equal(relay_got(), "");
}

static void
what_is_for_a_number_goes_to_the_gateway_with_tries_like_mail(void **state)
{
	(void)state;
	(void)post("+15550000000");
	(void)post("+15550000002");
	(void)post("+15550000001");
	deliver();
	assert_non_null(strstr(relay_got(), "+15550000000 t\n"));
	assert_int_equal(waiting(), 1);
	now += 30 * 1000;
	deliver();
	assert_string_equal(relay_got(), "+15550000001 t\n");
	now += GIVE_UP;
	deliver();
	assert_int_equal(waiting(), 0);
	(void)relay_got();
}

static void
many_letters_are_all_delivered(void **state)
{
	const char *p;
	int i, n = 0;

	(void)state;
	for (i = 0; i < 11; i++)
		(void)post("a@example.org");
	while (waiting() > 0)
		deliver();
	for (p = relay_got(); *p != '\0'; p++)
		n += *p == '\n';
	assert_int_equal(n, 11);
}

static void
pauses_between_tries_grow_and_the_letter_keeps_its_name(void **state)
{
	static const int64_t seconds[] = { 30, 120, 600, 3600, 3600, 3600 };
	const char *id = post("busy@example.org");
	size_t i;

	(void)state;
	deliver();
	assert_true(text_starts(relay_got(), id));
	for (i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		now += seconds[i] * 1000 - 1;
		deliver();
		assert_string_equal(relay_got(), "");
		now += 1;
		deliver();
		assert_true(text_starts(relay_got(), id));
	}
	assert_int_equal(waiting(), 1);
	now += GIVE_UP;			/* one last try */
	deliver();
	assert_true(text_starts(relay_got(), id));
	assert_int_equal(waiting(), 0);
}

static void
what_the_relay_never_takes_is_given_up_at_once(void **state)
{
	(void)state;
	(void)post("never@example.org");
	deliver();
	assert_string_not_equal(relay_got(), "");
	assert_int_equal(waiting(), 0);
}

static void
a_sender_that_dies_costs_a_try_and_no_letter(void **state)
{
	(void)state;
	(void)post("crash@example.org");
	deliver();
	assert_int_equal(waiting(), 1);
	(void)relay_got();
	now += GIVE_UP + 1;
	deliver();
	assert_int_equal(waiting(), 0);
	(void)relay_got();
}

static void
a_letter_that_nobody_can_read_waits_for_its_key(void **state)
{
	(void)state;
	world.rq->now = now;
	assert_int_equal(outbox_put(world.rq, random_uuid(world.rq->mem), "lost.AAAA"), 0);
	assert_int_equal(kv_apply(world.rq), 0);
	deliver();
	assert_string_equal(relay_got(), "");
	assert_int_equal(waiting(), 1);
	now += GIVE_UP + 1;
	deliver();
	assert_int_equal(waiting(), 0);
}

static void
a_slow_relay_holds_up_nobody_else(void **state)
{
	pid_t slow = 0;
	int i;

	(void)state;
	(void)post("slow@example.org");
	lines_turn(-1);
	for (i = 0; i < FLIGHTS; i++)
		slow = flights[i].pid != 0 ? flights[i].pid : slow;
	assert_true(slow > 0);
	(void)post("quick@example.org");
	for (i = 0; i < 25 && waiting() > 1; i++) {
		lines_turn(-1);
		wait_a_tick();
	}
	assert_int_equal(waiting(), 1);
	assert_non_null(strstr(relay_got(), "quick@"));
	assert_int_equal(kill(slow, SIGKILL), 0);
	deliver();
	assert_int_equal(waiting(), 1);		/* the slow one, for later */
}

static void
call(const char *url)
{
	world.rq->now = now;
	assert_int_equal(outbox_put_call(world.rq, random_uuid(world.rq->mem), url), 0);
	assert_int_equal(kv_apply(world.rq), 0);
}

static size_t
calls_waiting(void)
{
	const struct letter *const *letters;
	struct rq *rq = rq_begin("test");
	size_t n;

	rq->now = INT64_MAX / 2;
	assert_int_equal(outbox_due_calls(rq, 100, &letters, &n), 0);
	rq_end(&rq);
	return n;
}

static void
a_call_is_made_again_unless_its_answer_is_final(void **state)
{
	static const struct { const char *url; bool again; } cases[] = {
		{ "200", false }, { "204", false }, { "400", false }, { "404", false },
		{ "gone", false }, { "302", true }, { "408", true }, { "429", true },
		{ "500", true }, { "503", true }, { "away", true }, { "fault", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		call(cases[i].url);
		deliver();
		(void)relay_got();
		if (calls_waiting() != cases[i].again)
			fail_msg("%s", cases[i].url);
		deliver();
		assert_string_equal(relay_got(), "");	/* not at once */
		now += pauses[0];
		deliver();
		if (cases[i].again && strcmp(cases[i].url, "fault") != 0)
			assert_string_equal(relay_got(),
			    arena_printf(world.rq->mem, "%s logout_token=t\n", cases[i].url));
		now += GIVE_UP + 1;
		deliver();
		(void)relay_got();
		assert_int_equal(calls_waiting(), 0);
	}
}

static void
slow_relying_parties_hold_up_no_letter(void **state)
{
	size_t others = waiting();
	int i;

	(void)state;
	for (i = 0; i < CALLS + 3; i++)
		call("slow");
	lines_turn(-1);
	(void)post("quick@example.org");
	for (i = 0; i < 25 && waiting() > others; i++) {
		lines_turn(-1);
		wait_a_tick();
	}
	assert_int_equal(waiting(), others);
	for (i = MAILS; i < FLIGHTS; i++) {
		assert_true(flights[i].pid > 0);
		assert_int_equal(kill(flights[i].pid, SIGKILL), 0);
	}
	while (flights_look() > 0)
		wait_a_tick();
	assert_int_equal(calls_waiting(), CALLS + 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_is_delivered_once_and_leaves_the_outbox),
		cmocka_unit_test(what_is_for_a_number_goes_to_the_gateway_with_tries_like_mail),
		cmocka_unit_test(many_letters_are_all_delivered),
		cmocka_unit_test(pauses_between_tries_grow_and_the_letter_keeps_its_name),
		cmocka_unit_test(what_the_relay_never_takes_is_given_up_at_once),
		cmocka_unit_test(a_sender_that_dies_costs_a_try_and_no_letter),
		cmocka_unit_test(a_letter_that_nobody_can_read_waits_for_its_key),
		cmocka_unit_test(a_call_is_made_again_unless_its_answer_is_final),
		cmocka_unit_test(a_slow_relay_holds_up_nobody_else),
		cmocka_unit_test(slow_relying_parties_hold_up_no_letter),
	};

	return cmocka_run_group_tests(tests, begin, world_end);
}
