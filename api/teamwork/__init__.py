"""People on one journey: comments, leave to publish, who is here."""
