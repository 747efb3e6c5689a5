# cmocka; one line for each tests/unit/test_<module>.c
UNIT_TESTS = \
	tests/unit/test_acr \
	tests/unit/test_address \
	tests/unit/test_aead \
	tests/unit/test_arena \
	tests/unit/test_archive \
	tests/unit/test_args \
	tests/unit/test_attribute \
	tests/unit/test_back \
	tests/unit/test_buf \
	tests/unit/test_check \
	tests/unit/test_client \
	tests/unit/test_codec \
	tests/unit/test_conf \
	tests/unit/test_cookie \
	tests/unit/test_current \
	tests/unit/test_digest \
	tests/unit/test_dpop \
	tests/unit/test_enrol \
	tests/unit/test_fcgi \
	tests/unit/test_gate \
	tests/unit/test_grants \
	tests/unit/test_head \
	tests/unit/test_html \
	tests/unit/test_http \
	tests/unit/test_json \
	tests/unit/test_jwt \
	tests/unit/test_key \
	tests/unit/test_keyring \
	tests/unit/test_kv \
	tests/unit/test_lang \
	tests/unit/test_limit \
	tests/unit/test_log \
	tests/unit/test_mail \
	tests/unit/test_mfa \
	tests/unit/test_notice \
	tests/unit/test_op \
	tests/unit/test_param \
	tests/unit/test_password \
	tests/unit/test_pattern \
	tests/unit/test_policy \
	tests/unit/test_random \
	tests/unit/test_record \
	tests/unit/test_schema \
	tests/unit/test_secret \
	tests/unit/test_shape \
	tests/unit/test_signin \
	tests/unit/test_siphash \
	tests/unit/test_subject \
	tests/unit/test_stream \
	tests/unit/test_size \
	tests/unit/test_syntax \
	tests/unit/test_tarnd \
	tests/unit/test_template \
	tests/unit/test_text \
	tests/unit/test_totp \
	tests/unit/test_uri \
	tests/unit/test_user \
	tests/unit/test_watch

# A store, a pool and a time that moves, for tests of rules.
check_LIBRARIES += tests/unit/libworld.a
tests_unit_libworld_a_SOURCES = tests/unit/world.c tests/unit/world.h
LDADD_WORLD = tests/unit/libworld.a $(LDADD)
tests_unit_test_acr_LDADD = $(LDADD_WORLD)
tests_unit_test_attribute_LDADD = $(LDADD_WORLD)
tests_unit_test_back_LDADD = $(LDADD_WORLD)
tests_unit_test_check_LDADD = $(LDADD_WORLD)
tests_unit_test_client_LDADD = $(LDADD_WORLD)
tests_unit_test_current_LDADD = $(LDADD_WORLD)
tests_unit_test_dpop_LDADD = $(LDADD_WORLD)
tests_unit_test_enrol_LDADD = $(LDADD_WORLD)
tests_unit_test_grants_LDADD = $(LDADD_WORLD)
tests_unit_test_keyring_LDADD = $(LDADD_WORLD)
tests_unit_test_mfa_LDADD = $(LDADD_WORLD)
tests_unit_test_notice_LDADD = $(LDADD_WORLD)
tests_unit_test_schema_LDADD = $(LDADD_WORLD)
tests_unit_test_signin_LDADD = $(LDADD_WORLD)
tests_unit_test_subject_LDADD = $(LDADD_WORLD)
tests_unit_test_tarnd_LDADD = $(LDADD_WORLD)
tests_unit_test_user_LDADD = $(LDADD_WORLD)
tests_unit_test_watch_LDADD = $(LDADD_WORLD)
tests_unit_test_archive_SOURCES = \
	tests/unit/test_archive.c sbin/archive.c sbin/portable.c
tests_unit_test_check_SOURCES = tests/unit/test_check.c sbin/check.c

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
