"""The refresh process: the only one with torch. It trains the encoder anew from the examples log."""
