"""The published studies, one file each: the same protocol on the data given, theirs beside ours."""
