# common/account
libtarn_a_SOURCES += \
	common/account/attribute.c \
	common/account/attribute.h \
	common/account/current.c \
	common/account/current.h \
	common/account/enrol.c \
	common/account/enrol.h \
	common/account/lock.c \
	common/account/lock.h \
	common/account/mfa.c \
	common/account/mfa.h \
	common/account/notice.c \
	common/account/notice.h \
	common/account/otp.c \
	common/account/otp.h \
	common/account/policy.c \
	common/account/policy.h \
	common/account/recover.c \
	common/account/recover.h \
	common/account/refusals.c \
	common/account/refusals.h \
	common/account/signin.c \
	common/account/signin.h \
	common/account/subject.c \
	common/account/subject.h \
	common/account/totp.c \
	common/account/totp.h
