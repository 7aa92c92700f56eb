#!/usr/bin/env python3
"""Sends a mail to three recipients, of whom one does not exist.

    smtp_client.py ADDRESS PORT OWN_PORT [CERTIFICATE KEYS]     with a certificate to trust: after STARTTLS; the secrets go to KEYS
"""

import email.message
import smtplib
import ssl
import sys

address, port, own_port, *rest = sys.argv[1:]

mail = email.message.EmailMessage()
mail["From"] = "Ada <ada@example>"
mail["To"] = "charles@example, nobody@example"
mail["Cc"] = "grace@example"
mail["Subject"] = "Grüße 你好"
mail["Date"] = "Thu, 01 Jan 2026 00:00:00 +0000"
mail.set_content("Dear all,\n\n.this line begins with a dot.\n\nAda\n")
mail.add_attachment("a note\n", filename="note.txt")
mail.set_boundary("=-captures")

with smtplib.SMTP(address, int(port), "client.example", source_address=("", int(own_port))) as server:
    if rest:
        context = ssl.create_default_context(cafile=rest[0])
        context.check_hostname = False
        context.keylog_filename = rest[1]
        server.starttls(context=context)
        server.login("ada", "open sesame")
    server.send_message(mail)
    if not rest:
        server.docmd("WHAT", "is this")
