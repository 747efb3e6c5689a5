# programs the web server starts; each is one file, and one line here
cgibin_PROGRAMS += \
	cgi-bin/authorize \
	cgi-bin/consent \
	cgi-bin/device \
	cgi-bin/error \
	cgi-bin/forgotPassword \
	cgi-bin/introspect \
	cgi-bin/login \
	cgi-bin/logout \
	cgi-bin/mfa \
	cgi-bin/par \
	cgi-bin/register \
	cgi-bin/revoke \
	cgi-bin/signup \
	cgi-bin/token \
	cgi-bin/userinfo
nodist_man8_MANS += \
	doc/tarn-authorize.8 \
	doc/tarn-consent.8 \
	doc/tarn-device.8 \
	doc/tarn-error.8 \
	doc/tarn-forgotPassword.8 \
	doc/tarn-introspect.8 \
	doc/tarn-login.8 \
	doc/tarn-logout.8 \
	doc/tarn-mfa.8 \
	doc/tarn-par.8 \
	doc/tarn-register.8 \
	doc/tarn-revoke.8 \
	doc/tarn-signup.8 \
	doc/tarn-token.8 \
	doc/tarn-userinfo.8
