# programs the web server starts; each is one file, and one line here
