# The sample settings, with the paths of this build.
nodist_tarnconf_DATA = conf/tarn.conf.sample
EXTRA_DIST += conf/tarn.conf.in
CLEANFILES += conf/tarn.conf.sample

conf/tarn.conf.sample: conf/tarn.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && sed \
	    -e 's|@TARN_CONF@|$(tarnconfdir)/tarn.conf|' \
	    -e 's|@TARN_SYSCONFDIR@|$(tarnconfdir)|' \
	    -e 's|@TARN_DATADIR@|$(pkgdatadir)|' \
	    -e 's|@TARN_STATEDIR@|$(localstatedir)/lib/tarn|' \
	    -e 's|@TARN_RUNDIR@|$(runstatedir)/tarn|' \
	    $(srcdir)/conf/tarn.conf.in >$@.tmp && mv $@.tmp $@

# Configurations of web servers, from what the programs of this build say of themselves; a unit.
webconfdir = $(pkgdatadir)/conf
nodist_webconf_DATA = \
	conf/apache-fcgid.conf \
	conf/apache-proxy.conf \
	conf/lighttpd.conf \
	conf/nginx.conf \
	conf/tarn.service
EXTRA_DIST += \
	conf/apache-fcgid.conf.in \
	conf/apache-proxy.conf.in \
	conf/demo/apache.conf.in \
	conf/demo/lighttpd.conf.in \
	conf/demo/nginx.conf.in \
	conf/lighttpd.conf.in \
	conf/make-conf \
	conf/nginx.conf.in \
	conf/tarn.service.in \
	conf/webserver.awk
CLEANFILES += $(nodist_webconf_DATA)

conf/%.conf: conf/%.conf.in conf/make-conf conf/webserver.awk $(cgibin_PROGRAMS)
	$(AM_V_GEN)$(MKDIR_P) conf && RUN='$(runstatedir)/tarn' HTDOCS='$(pkgdatadir)/htdocs' \
	    PUBLISH='$(localstatedir)/lib/tarn/www' PROGRAMS='$(cgibindir)' \
	    CONF='$(tarnconfdir)/tarn.conf' LOG='$(localstatedir)/log/tarn' ISSUER_PATH= DEMO= \
	    LISTEN=80 SERVER_NAME=auth.example.com AWK='$(AWK)' \
	    $(srcdir)/conf/make-conf $< $(cgibin_PROGRAMS) >$@.tmp && mv $@.tmp $@

conf/tarn.service: conf/tarn.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && sed -e 's|@SBINDIR@|$(sbindir)|' \
	    $(srcdir)/conf/tarn.service.in >$@.tmp && mv $@.tmp $@
