"""What people of a workspace do together: comments, leave to publish, who is here."""
