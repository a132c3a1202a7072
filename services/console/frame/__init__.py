"""What every page stands on: its reader, its words and dates, its files, where one goes from it, how it is written."""
