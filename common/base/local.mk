# common/base
libtarn_a_SOURCES += \
	common/base/arena.c \
	common/base/arena.h \
	common/base/banned.h \
	common/base/buf.c \
	common/base/buf.h \
	common/base/clock.c \
	common/base/clock.h \
	common/base/codec.c \
	common/base/codec.h \
	common/base/conf.h \
	common/base/json.c \
	common/base/json.h \
	common/base/log.c \
	common/base/log.h \
	common/base/pattern.h \
	common/base/random.c \
	common/base/random.h \
	common/base/rq.c \
	common/base/rq.h \
	common/base/secret.c \
	common/base/secret.h \
	common/base/shape.h \
	common/base/syntax.h \
	common/base/text.c \
	common/base/text.h
