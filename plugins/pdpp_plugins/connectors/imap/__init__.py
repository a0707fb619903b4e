"""`imap`: collects mail from the mailboxes of an IMAP account."""
