"""Message templates: drafts, revisions, and what sends use."""
