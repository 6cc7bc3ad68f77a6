"""The doors: pages and interfaces over HTTP. Subjects below know nothing of what is here."""
