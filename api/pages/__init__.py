"""What all pages share: the view, words, forms, static files."""
