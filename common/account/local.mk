# common/account
libtarn_a_SOURCES += \
	common/account/attribute.h \
	common/account/current.h \
	common/account/enrol.h \
	common/account/notice.h \
	common/account/policy.h \
	common/account/refusals.h \
	common/account/signin.h
