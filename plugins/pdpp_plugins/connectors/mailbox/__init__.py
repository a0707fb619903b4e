"""`mailbox`: collects mail from mbox files and Maildir folders under a directory."""
