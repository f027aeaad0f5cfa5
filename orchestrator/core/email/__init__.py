"""E-mail made of blocks: the document, MJML, HTML and plain text."""
