"""What people of a workspace do together: comments, approvals, who is here."""
