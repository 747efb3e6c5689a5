# static files of the web server
nobase_dist_pkgdata_DATA += \
	htdocs/demo/demo.css \
	htdocs/demo/demo.js \
	htdocs/demo/index.html \
	htdocs/form_post.js \
	htdocs/mark.svg \
	htdocs/style.css
