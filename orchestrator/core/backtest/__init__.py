"""Back-tests: customers' real events of the last days walked through a draft and the live version, with intervals."""
