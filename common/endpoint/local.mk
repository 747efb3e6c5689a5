libtarn_a_SOURCES += \
	common/endpoint/answer.c \
	common/endpoint/answer.h \
	common/endpoint/body.c \
	common/endpoint/body.h \
	common/endpoint/call.h \
	common/endpoint/describe.c \
	common/endpoint/describe.h \
	common/endpoint/endpoint.c \
	common/endpoint/endpoint.h \
	common/endpoint/finish.c \
	common/endpoint/finish.h \
	common/endpoint/form.c \
	common/endpoint/form.h \
	common/endpoint/page_state.c \
	common/endpoint/page_state.h \
	common/endpoint/refuse.c \
	common/endpoint/second.c \
	common/endpoint/second.h \
	common/endpoint/serve.c \
	common/endpoint/serve.h \
	common/endpoint/supervise.c \
	common/endpoint/supervise.h
