"""The draft of an article's folder: its text as passages, its infobox as statements."""
