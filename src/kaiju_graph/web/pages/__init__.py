"""The pages: the article, things, terms and questions as HTML, for files and for a server."""
