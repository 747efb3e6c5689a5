# One target for each parser: tests/fuzz/fuzz_<parser>.c, two lines here, and small files in
# tests/fuzz/corpus/<parser>/. With --enable-fuzz they are libFuzzer programs; otherwise replay.c
# gives them a main that runs files.
FUZZ_TARGETS = \
	tests/fuzz/fuzz_address \
	tests/fuzz/fuzz_aead \
	tests/fuzz/fuzz_archive \
	tests/fuzz/fuzz_args \
	tests/fuzz/fuzz_client_metadata \
	tests/fuzz/fuzz_codec \
	tests/fuzz/fuzz_conf \
	tests/fuzz/fuzz_cookie \
	tests/fuzz/fuzz_dpop \
	tests/fuzz/fuzz_filter \
	tests/fuzz/fuzz_json \
	tests/fuzz/fuzz_jwt \
	tests/fuzz/fuzz_lang \
	tests/fuzz/fuzz_metadata \
	tests/fuzz/fuzz_param \
	tests/fuzz/fuzz_redirect \
	tests/fuzz/fuzz_shape \
	tests/fuzz/fuzz_template \
	tests/fuzz/fuzz_uri

check_LIBRARIES += tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz.h

if FUZZ
LDADD_FUZZ = $(FUZZ_LDFLAGS) $(LDADD)
else
LDADD_FUZZ = tests/fuzz/libreplay.a $(LDADD)
endif
tests_fuzz_fuzz_address_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_aead_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_archive_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_archive_SOURCES = \
	tests/fuzz/fuzz_archive.c sbin/archive.c sbin/portable.c
tests_fuzz_fuzz_args_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_client_metadata_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_codec_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_conf_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_cookie_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_dpop_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_filter_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_json_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_jwt_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_lang_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_metadata_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_param_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_redirect_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_shape_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_template_LDADD = $(LDADD_FUZZ)
tests_fuzz_fuzz_uri_LDADD = $(LDADD_FUZZ)

check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += tests/fuzz/corpus.sh
dist_check_SCRIPTS += tests/fuzz/corpus.sh
EXTRA_DIST += tests/fuzz/corpus
