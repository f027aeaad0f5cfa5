"""Work that is bounded in time and memory: what reads or renders what callers bring, in processes of its own."""
