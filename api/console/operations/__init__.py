"""What operators look after: trouble, operations on many, pauses, the audit log."""
