# commands, never reachable from the web; each is one file, and one line here
