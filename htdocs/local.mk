# static files of the web server
nobase_dist_pkgdata_DATA += \
	htdocs/mark.svg \
	htdocs/style.css
