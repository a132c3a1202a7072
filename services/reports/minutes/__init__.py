"""The minutes of a committee review (ISO/IEC 17021-1, 9.5), made of its record alone."""
