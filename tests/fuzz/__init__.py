"""What parses foreign bytes, given bytes that nobody foresaw."""
