# pages, mails and their languages; installed with their folders
nobase_dist_pkgdata_DATA += \
	templates/change_password.html \
	templates/check_mail.html \
	templates/confirm.html \
	templates/confirm_fields.html \
	templates/confirmed.html \
	templates/consent.html \
	templates/device.html \
	templates/device_answered.html \
	templates/device_question.html \
	templates/error.html \
	templates/fields.html \
	templates/foot.html \
	templates/forgot_password.html \
	templates/form_post.html \
	templates/head.html \
	templates/lang/de.json \
	templates/lang/en.json \
	templates/login.html \
	templates/mail-code.txt \
	templates/mail-invitation.txt \
	templates/mail-link.txt \
	templates/mail-mfa.txt \
	templates/mail-reset.txt \
	templates/mfa.html \
	templates/mfa_choose.html \
	templates/mfa_setup.html \
	templates/password_rules.html \
	templates/problem.html \
	templates/reset_password.html \
	templates/sign_out.html \
	templates/signed_out.html \
	templates/signup.html \
	templates/token.html \
	templates/username_label.html
