# static files of the web server
