# Manual pages are extracted: those of programs from their opening comments, that of the settings
# from the sample file.
nodist_man5_MANS = doc/tarn.conf.5
EXTRA_DIST += doc/man.awk doc/conf.awk
CLEANFILES += $(nodist_man5_MANS) $(nodist_man8_MANS)

doc/tarn.conf.5: conf/tarn.conf.sample doc/conf.awk
	$(AM_V_GEN)$(MKDIR_P) doc && \
	    $(AWK) -f $(srcdir)/doc/conf.awk conf/tarn.conf.sample >$@.tmp && mv $@.tmp $@

doc/tarn-%.8: cgi-bin/%.c doc/man.awk common/endpoint/describe.c
	$(AM_V_GEN)$(MKDIR_P) doc && $(AWK) -v page=tarn-$* -f $(srcdir)/doc/man.awk \
	    $< $(srcdir)/common/endpoint/describe.c >$@.tmp && mv $@.tmp $@

doc/tarn-serve.8: sbin/serve.c doc/man.awk
	$(AM_V_GEN)$(MKDIR_P) doc && \
	    $(AWK) -v page=tarn-serve -f $(srcdir)/doc/man.awk $< >$@.tmp && mv $@.tmp $@

doc/%.8: sbin/%.c doc/man.awk
	$(AM_V_GEN)$(MKDIR_P) doc && $(AWK) -v page=$* -f $(srcdir)/doc/man.awk $< >$@.tmp && mv $@.tmp $@
