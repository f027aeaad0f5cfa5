"""People on one journey: comments, approvals, who is here."""
