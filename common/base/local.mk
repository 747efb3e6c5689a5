# common/base
libtarn_a_SOURCES += \
	common/base/address.c \
	common/base/address.h \
	common/base/arena.c \
	common/base/arena.h \
	common/base/banned.h \
	common/base/buf.c \
	common/base/buf.h \
	common/base/clock.c \
	common/base/clock.h \
	common/base/codec.c \
	common/base/codec.h \
	common/base/conf.c \
	common/base/conf.h \
	common/base/file.c \
	common/base/file.h \
	common/base/json.c \
	common/base/json.h \
	common/base/log.c \
	common/base/log.h \
	common/base/pattern.c \
	common/base/pattern.h \
	common/base/random.c \
	common/base/random.h \
	common/base/rq.c \
	common/base/rq.h \
	common/base/secret.c \
	common/base/secret.h \
	common/base/shape.c \
	common/base/shape.h \
	common/base/siphash.c \
	common/base/siphash.h \
	common/base/syntax.c \
	common/base/syntax.h \
	common/base/text.c \
	common/base/text.h

# The table of data shapes: the Cognito API's, then where Tarn departs from it and its own records.
SHAPES = common/base/shapes.tsv common/base/shapes-tarn.tsv common/base/records.tsv

nodist_libtarn_a_SOURCES += common/base/shapes.c
EXTRA_DIST += common/base/shapes.awk $(SHAPES)
CLEANFILES += common/base/shapes.c

common/base/shapes.c: common/base/shapes.awk $(SHAPES)
	$(AM_V_GEN)$(MKDIR_P) common/base && cd $(srcdir) && \
	    LC_ALL=C $(AWK) -f common/base/shapes.awk $(SHAPES) >$(abs_builddir)/$@.tmp && \
	    mv $(abs_builddir)/$@.tmp $(abs_builddir)/$@
