"""The decision to send: policies, frequency caps, advertising's rules, reasons."""
