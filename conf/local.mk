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
