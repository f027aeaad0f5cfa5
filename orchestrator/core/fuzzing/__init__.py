"""The fuzzer: made-up customers attack journeys before real ones meet them; what breaks a promise is made small."""
