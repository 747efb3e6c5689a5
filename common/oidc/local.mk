# common/oidc
libtarn_a_SOURCES += \
	common/oidc/ask.h \
	common/oidc/back.c \
	common/oidc/back.h \
	common/oidc/bearer.h \
	common/oidc/caller.h \
	common/oidc/claims.h \
	common/oidc/discovery.h \
	common/oidc/issue.h \
	common/oidc/keyring.h \
	common/oidc/refusals.c \
	common/oidc/refusals.h \
	common/oidc/scope.h
