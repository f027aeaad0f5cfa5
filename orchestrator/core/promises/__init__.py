"""What a journey promises whatever happens to a customer, looked at from outside of the step function.

Scenarios and the fuzzer hold every playing to it."""
