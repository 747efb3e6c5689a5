// form_post - sends the answer to the application at once; without scripts a button does
document.forms[0].submit();
