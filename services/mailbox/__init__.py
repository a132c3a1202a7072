"""The mailbox of sample people: takes mails for anybody by SMTP, keeps them in a folder, delivers them nowhere."""
