# pages, mails and their languages; installed with their folders
