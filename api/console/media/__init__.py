"""The library of pictures in the console."""
