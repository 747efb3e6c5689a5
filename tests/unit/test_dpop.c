/* test_dpop - proofs: the examples of RFC 9449, and times and nonces that a client cannot move */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "oidc/dpop.h"
#include "world.h"

/* RFC 9449 4.1, figure 2, and 7.1, figure 13; both by the key of 6.1. */
#define HEAD \
	"eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgt" \
	"MzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VO" \
	"SmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
#define AT_TOKEN HEAD \
	".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV" \
	"4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ" \
	".2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT" \
	"3Lg"
#define AT_RESOURCE HEAD \
	".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5" \
	"leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJ" \
	"aM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9" \
	".2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJp" \
	"LjA"
#define ACCESS "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
#define KEY "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
#define THEN 1562262616

/* A request as the examples have it, some seconds after the proof was made. */
static void
at(const char *method, const char *host, const char *path, int64_t seconds)
{
	world_pool("{}", "{}");
	world.rq->now = (THEN + seconds) * 1000;
	world.rq->method = method;
	world.rq->host = host;
	world.rq->path = path;
}

static int
read_at_token(void)
{
	struct proof proof;

	return dpop_read(world.rq, AT_TOKEN, NULL, &proof);
}

static void
the_examples_of_the_rfc_are_good(void **state)
{
	struct proof proof;

	(void)state;
	at("POST", "server.example.com", "/token", 0);
	assert_int_equal(dpop_read(world.rq, AT_TOKEN, NULL, &proof), 0);
	assert_string_equal(proof.key, KEY);
	assert_string_equal(proof.jti, "-BwC3ESc6acc2lTc");
	assert_int_equal(proof.iat, THEN);
	assert_null(proof.nonce);
	at("GET", "resource.example.org", "/protectedresource", 2);
	assert_int_equal(dpop_read(world.rq, AT_RESOURCE, ACCESS, &proof), 0);
	assert_string_equal(proof.key, KEY);
}

static void
they_are_good_for_their_request_alone(void **state)
{
	struct proof proof;

	(void)state;
	at("GET", "server.example.com", "/token", 0);
	assert_int_equal(read_at_token(), REFUSED);
	at("POST", "resource.example.org", "/token", 0);
	assert_int_equal(read_at_token(), REFUSED);
	at("POST", "server.example.com:8443", "/token", 0);
	assert_int_equal(read_at_token(), REFUSED);
	at("POST", "server.example.com", "/toke", 0);
	assert_int_equal(read_at_token(), REFUSED);
	assert_string_equal(world.rq->refusal->code, "invalid_dpop_proof");
	at("GET", "resource.example.org", "/protectedresource", 2);
	assert_int_equal(dpop_read(world.rq, AT_RESOURCE, ACCESS "x", &proof), REFUSED);
	at("POST", "server.example.com", "/token", 0);
	assert_int_equal(dpop_read(world.rq, AT_TOKEN, ACCESS, &proof), REFUSED);
}

static void
a_proof_is_good_for_five_minutes_either_way(void **state)
{
	static const struct { int64_t seconds; int r; } cases[] = {
		{ 0, 0 }, { 300, 0 }, { -300, 0 }, { 301, REFUSED }, { -301, REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		at("POST", "server.example.com", "/token", cases[i].seconds);
		assert_int_equal(read_at_token(), cases[i].r);
	}
}

/* What a client is told to put into its next proof; the proof of the RFC has none. */
static const char *
told(void)
{
	assert_int_equal(dpop_prove(world.rq, AT_TOKEN, NULL), REFUSED);
	assert_string_equal(world.rq->refusal->code, "use_dpop_nonce");
	assert_null(dpop_key(world.rq));
	return world.rq->dpop->nonce;
}

static void
where_the_settings_ask_for_a_nonce_a_proof_without_is_told_one(void **state)
{
	const char *nonce;

	(void)state;
	at("POST", "server.example.com", "/token", 0);
	assert_int_equal(dpop_prove(world.rq, AT_TOKEN, NULL), 0);
	assert_string_equal(dpop_key(world.rq), KEY);
	assert_null(world.rq->dpop->nonce);
	world_nonces(60);
	at("POST", "server.example.com", "/token", 0);
	nonce = told();
	assert_true(text_starts(nonce, "1562262616."));
	assert_int_equal(strlen(nonce), 11 + 43);
	world_nonces(0);
}

static void
a_proof_is_shown_once(void **state)
{
	(void)state;
	at("POST", "server.example.com", "/token", 0);
	assert_int_equal(dpop_prove(world.rq, AT_TOKEN, NULL), 0);
	assert_int_equal(kv_apply(world.rq), 0);
	world.rq->dpop = NULL;
	assert_int_equal(dpop_prove(world.rq, AT_TOKEN, NULL), REFUSED);
	assert_string_equal(world.rq->refusal->code, "invalid_dpop_proof");
	assert_null(dpop_key(world.rq));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_rfc_are_good),
		cmocka_unit_test(they_are_good_for_their_request_alone),
		cmocka_unit_test(a_proof_is_good_for_five_minutes_either_way),
		cmocka_unit_test(where_the_settings_ask_for_a_nonce_a_proof_without_is_told_one),
		cmocka_unit_test(a_proof_is_shown_once),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
