"""The reference as static HTML, for any web server or none. It needs no application.

The pages are those of the site, in another frame and with relative links.
"""
